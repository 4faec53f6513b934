internal import Models
internal import Ranks

/// One fit: start values, the search, and what its end means.
struct FitRun {
  let fitter: Fitter
  /// The rows that count.
  let observations: Observations
  let settings: FitSettings
  let engines: Engines
  /// The parameters that are not fixed.
  let free: [Int]
  let evaluator: Evaluator
  /// The processes that make the same fit, if there are several.
  let team: Team?
  /// The numbers that the rows have in the fitter; nil for those that follow the first.
  private let rowNumbers: [Int]?

  /// A fit of some rows.
  ///
  /// `engines` are shared with other fits of the same thread.
  init(
    _ fitter: Fitter, _ observations: Observations, _ settings: FitSettings,
    engines: Engines? = nil, team: Team? = nil
  ) {
    (self.observations, rowNumbers) = observations.counted
    let engines = engines ?? Engines(fitter.programs, mostRows: self.observations.count)
    self.fitter = fitter
    self.settings = settings
    self.engines = engines
    self.team = team
    free = fitter.names.indices.filter { settings.fixed[$0] == nil }
    evaluator = Evaluator(
      self.observations, loss: settings.loss, engines: engines, threads: settings.threads,
      team: team)
  }

  var programs: Programs { fitter.programs }
  var parameterCount: Int { fitter.names.count }

  /// The search with the loss asked for; `parameter` is held too, if one is given.
  ///
  /// Linear parameters are solved for where the loss allows it.
  func minimizer(without parameter: Int? = nil) -> Minimizer {
    let free = free.filter { $0 != parameter }
    let unbounded = free.filter { settings.bounds[$0] == nil }
    return Minimizer(
      evaluator, free: free,
      linear: settings.loss.isLeastSquares ? programs.linearParameters(among: unbounded) : [],
      bounds: settings.bounds)
  }

  func fit() -> Fit {
    let fit = fitOfReadRows()
    if let error = observations.failure { return notFinite(.unreadable(error)) }
    return fit
  }

  private func fitOfReadRows() -> Fit {
    if let fault = observations.count == 0 ? .noRowCounts : faultOfUnit { return notFinite(fault) }
    let minimizer = minimizer()
    let ends = ends(minimizer)
    guard let best = ends.first else { return withoutStart() }
    var fit = fit(from: best, minimizer)
    if !best.isGiven, ends.contains(where: \.isGiven) {
      fit.fit.notes.append(.givenStartLeadsHigher)
    }
    guard fit.fit.verdict == .converged else { return fit.fit }
    noteOtherMinima(&fit.fit, fit.state, minimizer, ends.dropFirst().map(\.state))
    switch settings.intervals {
    case .standard: break
    // A robust loss is no likelihood.
    case .profile where !settings.loss.hasLikelihood: break
    case .profile: setProfile(&fit.fit, fit.state, minimizer, start: best.start)
    case .bootstrap(let count, let seed): setBootstrap(&fit.fit, count: count, seed: seed)
    }
    return fit.fit
  }

  /// The fit that a search has come near to.
  func fit(from end: End, _ minimizer: Minimizer) -> (fit: Fit, state: Minimizer.State) {
    var state = end.state
    finish(&state, minimizer)
    return (result(state, minimizer, start: end.start), state)
  }

  /// Where a search has come to, and from where.
  struct End {
    var state: Minimizer.State
    var start: [Double]
    /// Whether all values to start from were given.
    var isGiven = false
  }

  /// Whether the response cannot be squared in float64; nil if it can.
  private var faultOfUnit: Fit.Fault? {
    guard !settings.loss.isLikelihood else { return nil }
    let largest = evaluator.response.largest
    if largest == 0 || (0x1p-480...0x1p480).contains(largest) { return nil }
    return largest > 1 ? .responseTooLarge : .responseTooSmall
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
      fit.notes.append(.drawsLeftOut(count - draws.count, of: count))
    }
    guard draws.count > 1 else { return }
    let estimated = fit.estimates.indices.filter { !fit.standardErrors[$0].isNaN }
    for parameter in estimated {
      (fit.lower[parameter], fit.upper[parameter]) = Bootstrap.limits(
        of: draws.map { $0[parameter] }, level: settings.level)
      for other in estimated {
        fit.covariance[parameter][other] = Bootstrap.covariance(of: draws, parameter, other)
      }
      fit.standardErrors[parameter] = fit.covariance[parameter][parameter].squareRoot()
    }
  }

  /// Says where another minimum is nearly as deep.
  private func noteOtherMinima(
    _ fit: inout Fit, _ state: Minimizer.State, _ minimizer: Minimizer, _ others: [Minimizer.State]
  ) {
    guard fit.verdict == .converged else { return }
    let least = state.point.objective
    for other in others where other.objective <= 1.1 * least && other.objective > least * (1 + 1e-6)
    {
      var other = other
      finish(&other, minimizer)
      let rise = other.point.objective / least - 1
      guard other.isMinimum, rise > 1e-6, rise <= 0.05 else { continue }
      fit.notes.append(.otherMinimum(parameters: other.parameters, rise: rise))
      return
    }
  }

  /// Says why there is no fit.
  private func withoutStart() -> Fit {
    let points = [0.0, 1, -1, 0.5, 2, 0.01].map { value in
      (0..<parameterCount).map { settings.fixed[$0] ?? value }
    }
    let given = (0..<parameterCount).map { settings.initial[$0] ?? settings.fixed[$0] ?? 1 }
    let row = evaluator.rowNeverFinite(at: points + [given])
    return notFinite(
      .formula(row: row.map { rowNumbers?[$0] ?? observations.firstRow + $0 }))
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

  /// The fit without anything found.
  func notFinite(_ fault: Fit.Fault? = nil) -> Fit {
    let none = [Double](repeating: .nan, count: parameterCount)
    return Fit(
      verdict: .notFinite, fault: fault, estimates: none, standardErrors: none, lower: none,
      upper: none,
      covariance: none.map { _ in none }, observations: observations.count, degreesOfFreedom: 0,
      rank: 0,
      residualSumOfSquares: .nan, residualStandardError: .nan, r2: .nan, adjustedR2: .nan,
      logLikelihood: .nan, aic: .nan, bic: .nan, conditionNumber: .nan, cost: .nan, deviance: .nan,
      nullDeviance: .nan, atBound: [], heldParameters: Set(settings.fixed.keys),
      notIdentifiable: [], withoutEffect: [], iterations: 0, history: [], start: none, notes: [],
      quantile: .nan)
  }
}
