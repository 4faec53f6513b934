internal import Autograd
internal import Glibc
internal import Models

/// What a point says: the rank of the slopes there, the errors of the estimates, the sums.
extension FitRun {
  func result(
    _ end: Minimizer.State, _ minimizer: Minimizer, start: [Double]
  ) -> Fit {
    var state = end
    let loss = settings.loss
    let free = minimizer.order.filter { !state.held.contains($0) }
    var basis = Basis(of: state, minimizer, free)
    let isLostLikelihood =
      loss.isLikelihood && basis.rank < free.count && isIdentifiable(at: start, minimizer)
    if basis.rank < free.count, !isLostLikelihood {
      shorten(&state, minimizer, free, &basis)
    }
    let isExact = minimizer.isExact(state)
    let freedom = observations.count - basis.rank
    var fit = notFinite()
    fit.estimates = state.parameters
    fit.start = start
    fit.rank = basis.rank
    fit.degreesOfFreedom = freedom
    fit.iterations = state.iterations
    fit.history = state.history.map { loss.isLeastSquares ? $0 : $0 / 2 }
    fit.atBound = state.held.sorted()
    fit.heldParameters = Set(settings.fixed.keys).union(state.held)
    if !isLostLikelihood {
      fit.notIdentifiable = basis.undetermined(scaled: basis.nullSpace).map { free[$0] }.sorted()
      fit.withoutEffect = basis.withoutEffect.map { free[$0] }.sorted()
    }
    fit.conditionNumber = basis.condition
    setSums(&fit, state, minimizer, freedom: freedom, isExact: isExact, free: free)
    fit.verdict =
      isLostLikelihood
      ? .noOptimum : verdict(state, basis, free, freedom: freedom, isExact: isExact, minimizer)
    setErrors(&fit, state, basis, free, freedom: freedom, isExact: isExact, minimizer)
    return fit
  }

  /// Whether the rows tell all parameters apart at a point, where probabilities have not yet rounded to 0 and 1.
  private func isIdentifiable(at start: [Double], _ minimizer: Minimizer) -> Bool {
    guard let state = minimizer.state(at: start) else { return true }
    return Basis(of: state, minimizer, minimizer.order).rank == minimizer.order.count
  }

  private func verdict(
    _ state: Minimizer.State, _ basis: Basis, _ free: [Int], freedom: Int, isExact: Bool,
    _ minimizer: Minimizer
  ) -> Fit.Verdict {
    if basis.rank < free.count { return .rankDeficient }
    let isStretched = basis.condition > 1e6
    func isBeyond(_ factor: Double, _ size: Double) -> Bool {
      let errors = basis.rounding(size)
      return free.indices.contains {
        errors[$0] > factor * state.parameters[free[$0]].magnitude
      }
    }
    if isExact {
      if isStretched, isBeyond(1e-4, minimizer.evaluator.noise(state.parameters)) {
        return .noOptimum
      }
      return freedom == 0 && !settings.knowsErrors ? .noDegreesOfFreedom : .exact
    }
    // Where a parameter may be anything, the minimum is where the search gave up on its way to infinity.
    if isStretched, isBeyond(1e5, minimizer.spread(state.point.objective)) { return .noOptimum }
    if !state.isMinimum {
      return isStretched || settings.loss.isLikelihood ? .noOptimum : .notConverged
    }
    return freedom == 0 && !settings.knowsErrors ? .noDegreesOfFreedom : .converged
  }

  /// Among the points that give the same curve, goes to the one of least length.
  private func shorten(
    _ state: inout Minimizer.State, _ minimizer: Minimizer, _ free: [Int], _ basis: inout Basis
  ) {
    let objective = state.point.objective
    let level =
      minimizer.evaluator.roundingLevel(
        state.parameters, slopes: minimizer.order, state.point.triangle)
    let allowed = objective * (1 + 1e-10) + 256 * level * level
    for _ in 0..<200 {
      let values = free.map { state.parameters[$0] }
      var shorter = values
      for direction in basis.unscaledNullSpace {
        let length = dot(direction, values)
        for index in shorter.indices { shorter[index] -= length * direction[index] }
      }
      // Along the directions without effect, less far where the curve bends away.
      var next: (parameters: [Double], point: Evaluator.Point)?
      var part = 1.0
      while next == nil, part > 1e-3 {
        var trial = state.parameters
        for (index, parameter) in free.enumerated() {
          trial[parameter] += part * (shorter[index] - values[index])
        }
        if let back = returned(trial, state, minimizer, free), back.point.objective <= allowed,
          norm(free.map { back.parameters[$0] }) < norm(values)
        {
          next = back
        }
        part /= 2
      }
      guard let next else { return }
      let change = norm(free.map { next.parameters[$0] - state.parameters[$0] })
      state.parameters = next.parameters
      state.point = next.point
      state.objective = min(state.objective, next.point.objective)
      let here = Basis(of: state, minimizer, free)
      guard here.rank == basis.rank else { return }
      basis = here
      if change <= 1e-14 * norm(values) { return }
    }
  }

