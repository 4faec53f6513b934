internal import Glibc

/// Limits of intervals by the profile of the likelihood: where the objective, the other parameters at their best, has
/// risen as much as the level allows (Venables and Ripley 2002, 8.4).
struct Profile {
  let run: FitRun
  let fit: Fit
  /// The objective at the estimates, and its rise for a residual's variance.
  let least: Double
  let variance: Double
  /// A point below the estimates, if one was met on the way.
  private(set) var lower: [Double]?

  init(of run: FitRun, _ fit: Fit, least: Double) {
    self.run = run
    self.fit = fit
    self.least = least
    variance =
      run.settings.knowsErrors ? 1 : fit.residualStandardError * fit.residualStandardError
  }

  /// The limits of a parameter; nan where the rise is never reached.
  mutating func limits(of parameter: Int) -> (lower: Double, upper: Double) {
    guard fit.standardErrors[parameter] > 0, fit.quantile.isFinite else { return (.nan, .nan) }
    return (limit(of: parameter, -1), limit(of: parameter, 1))
  }

  /// The limit on one side: secants, kept within what brackets it.
  private mutating func limit(of parameter: Int, _ direction: Double) -> Double {
    let estimate = fit.estimates[parameter]
    let wanted = fit.quantile
    let minimizer = run.minimizer(without: parameter)
    let bounds = run.settings.bounds[parameter] ?? -.infinity ... .infinity
    var near = (value: estimate, rise: 0.0, parameters: fit.estimates)
    var far: (value: Double, rise: Double)?
    var step = wanted * fit.standardErrors[parameter]
    for _ in 0..<100 {
      var next = near.value + direction * step
      if let far {
        // The root of the objective's rise is nearly a line.
        next = near.value + (far.value - near.value) * (wanted - near.rise) / (far.rise - near.rise)
        let margin = 0.02 * (far.value - near.value)
        let ends = [near.value + margin, far.value - margin]
        next = min(max(next, ends.min() ?? next), ends.max() ?? next)
        if (far.value - near.value).magnitude <= 1e-10 * (far.value - estimate).magnitude {
          return next
        }
      }
      guard next.isFinite, bounds.contains(next) else { return .nan }
      guard let (rise, parameters) = self.rise(minimizer, near.parameters, parameter, at: next)
      else {
        // Not finite there: nearer.
        if far != nil { return .nan }
        step /= 2
        if step <= 1e-6 * fit.standardErrors[parameter] { return .nan }
        continue
      }
      if (rise - wanted).magnitude <= 1e-9 * wanted { return next }
      if rise < wanted {
        if far == nil, rise <= near.rise * (1 + 1e-3), step > 1e3 * fit.standardErrors[parameter] {
          return .nan
        }
        near = (next, rise, parameters)
        if far == nil { step *= 1.5 }
      } else {
        far = (next, rise)
      }
    }
    return far == nil ? .nan : near.value
  }

  /// The root of the objective's rise with a parameter held, and the others then.
  private mutating func rise(
    _ minimizer: Minimizer, _ start: [Double], _ parameter: Int, at value: Double
  ) -> (rise: Double, parameters: [Double])? {
    var start = start
    start[parameter] = value
    guard var state = minimizer.state(at: start) else { return nil }
    if !minimizer.order.isEmpty {
      minimizer.descend(&state, mostSteps: run.settings.mostIterations, tolerance: 1e-7)
      minimizer.polish(&state)
    }
    if state.point.objective < least * (1 - 1e-8) { lower = state.parameters }
    return (max(0, (state.point.objective - least) / variance).squareRoot(), state.parameters)
  }
}
