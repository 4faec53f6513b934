internal import Models

extension FitRun {
  /// Where the searches have come to, lowest first.
  ///
  /// Those of many rows begin where searches of some of the rows have ended.
  func ends(_ minimizer: Minimizer) -> [End] {
    if observations.count > 2 * Self.mostCoarseRows {
      guard let some = observations.taking(sample(of: Self.mostCoarseRows)) else { return [] }
      let run = FitRun(fitter, .memory(some, 0..<Self.mostCoarseRows), settings)
      let coarse = run.ends(run.minimizer())
      let depth = coarse.first?.state.objective ?? 0
      let ends = coarse.prefix(2).enumerated().filter { index, end in
        index == 0
          || end.state.objective <= 1.1 * depth && end.state.objective > depth * (1 + 1e-6)
      }.map(\.element).compactMap { coarse in
        var end = end(minimizer, from: coarse.state.parameters, saying: coarse.start)
        end?.isGiven = coarse.isGiven
        return end
      }
      if !ends.isEmpty { return inOrder(ends) }
    }
    var ends: [End] = []
    var given = settings.fixed
    for (parameter, value) in settings.initial { given[parameter] = value }
    let isAllGiven = minimizer.searched.allSatisfy { given[$0] != nil }
    if isAllGiven {
      let start = (0..<parameterCount).map { given[$0] ?? 0 }
      if var end = end(minimizer, from: start, saying: start) {
        end.isGiven = !settings.initial.isEmpty
        ends.append(end)
      }
      if minimizer.searched.isEmpty { return ends }
    }
    for minimum in minima(given: isAllGiven ? settings.fixed : given) {
      // What was found from given values is left for a lower point alone.
      if let first = ends.first, isAllGiven, settings.loss.isLeastSquares,
        observations.count <= Self.mostSearchedRows,
        minimum.objective >= first.state.objective * (1 - 1e-9)
      {
        continue
      }
      if let end = end(minimizer, from: minimum.parameters, saying: minimum.parameters) {
        ends.append(end)
      }
    }
    return inOrder(ends)
  }

  /// Of two that end as deep, the first: that of the values that were given.
  private func inOrder(_ ends: [End]) -> [End] {
    ends.enumerated().sorted { first, second in
      let (x, y) = (first.element.state.objective, second.element.state.objective)
      let isTie = (x - y).magnitude <= 1e-9 * max(x, y)
      return isTie ? first.offset < second.offset : x < y
    }.map(\.element)
  }

  private func end(
    _ minimizer: Minimizer, from values: [Double], saying start: [Double]
  ) -> End? {
    guard var state = firstState(minimizer, from: values) else { return nil }
    minimizer.descend(&state, mostSteps: settings.mostIterations)
    return End(state: state, start: start)
  }

  /// The state at a start, or where it is not finite, at one nearer to 0: rates and scores overflow far from it.
  private func firstState(_ minimizer: Minimizer, from start: [Double]) -> Minimizer.State? {
    if let state = minimizer.state(at: start) { return state }
    guard !settings.loss.isLeastSquares else { return nil }
    for halving in 1...12 {
      let scale = halving == 12 ? 0 : Double(sign: .plus, exponent: -halving, significand: 1)
      let nearer = start.indices.map { settings.fixed[$0] ?? scale * start[$0] }
      if let state = minimizer.state(at: nearer) { return state }
    }
    return nil
  }

  /// Up to three minima of the sum of squares of some of the rows, of different depths.
  private func minima(given: [Int: Double]) -> [Minimizer.State] {
    var chosen: [Minimizer.State] = []
    for minimum in startSearch(given: given)?.minima() ?? [] {
      if let last = chosen.last, minimum.objective <= last.objective * (1 + 1e-6) { continue }
      chosen.append(minimum)
      if chosen.count == 3 { break }
    }
    return chosen
  }

  /// The search for start values, by sums of squares of some of the rows; nil if they cannot be read.
  func startSearch(given: [Int: Double]) -> StartSearch? {
    if observations.count <= Self.mostSearchedRows, settings.loss.isLeastSquares {
      return observations.inMemory.map { StartSearch(self, $0.rows, $0.range, given: given) }
    }
    let some = sample(of: Self.mostSearchedRows)
    return observations.taking(some, response: settings.loss.linearised)
      .map { StartSearch(self, $0, 0..<some.count, given: given) }
  }

  /// Rows spread evenly over all, the first and the last among them.
  private func sample(of count: Int) -> [Int] {
    let count = min(count, observations.count)
    if count == 1 { return [0] }
    return (0..<count).map { $0 * (observations.count - 1) / (count - 1) }
  }

  private static var mostCoarseRows: Int { 8192 }
  private static var mostSearchedRows: Int { 512 }
}