  /// The point that steps across the directions without effect lead to, back at the minimum.
  private func returned(
    _ start: [Double], _ state: Minimizer.State, _ minimizer: Minimizer, _ free: [Int]
  ) -> (parameters: [Double], point: Evaluator.Point)? {
    var next = state
    next.parameters = start
    for _ in 0..<8 {
      guard let point = minimizer.evaluator.point(next.parameters, slopes: minimizer.order) else {
        return nil
      }
      next.point = point
      let step = Basis(of: next, minimizer, free).leastStep
      if norm(step) <= 1e-15 * norm(free.map { next.parameters[$0] }) { break }
      for (index, parameter) in free.enumerated() { next.parameters[parameter] += step[index] }
    }
    return minimizer.evaluator.point(next.parameters, slopes: minimizer.order).map {
      (next.parameters, $0)
    }
  }

  private func setSums(
    _ fit: inout Fit, _ state: Minimizer.State, _ minimizer: Minimizer, freedom: Int,
    isExact: Bool, free: [Int]
  ) {
    let loss = settings.loss
    let n = Double(observations.count)
    let objective = state.point.objective
    let count = Double(fit.rank)
    switch loss {
    case .leastSquares:
      fit.residualSumOfSquares = objective
      if freedom > 0 { fit.residualStandardError = (objective / Double(freedom)).squareRoot() }
      // R's convention: a linear model without a constant is compared with 0.
      let isAboutMean = fit.rank < free.count || !isLinear || spansConstant
      let (total, logWeights) = evaluator.squares(about: isAboutMean ? evaluator.response.mean : 0)
      if total > 0 {
        fit.r2 = isExact ? 1 : 1 - objective / total
        if freedom > 0 {
          fit.adjustedR2 = 1 - (1 - fit.r2) * (n - (isAboutMean ? 1 : 0)) / Double(freedom)
        }
      }
      if settings.errors == .absolute {
        fit.logLikelihood = -objective / 2 - n / 2 * log(2 * Double.pi) + logWeights / 2
        setCriteria(&fit, parameters: count)
      } else {
        let spread = log(2 * Double.pi) + 1 - log(n) + log(objective)
        fit.logLikelihood = isExact ? .infinity : logWeights / 2 - n / 2 * spread
        setCriteria(&fit, parameters: count + 1)
      }
    case .huber, .softL1, .cauchy:
      fit.cost = objective / 2
      fit.residualSumOfSquares = minimizer.evaluator.residualSquare(state.parameters)
    case .bernoulli, .poisson:
      fit.logLikelihood = -objective / 2
      setCriteria(&fit, parameters: count)
      let (saturated, null) = evaluator.baselines(
        fitter.names.map { _ in 0 }, offset: loss == .poisson && isLinear)
      fit.deviance = objective - saturated
      fit.nullDeviance = null
    }
  }

  /// Whether the formula is linear in all parameters.
  private var isLinear: Bool {
    programs.linearParameters(among: Array(fitter.names.indices)).count == fitter.names.count
  }

  /// Whether some parameters of a linear formula give all rows one value.
  private var spansConstant: Bool {
    let all = Array(fitter.names.indices)
    if programs.hasConstant(among: all) { return true }
    let zeros = all.map { _ in 0.0 }
    guard let point = evaluator.point(zeros, slopes: all, rightSide: .ones) else { return false }
    let rest = point.triangle[all.count, all.count].magnitude
    return rest <= 1e-12 * point.triangle.length(ofColumn: all.count)
  }

  private func setCriteria(_ fit: inout Fit, parameters: Double) {
    fit.aic = 2 * parameters - 2 * fit.logLikelihood
    fit.bic = parameters * log(Double(observations.count)) - 2 * fit.logLikelihood
  }

  private func setErrors(
    _ fit: inout Fit, _ state: Minimizer.State, _ basis: Basis, _ free: [Int], freedom: Int,
    isExact: Bool, _ minimizer: Minimizer
  ) {
    let loss = settings.loss
    let isKnown = settings.knowsErrors
    let tail = (1 - settings.level) / 2
    fit.quantile =
      isKnown
      ? normalQuantile(tail: tail)
      : freedom > 0 ? engines.studentQuantile(tail: tail, degreesOfFreedom: freedom) : .nan
    if freedom <= 0 && !isKnown || fit.verdict == .noOptimum { return }
    if isExact, fit.verdict == .rankDeficient { return }
    let undetermined = Set(fit.notIdentifiable)
    guard let unit = unitCovariance(state, basis, free, minimizer) else { return }
    let factor: Double =
      switch loss {
      case .leastSquares where settings.errors == .absolute: 1
      case .leastSquares: isExact ? 0 : state.point.objective / Double(freedom)
      case .huber, .softL1, .cauchy: Double(observations.count) / Double(freedom)
      case .bernoulli, .poisson: 1
      }
    for (i, first) in free.enumerated() where !undetermined.contains(first) {
      for (j, second) in free.enumerated() where !undetermined.contains(second) {
        fit.covariance[first][second] = unit[i][j] * factor
      }
      fit.standardErrors[first] = fit.covariance[first][first].squareRoot()
      fit.lower[first] = fit.estimates[first] - fit.quantile * fit.standardErrors[first]
      fit.upper[first] = fit.estimates[first] + fit.quantile * fit.standardErrors[first]
    }
  }

