internal import Glibc
internal import Models

/// One fit: start values, the search, and what its end means.
struct FitRun {
  let fitter: Fitter
  let range: Range<Int>
  let settings: FitSettings
  var programs: Programs { fitter.programs }
  /// The parameters that are not fixed.
  private let free: [Int]
  private let evaluator: Evaluator
  /// The rows of weight 0 do not count.
  let observations: Int

  init(_ fitter: Fitter, _ range: Range<Int>, _ settings: FitSettings) {
    self.fitter = fitter
    self.range = range
    self.settings = settings
    free = fitter.names.indices.filter { settings.fixed[$0] == nil }
    evaluator = Evaluator(
      fitter.rows, range, loss: settings.loss, programs: fitter.programs, threads: settings.threads)
    observations = range.count { fitter.rows.weight($0) > 0 }
  }

  private var parameterCount: Int { fitter.names.count }

  /// The search with the loss asked for; linear parameters are solved for where the loss allows it.
  private var minimizer: Minimizer {
    let unbounded = free.filter { settings.bounds[$0] == nil }
    return Minimizer(
      evaluator, free: free,
      linear: settings.loss.isLeastSquares ? programs.linearParameters(among: unbounded) : [],
      bounds: settings.bounds)
  }

  func fit() -> Fit {
    let minimizer = minimizer
    let ends = ends(minimizer)
    guard let best = ends.first else {
      var fit = notFinite()
      let points = [0.0, 1, -1, 0.5, 2, 0.01].map { value in
        (0..<parameterCount).map { settings.fixed[$0] ?? value }
      }
      let given = (0..<parameterCount).map { settings.initial[$0] ?? settings.fixed[$0] ?? 1 }
      fit.failingRow = evaluator.rowNeverFinite(at: points + [given])
      return fit
    }
    var state = best.state
    finish(&state, minimizer)
    return result(state, minimizer, start: best.start, others: ends.dropFirst().map(\.state))
  }

  /// Goes on from a point near a minimum until nothing more can be gained.
  private func finish(_ state: inout Minimizer.State, _ minimizer: Minimizer) {
    for round in 0..<4 {
      minimizer.polish(&state)
      if state.isMinimum || state.iterations >= settings.mostIterations { return }
      let before = state.objective
      minimizer.descend(
        &state, mostSteps: settings.mostIterations - state.iterations, tolerance: 1e-9)
      if round > 0, state.objective >= before { return }
    }
  }

  /// Where the searches have come to, lowest first, and from where.
  private func ends(_ minimizer: Minimizer) -> [(state: Minimizer.State, start: [Double])] {
    var ends: [(state: Minimizer.State, start: [Double])] = []
    func descend(from start: [Double]) {
      guard var state = firstState(minimizer, from: start) else { return }
      minimizer.descend(&state, mostSteps: settings.mostIterations)
      ends.append((state, start))
    }
    var given = settings.fixed
    for (parameter, value) in settings.initial { given[parameter] = value }
    let isAllGiven = minimizer.searched.allSatisfy { given[$0] != nil }
    if isAllGiven {
      descend(from: (0..<parameterCount).map { given[$0] ?? 0 })
      if minimizer.searched.isEmpty { return ends }
    }
    for minimum in searchStarts(given: isAllGiven ? settings.fixed : given) {
      descend(from: minimum)
    }
    // Of two that end as deep, the first: that of the values that were given.
    return ends.enumerated().sorted { first, second in
      let (x, y) = (first.element.state.objective, second.element.state.objective)
      let isTie = (x - y).magnitude <= 1e-9 * max(x, y)
      return isTie ? first.offset < second.offset : x < y
    }.map(\.element)
  }

  /// The state at a start, or where it is not finite, at one nearer to 0: rates and scores overflow far from it.
  private func firstState(_ minimizer: Minimizer, from start: [Double]) -> Minimizer.State? {
    if let state = minimizer.state(at: start) { return state }
    guard !settings.loss.isLeastSquares else { return nil }
    for halving in 1...12 {
      let nearer = start.indices.map { index in
        settings.fixed[index]
          ?? (halving == 12
            ? 0 : start[index] * Double(sign: .plus, exponent: -halving, significand: 1))
      }
      if let state = minimizer.state(at: nearer) { return state }
    }
    return nil
  }

  /// Points near minima of the sum of squares of some of the rows.
  private func searchStarts(given: [Int: Double]) -> [[Double]] {
    var rows = fitter.rows
    var range = range
    if range.count > Self.mostSearchedRows || !settings.loss.isLeastSquares {
      let step = max(1, Double(range.count) / Double(Self.mostSearchedRows))
      var taken = (0..<min(range.count, Self.mostSearchedRows)).map {
        range.lowerBound + Int(Double($0) * step)
      }
      taken[taken.count - 1] = range.upperBound - 1
      rows = fitter.rows.taking(taken, response: settings.loss.linearised)
      range = 0..<taken.count
    }
    let evaluator = Evaluator(rows, range, loss: .leastSquares, programs: programs)
    let unbounded = free.filter { settings.bounds[$0] == nil }
    let linear = programs.linearParameters(among: unbounded.filter { given[$0] == nil })
    let minimizer = Minimizer(evaluator, free: free, linear: linear, bounds: settings.bounds)
    let sampler = Sampler(
      fitter.dimensions, range.count == rows.response.count ? rows : rows.taking(Array(range)),
      searched: minimizer.searched, bounds: settings.bounds)
    let search = StartSearch(
      minimizer: minimizer, sampler: sampler, given: given, parameterCount: parameterCount)
    // Minima of one depth are one.
    var starts: [[Double]] = []
    var depth = -Double.infinity
    for minimum in search.minima() where minimum.objective > depth * (1 + 1e-6) || starts.isEmpty {
      starts.append(minimum.parameters)
      depth = minimum.objective
      if starts.count == 3 { break }
    }
    return starts
  }

  private static var mostSearchedRows: Int { 512 }

  func notFinite() -> Fit {
    let none = [Double](repeating: .nan, count: parameterCount)
    return Fit(
      verdict: .notFinite, failingRow: nil, estimates: none, standardErrors: none, lower: none,
      upper: none,
      covariance: none.map { _ in none }, observations: observations, degreesOfFreedom: 0, rank: 0,
      residualSumOfSquares: .nan, residualStandardError: .nan, r2: .nan, adjustedR2: .nan,
      logLikelihood: .nan, aic: .nan, bic: .nan, conditionNumber: .nan, cost: .nan, deviance: .nan,
      nullDeviance: .nan, atBound: [], heldParameters: Set(settings.fixed.keys),
      notIdentifiable: [], iterations: 0, history: [],
      start: none,
      notes: ["the formula is not finite in some row, whatever start values are tried"],
      quantile: .nan)
  }
}
