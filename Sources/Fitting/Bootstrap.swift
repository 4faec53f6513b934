internal import Autograd
internal import Glibc

/// Fits of rows drawn with replacement (Efron 1979), from the estimates of all rows.
struct Bootstrap {
  let run: FitRun
  let fit: Fit
  let count: Int
  let seed: UInt64

  /// The estimates of each draw, in order; nil for draws without a minimum.
  func draws() -> [[Double]?] {
    let results = Found<[Double]>(count: count)
    let workers = Workers(min(run.settings.threads, count))
    guard let (rows, range) = run.observations.inMemory else { return [] }
    let own = rows.taking(Array(range))
    let (fitter, fit, seed) = (run.fitter, fit, seed)
    var settings = run.settings
    settings.threads = 1
    workers.run(count) { [settings] _, number in
      let random = RandomNumbers(seed: seed, for: .split)
      let rowCount = own.response.count
      var counts = [Double](repeating: 0, count: rowCount)
      for index in 0..<rowCount {
        let bits = random.bits(at: index, series: number)
        counts[Int(bits.multipliedFullWidth(by: UInt64(rowCount)).high)] += 1
      }
      for row in counts.indices { counts[row] = (counts[row] * own.weight(row)).squareRoot() }
      let drawn = Rows(own.shared, response: own.response, rootWeights: counts)
      let run = FitRun(fitter, .memory(drawn, 0..<rowCount), settings)
      let minimizer = run.minimizer()
      guard var state = minimizer.state(at: fit.estimates) else { return }
      minimizer.descend(&state, mostSteps: settings.mostIterations)
      minimizer.polish(&state)
      if state.isMinimum { results[number] = state.parameters }
    }
    return (0..<count).map { results[$0] }
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
