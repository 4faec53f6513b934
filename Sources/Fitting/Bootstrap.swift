internal import Autograd
internal import Glibc
internal import Ranks

/// Fits of rows drawn with replacement (Efron 1979), from the estimates of all rows.
struct Bootstrap {
  let run: FitRun
  let fit: Fit
  let count: Int
  let seed: UInt64

  /// The estimates of each draw, in order; nil for draws without a minimum.
  ///
  /// Each process of a team makes some of them.
  func draws() -> [[Double]?] {
    guard let team = run.team else { return draws(0..<count) }
    let (rank, ranks) = (team.ranks.rank, team.ranks.count)
    let own = draws(count * rank / ranks..<count * (rank + 1) / ranks)
    let none = fit.estimates.map { _ in Double.nan }
    let all = team.gather(own.flatMap { $0 ?? none }).flatMap(\.self)
    return (0..<count).map { number in
      let draw = Array(all[number * none.count..<(number + 1) * none.count])
      return draw.contains(where: \.isNaN) ? nil : draw
    }
  }

  private func draws(_ numbers: Range<Int>) -> [[Double]?] {
    let results = Found<[Double]>(count: numbers.count)
    let workers = Workers(min(run.settings.threads, numbers.count))
    guard let (rows, range) = run.observations.inMemory else { return numbers.map { _ in nil } }
    let own = rows.taking(Array(range))
    let (fitter, fit, seed) = (run.fitter, fit, seed)
    var settings = run.settings
    settings.threads = 1
    workers.run(numbers.count) { [settings] _, index in
      let random = RandomNumbers(seed: seed, for: .split)
      let rowCount = own.response.count
      var counts = [Double](repeating: 0, count: rowCount)
      for row in 0..<rowCount {
        let bits = random.bits(at: row, series: numbers.lowerBound + index)
        counts[Int(bits.multipliedFullWidth(by: UInt64(rowCount)).high)] += 1
      }
      for row in counts.indices { counts[row] = (counts[row] * own.weight(row)).squareRoot() }
      let drawn = Rows(own.shared, response: own.response, rootWeights: counts)
      let run = FitRun(fitter, .memory(drawn, 0..<rowCount), settings)
      let minimizer = run.minimizer()
      guard var state = minimizer.state(at: fit.estimates) else { return }
      minimizer.descend(&state, mostSteps: settings.mostIterations)
      minimizer.polish(&state)
      if state.isMinimum { results[index] = state.parameters }
    }
    return numbers.indices.map { results[$0 - numbers.lowerBound] }
  }

  /// The covariance of two parameters, or the variance of one, over two draws or more.
  static func covariance(of draws: [[Double]], _ first: Int, _ second: Int) -> Double {
    func mean(_ parameter: Int) -> Double {
      draws.reduce(0) { $0 + $1[parameter] } / Double(draws.count)
    }
    let (firstMean, secondMean) = (mean(first), mean(second))
    let sum = draws.reduce(0) { $0 + ($1[first] - firstMean) * ($1[second] - secondMean) }
    return sum / Double(draws.count - 1)
  }

  /// Between which limits a share `level` of the values lies (quantiles by Hyndman and Fan's rule 7).
  static func limits(of values: [Double], level: Double) -> (lower: Double, upper: Double) {
    let values = values.sorted()
    let count = Double(values.count)
    func quantile(_ part: Double) -> Double {
      let place = part * (count - 1)
      let below = Int(place.rounded(.down))
      let above = min(below + 1, values.count - 1)
      return values[below] + (place - Double(below)) * (values[above] - values[below])
    }
    return (quantile((1 - level) / 2), quantile((1 + level) / 2))
  }
}
