/// Fits of many groups of rows.
struct Groups {
  private let fitter: Fitter
  private let groups: [Range<Int>]
  private let settings: FitSettings

  init(_ fitter: Fitter, _ groups: [Range<Int>], _ settings: FitSettings) {
    self.fitter = fitter
    self.groups = groups
    self.settings = settings
  }

  /// The fits in order; how many threads there are changes none.
  func fits() -> [Fit] {
    guard let largest = groups.indices.max(by: { groups[$0].count < groups[$1].count }) else {
      return []
    }
    let pilot = fitter.fit(groups[largest], settings)
    if groups.count == 1 { return [pilot] }
    let workers = Workers(min(settings.threads, groups.count))
    let mostRows = groups[largest].count
    var single = settings
    single.threads = 1
    let places = pilot.verdict.isSuccess ? places(near: pilot, groups[largest]) : []
    let batches = (groups.count + Self.batchSize - 1) / Self.batchSize
    let found = Found<[Fit]>(count: batches)
    workers.run(batches) { [fitter, groups, single] _, batch in
      let engines = Engines(fitter.programs, mostRows: mostRows)
      let first = batch * Self.batchSize
      found[batch] = (first..<min(first + Self.batchSize, groups.count)).map { number in
        number == largest
          ? pilot
          : FitRun(fitter, fitter.observations(in: groups[number]), single, engines: engines)
            .fit(knowing: places)
      }
    }
    return (0..<batches).flatMap { found[$0] ?? [] }
  }

  private static var batchSize: Int { 64 }

  /// The pilot's values, and others on the same scales.
  private func places(near pilot: Fit, _ range: Range<Int>) -> [[Double]] {
    var run = settings
    run.threads = 1
    let search = FitRun(fitter, fitter.observations(in: range), run)
      .startSearch(given: settings.fixed)
    return [pilot.estimates] + (search?.points(count: 8) ?? [])
  }
}

extension FitRun {
  /// The fit from the best of some places, or in full where that does not settle it.
  func fit(knowing places: [[Double]]) -> Fit {
    guard settings.loss.isLeastSquares, settings.initial.isEmpty,
      case .standard = settings.intervals
    else { return fit() }
    let minimizer = minimizer()
    var best: (place: [Double], objective: Double)?
    var depths: [Double] = []
    for place in places {
      guard let solved = minimizer.solved(place), solved.objective.isFinite else { continue }
      depths.append(solved.objective)
      if solved.objective < best?.objective ?? .infinity { best = (place, solved.objective) }
    }
    guard let best, var state = minimizer.state(at: best.place) else { return fit() }
    minimizer.descend(&state, mostSteps: 30)
    let found = fit(from: End(state: state, start: best.place), minimizer)
    let isSettled =
      found.fit.verdict.isSuccess && (found.fit.r2 > 0.8 || minimizer.searched.isEmpty)
      && depths.allSatisfy { $0 >= found.state.point.objective * (1 - 1e-9) }
    return isSettled ? found.fit : fit()
  }
}