  /// The covariance of the estimates for residuals of variance 1.
  private func unitCovariance(
    _ state: Minimizer.State, _ basis: Basis, _ free: [Int], _ minimizer: Minimizer
  ) -> [[Double]]? {
    if settings.loss.isLeastSquares { return basis.inverse }
    // H = Rᵀ·M·R, and for robust losses H⁻¹·B·H⁻¹ (Huber 1967).
    let curvature = minimizer.evaluator.curvature(state.parameters)
    guard basis.rank == free.count, curvature.isComplete,
      let factor = minimizer.shape(curvature, free, basis.triangle).factor
    else { return nil }
    let count = free.count
    let inverse = (0..<count).map { column -> [Double] in
      // Columns of H⁻¹.
      var unit = [Double](repeating: 0, count: count)
      unit[column] = 1
      let right = basis.triangle.solveTransposed(unit)
      return basis.triangle.solve(solveLowerTransposed(factor, solveLower(factor, right)))
    }
    if settings.loss.isLikelihood { return inverse }
    let scatter = curvature.scatter
    return (0..<count).map { i in
      (0..<count).map { j in
        var sum = 0.0
        for (k, first) in free.enumerated() {
          for (l, second) in free.enumerated() {
            sum += inverse[k][i] * scatter[first, second] * inverse[l][j]
          }
        }
        return sum
      }
    }
  }
}

/// The slopes at a point by the free parameters, with their directions of effect.
struct Basis {
  let triangle: Triangle
  private let scales: [Double]
  private let singular: SingularValues
  let rank: Int

  init(of state: Minimizer.State, _ minimizer: Minimizer, _ free: [Int]) {
    let columns = free.compactMap { minimizer.order.firstIndex(of: $0) }
    triangle = state.point.triangle.selecting(columns + [minimizer.order.count])
    let count = free.count
    let triangle = triangle
    let scales = (0..<count).map { triangle.length(ofColumn: $0) }
    self.scales = scales
    singular = SingularValues(
      columns: (0..<count).map { column in
        (0..<count).map { row in
          scales[column] > 0 ? triangle[row, column] / scales[column] : 0
        }
      })
    let largest = singular.values.first ?? 0
    rank = singular.values.count { $0 > 1e-13 * largest }
  }

  private var count: Int { scales.count }

  var condition: Double {
    guard rank == count, let first = singular.values.first, let last = singular.values.last else {
      return .infinity
    }
    return first / last
  }

  /// Directions without effect, for slopes of length 1.
  var nullSpace: [[Double]] { Array(singular.right[rank...]) }

  /// The parameters that move along some directions.
  func undetermined(scaled directions: [[Double]]) -> [Int] {
    (0..<count).filter { index in directions.contains { $0[index].magnitude > 1e-7 } }
  }

  /// The parameters whose slopes are 0 in all rows.
  var withoutEffect: [Int] { scales.indices.filter { scales[$0] == 0 } }

  /// Directions without effect in the parameters' own units, at right angles and of length 1.
  var unscaledNullSpace: [[Double]] {
    var directions: [[Double]] = []
    for direction in nullSpace {
      var vector = direction.indices.map {
        scales[$0] > 0 ? direction[$0] / scales[$0] : direction[$0]
      }
      // Parameters without effect are directions of their own.
      if direction.indices.contains(where: { scales[$0] == 0 && direction[$0].magnitude > 0.5 }) {
        vector = direction.indices.map { scales[$0] == 0 ? direction[$0] : 0 }
      }
      let length = norm(vector)
      vector = vector.map { $0 / length }
      for _ in 0..<2 {
        for other in directions {
          let part = dot(other, vector)
          for index in vector.indices { vector[index] -= part * other[index] }
        }
      }
      let rest = norm(vector)
      if rest > 1e-8 { directions.append(vector.map { $0 / rest }) }
    }
    return directions
  }

  /// The step of least squares that leaves out directions without effect.
  var leastStep: [Double] {
    let right = (0..<count).map { triangle[$0, count] }
    var step = [Double](repeating: 0, count: count)
    for index in 0..<rank {
      let weight = dot(singular.left[index], right) / singular.values[index]
      for row in step.indices where scales[row] > 0 {
        step[row] += weight * singular.right[index][row] / scales[row]
      }
    }
    return step
  }

  /// (RᵀR)⁻¹, of the directions that have an effect.
  var inverse: [[Double]] {
    (0..<count).map { i in
      (0..<count).map { j in
        if scales[i] == 0 || scales[j] == 0 { return .nan }
        var sum = 0.0
        for index in 0..<rank {
          let value = singular.values[index]
          sum += singular.right[index][i] / value * (singular.right[index][j] / value)
        }
        return sum / (scales[i] * scales[j])
      }
    }
  }

  /// How far residuals of such a size may move each parameter.
  func rounding(_ size: Double) -> [Double] {
    let inverse = inverse
    return (0..<count).map { size * inverse[$0][$0].squareRoot() }
  }
}
