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

  /// The search with the loss asked for.
  private var minimizer: Minimizer { minimizer(evaluator, without: nil) }

  /// The search with one more parameter held.
  func minimizer(without parameter: Int) -> Minimizer { minimizer(evaluator, without: parameter) }

  /// The search on other rows of the same number.
  func minimizer(on rows: Rows) -> Minimizer {
    minimizer(
      Evaluator(rows, range, loss: settings.loss, programs: programs), without: nil)
  }

  /// Linear parameters are solved for where the loss allows it.
  private func minimizer(_ evaluator: Evaluator, without parameter: Int?) -> Minimizer {
    let free = free.filter { $0 != parameter }
    let unbounded = free.filter { settings.bounds[$0] == nil }
    return Minimizer(
      evaluator, free: free,
      linear: settings.loss.isLeastSquares ? programs.linearParameters(among: unbounded) : [],
      bounds: settings.bounds)
  }

  func fit() -> Fit {
    let minimizer = minimizer
    let ends = ends(minimizer)
    guard let best = ends.first else { return withoutStart() }
    var state = best.state
    finish(&state, minimizer)
    var fit = result(state, minimizer, start: best.start)
    noteOtherMinima(&fit, state, minimizer, ends.dropFirst().map(\.state))
    guard fit.verdict == .converged else { return fit }
    switch settings.intervals {
    case .standard: break
    case .profile: setProfile(&fit, state, minimizer, start: best.start)
    case .bootstrap(let count, let seed): setBootstrap(&fit, count: count, seed: seed)
    }
    return fit
  }

  /// Limits by profiles; a lower point that they come by is where the fit ends then.
  private func setProfile(
    _ fit: inout Fit, _ end: Minimizer.State, _ minimizer: Minimizer, start: [Double]
  ) {
    var state = end
    for _ in 0..<3 {
      var profile = Profile(of: self, fit, least: state.point.objective)
      for parameter in fit.estimates.indices {
        (fit.lower[parameter], fit.upper[parameter]) = profile.limits(of: parameter)
        if profile.lower != nil { break }
      }
      guard let lower = profile.lower, var next = minimizer.state(at: lower) else { return }
      finish(&next, minimizer)
      if next.point.objective >= state.point.objective { return }
      state = next
      fit = result(state, minimizer, start: start)
      if fit.verdict != .converged { return }
    }
  }

  private func setBootstrap(_ fit: inout Fit, count: Int, seed: UInt64) {
    let bootstrap = Bootstrap(run: self, fit: fit, count: count, seed: seed)
    let draws = bootstrap.draws().compactMap(\.self)
    if draws.count < count {
      fit.notes.append(
        "\(count - draws.count) of \(count) draws have no minimum and are left out")
    }
    guard draws.count > 1 else { return }
    for parameter in fit.estimates.indices where !fit.standardErrors[parameter].isNaN {
      (fit.standardErrors[parameter], fit.lower[parameter], fit.upper[parameter]) =
        Bootstrap.summary(of: draws, parameter: parameter, level: settings.level)
    }
  }

  /// Says where another minimum is nearly as deep.
  private func noteOtherMinima(
    _ fit: inout Fit, _ state: Minimizer.State, _ minimizer: Minimizer, _ others: [Minimizer.State]
  ) {
    guard fit.verdict == .converged else { return }
    let least = state.point.objective
    for other in others where other.objective <= 1.1 * least {
      var other = other
      finish(&other, minimizer)
      let rise = other.point.objective / least - 1
      guard other.isMinimum, rise > 1e-6, rise <= 0.05 else { continue }
      let place = zip(fitter.names, other.parameters).map { "\($0)=\(brief($1))" }
      fit.notes.append(
        "another minimum is nearly as deep, \(brief(100 * rise)) % above this one: "
          + "\(place.joined(separator: ", "))")
      return
    }
  }

  private func brief(_ value: Double) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      withVaList([value]) { _ = vsnprintf(text.baseAddress, text.count, "%.4g", $0) }
      return text.baseAddress.map { String(cString: $0) } ?? ""
    }
  }

  /// Says why there is no fit.
  private func withoutStart() -> Fit {
    var fit = notFinite()
    let points = [0.0, 1, -1, 0.5, 2, 0.01].map { value in
      (0..<parameterCount).map { settings.fixed[$0] ?? value }
    }
    let given = (0..<parameterCount).map { settings.initial[$0] ?? settings.fixed[$0] ?? 1 }
    fit.failingRow = evaluator.rowNeverFinite(at: points + [given])
    return fit
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
