/// The search for start values: many points looked at, with the linear parameters solved, and searches from the best.
struct StartSearch {
  let minimizer: Minimizer
  let sampler: Sampler
  /// Values that were given, by parameter; fixed ones among them.
  let given: [Int: Double]
  let parameterCount: Int

  /// A search among values that are not given, on rows of a run or copies of some.
  init(_ run: FitRun, _ rows: Rows, _ range: Range<Int>, given: [Int: Double]) {
    let bounds = run.settings.bounds
    let unbounded = run.free.filter { bounds[$0] == nil && given[$0] == nil }
    minimizer = Minimizer(
      Evaluator(.memory(rows, range), loss: .leastSquares, engines: run.engines), free: run.free,
      linear: run.programs.linearParameters(among: unbounded), bounds: bounds)
    sampler = Sampler(
      run.fitter.dimensions, rows, range, searched: minimizer.searched, bounds: bounds)
    self.given = given
    parameterCount = run.parameterCount
  }

  /// The minima found, lowest first.
  func minima() -> [Minimizer.State] {
    let candidates = candidates()
    var found: [Minimizer.State] = []
    var agreeing = 0
    for (number, candidate) in candidates.prefix(Self.mostSearches).enumerated() {
      guard var state = minimizer.state(at: candidate.parameters) else { continue }
      minimizer.descend(&state, mostSteps: 60, tolerance: 1e-4)
      if let best = found.first, state.objective < best.objective * (1 - 1e-4) {
        agreeing = 0
      } else if let best = found.first, state.objective <= best.objective * (1 + 1e-4) {
        agreeing += 1
      }
      found.append(state)
      found.sort { $0.objective < $1.objective }
      if minimizer.isAtRounding(found[0]) { break }
      if number >= 5, agreeing >= 2 { break }
    }
    return found
  }

  private static var mostSearches: Int { 40 }

  /// Points, the one with the lowest objective first.
  private func candidates() -> [(parameters: [Double], objective: Double)] {
    let searched = sampler.searched
    let count =
      [0, 120, 400, 1000, 1800][min(4, searched.count)] + max(0, searched.count - 4) * 400
    var found: [(parameters: [Double], objective: Double)] = []
    func look(at parameters: [Double]) {
      guard let solved = minimizer.solved(parameters), solved.objective.isFinite else { return }
      found.append(solved)
    }
    look(at: point(searched.map { _ in 0 }))
    look(at: point(searched.map { _ in 1 }))
    for index in 0..<count { look(at: point(sampler.values(at: index))) }
    found.sort { $0.objective < $1.objective }
    scanFrequencies(&found)
    return distinct(found)
  }

  /// A point of values for the searched parameters, and those given.
  private func point(_ values: [Double]) -> [Double] {
    var point = [Double](repeating: 0, count: parameterCount)
    for (parameter, value) in zip(sampler.searched, values) { point[parameter] = value }
    for (parameter, value) in given { point[parameter] = value }
    return point
  }

  /// The first points that would be looked at.
  func points(count: Int) -> [[Double]] { (0..<count).map { point(sampler.values(at: $0)) } }

  /// Looks at all frequencies of the sines, one after the other, the other parameters being those of the best points.
  private func scanFrequencies(_ found: inout [(parameters: [Double], objective: Double)]) {
    let phases = sampler.phases.filter { given[$0] == nil }
    let frequencies = sampler.searched.filter { given[$0] == nil }
      .map { (parameter: $0, values: sampler.frequencies(of: $0)) }.filter { !$0.values.isEmpty }
    guard !frequencies.isEmpty else { return }
    for base in found.prefix(3) {
      var best = base
      for _ in 0..<(frequencies.count > 1 ? 2 : 1) {
        for (parameter, values) in frequencies {
          for value in values {
            for shift in phases.isEmpty ? [0] : [0, Double.pi / 2] {
              var point = best.parameters
              point[parameter] = value
              for phase in phases { point[phase] = shift }
              guard let solved = minimizer.solved(point), solved.objective.isFinite else {
                continue
              }
              found.append(solved)
              if solved.objective < best.objective { best = solved }
            }
          }
        }
      }
    }
    found.sort { $0.objective < $1.objective }
  }

  /// Those that lie apart from all better ones, so that searches do not begin in one place.
  private func distinct(
    _ found: [(parameters: [Double], objective: Double)]
  ) -> [(parameters: [Double], objective: Double)] {
    var chosen: [(parameters: [Double], objective: Double)] = []
    for candidate in found {
      let isNear = chosen.contains { other in
        sampler.searched.allSatisfy {
          let (x, y) = (candidate.parameters[$0], other.parameters[$0])
          return (x - y).magnitude <= 0.2 * max(x.magnitude, y.magnitude)
        }
      }
      if !isNear { chosen.append(candidate) }
      if chosen.count == Self.mostSearches { break }
    }
    return chosen
  }
}
