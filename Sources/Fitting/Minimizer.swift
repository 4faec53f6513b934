internal import Glibc

/// The search for a minimum of the sum over rows.
///
/// Levenberg and Marquardt's steps with columns scaled (Moré 1978), the parameters in which the formula is linear
/// solved exactly at each (Golub and Pereyra 1973, with the slopes of Kaufman 1975), then Newton's steps with exact
/// second derivatives down to the level of rounding. A trial that is not finite is a step refused.
struct Minimizer {
  /// A point of the parameters, with what the rows say of it.
  struct State {
    /// All parameters, those that are held among them.
    var parameters: [Double]
    /// With the slopes by ``Minimizer/order``.
    var point: Evaluator.Point
    /// The objective once the linear parameters are solved.
    var objective: Double
    /// The free parameters that a bound holds.
    var held: Set<Int> = []
    /// What the next step would move the residuals by.
    var decrement = Double.infinity
    /// Whether no step lowers the objective any more, at a point where it curves upwards.
    var isMinimum = false
    var iterations = 0
    /// The objective at the start and after each step.
    var history: [Double]
  }

  let evaluator: Evaluator
  let bounds: [Int: ClosedRange<Double>]
  /// The parameters that are solved for, and those that are searched.
  let linear: [Int]
  let searched: [Int]
  /// All that are not fixed, the linear ones first.
  let order: [Int]

  init(
    _ evaluator: Evaluator, free: [Int], linear: [Int], bounds: [Int: ClosedRange<Double>]
  ) {
    self.evaluator = evaluator
    self.bounds = bounds
    self.linear = linear
    searched = free.filter { !linear.contains($0) }
    order = linear + searched
  }

  /// How many rows there are more than parameters, at least 1.
  private var freedom: Double { Double(max(1, evaluator.observations.count - order.count)) }

  /// A residual's usual size at a point; 1 where the loss knows it.
  func spread(_ objective: Double) -> Double {
    evaluator.loss.isLikelihood ? 1 : (objective / freedom).squareRoot()
  }

  /// The objective without what the linear parameters can still lower.
  private func reduced(_ point: Evaluator.Point) -> Double {
    guard evaluator.loss.isLeastSquares else { return point.objective }
    return point.triangle.square(ofRightSide: linear.count..<order.count + 1)
  }

  /// Solves for the linear parameters, the others as they are.
  ///
  /// Returns all of them and the objective; nil if a row is not finite.
  func solved(_ parameters: [Double]) -> (parameters: [Double], objective: Double)? {
    var parameters = inside(parameters)
    for parameter in linear { parameters[parameter] = 0 }
    guard let point = evaluator.point(parameters, slopes: linear) else { return nil }
    let triangle = point.triangle
    let count = linear.count
    let right = (0..<count).map { triangle[$0, count] }
    let solution = triangle.solve(right)
    guard solution.allSatisfy(\.isFinite) else { return nil }
    var objective =
      evaluator.loss.isLeastSquares
      ? triangle[count, count] * triangle[count, count] : point.objective
    for (index, parameter) in linear.enumerated() {
      parameters[parameter] = solution[index]
      if triangle.isDependent(index) { objective += right[index] * right[index] }
    }
    return (parameters, objective)
  }

  /// What the rows say at a point; nil if one is not finite there.
  func state(at start: [Double]) -> State? {
    guard let (parameters, point, objective) = evaluated(inside(start)) else { return nil }
    return State(
      parameters: parameters, point: point, objective: objective, history: [objective])
  }

  /// Steps downhill until a step would hardly move the residuals, or so many were taken.
  func descend(_ state: inout State, mostSteps: Int, tolerance: Double = 1e-5) {
    var damping = 1e-3
    var growth = 2.0
    var sizes = [Double](repeating: 0, count: searched.count)
    var refusals = 0
    let first = linear.count
    for _ in 0..<mostSteps {
      let triangle = state.point.triangle
      state.held = held(at: state)
      let free = searched.indices.filter { !state.held.contains(searched[$0]) }
      // The objective is that of the best linear parameters already, which are left to the last steps.
      if free.isEmpty { return }
      let columns = free.map { first + $0 }
      let local = triangle.selecting(columns + [order.count], firstRow: first)
      let count = free.count
      state.decrement =
        (local.square(ofRightSide: 0..<count) + triangle.square(ofRightSide: 0..<first))
        .squareRoot()
      if state.decrement <= tolerance * spread(state.objective) { return }
      if isAtRounding(state) { return }
      for (index, column) in free.enumerated() {
        sizes[column] = max(sizes[column], local.length(ofColumn: index))
      }
      let right = (0..<count).map { local[$0, count] }
      var isAccepted = false
      while !isAccepted {
        let damped = local.damped(
          by: free.map { damping.squareRoot() * (sizes[$0] > 0 ? sizes[$0] : 1) })
        var step = damped.solve((0..<count).map { damped[$0, count] })
        var trial = state.parameters
        for (index, column) in free.enumerated() {
          let parameter = searched[column]
          trial[parameter] = clamped(trial[parameter] + step[index], parameter)
          step[index] = trial[parameter] - state.parameters[parameter]
        }
        // The linear parameters follow.
        let linearStep = triangle.solve(
          linear.indices.map { row in
            var value = triangle[row, order.count]
            for (index, column) in columns.enumerated() {
              value -= triangle[row, column] * step[index]
            }
            return value
          })
        for (index, parameter) in linear.enumerated() { trial[parameter] += linearStep[index] }
        let isStill = order.allSatisfy {
          (trial[$0] - state.parameters[$0]).magnitude <= 0x1p-52 * trial[$0].magnitude
        }
        if isStill { return }
        var expected = 0.0
        for row in 0..<count {
          var rest = right[row]
          for column in row..<count { rest -= local[row, column] * step[column] }
          expected += right[row] * right[row] - rest * rest
        }
        state.iterations += 1
        if trial.allSatisfy(\.isFinite), let next = evaluated(trial),
          next.objective < state.objective
        {
          let ratio = expected > 0 ? (state.objective - next.objective) / expected : 1
          state.parameters = next.parameters
          state.point = next.point
          state.objective = next.objective
          state.history.append(next.objective)
          damping *= max(1.0 / 9, 1 - pow(2 * min(ratio, 1.5) - 1, 3))
          damping = max(damping, 1e-20)
          growth = 2
          refusals = 0
          isAccepted = true
        } else {
          damping = min(damping * growth, 1e40)
          growth *= 2
          refusals += 1
          if refusals > 40 { return }
        }
      }
    }
  }

  /// What the rows say at a trial, the linear parameters solved again where they are far off.
  private func evaluated(
    _ trial: [Double]
  ) -> (parameters: [Double], point: Evaluator.Point, objective: Double)? {
    guard let point = evaluator.point(trial, slopes: order) else {
      // The linear parameters alone may be what overflows.
      guard !linear.isEmpty, let found = solved(trial), found.parameters != trial else {
        return nil
      }
      return evaluator.point(found.parameters, slopes: order).map {
        (found.parameters, $0, reduced($0))
      }
    }
    let objective = reduced(point)
    if !linear.isEmpty, point.triangle.square(ofRightSide: 0..<linear.count) > 0.01 * objective,
      let found = solved(trial), found.objective.isFinite,
      let again = evaluator.point(found.parameters, slopes: order)
    {
      return (found.parameters, again, reduced(again))
    }
    return (trial, point, objective)
  }

  /// The point with what is searched moved within its bounds.
  private func inside(_ parameters: [Double]) -> [Double] {
    var inside = parameters
    for parameter in searched { inside[parameter] = clamped(inside[parameter], parameter) }
    return inside
  }

  private func clamped(_ value: Double, _ parameter: Int) -> Double {
    guard let bounds = bounds[parameter] else { return value }
    return min(max(value, bounds.lowerBound), bounds.upperBound)
  }

  /// The parameters at a bound that the objective pushes against it.
  private func held(at state: State) -> Set<Int> {
    var held: Set<Int> = []
    let triangle = state.point.triangle
    for parameter in searched {
      guard let bounds = bounds[parameter], let column = order.firstIndex(of: parameter) else {
        continue
      }
      let value = state.parameters[parameter]
      guard value <= bounds.lowerBound || value >= bounds.upperBound else { continue }
      var pull = 0.0
      for row in linear.count...column {
        pull += triangle[row, column] * triangle[row, order.count]
      }
      if value <= bounds.lowerBound && pull <= 0 || value >= bounds.upperBound && pull >= 0 {
        held.insert(parameter)
      }
    }
    return held
  }

  /// Whether the residuals are no more than the terms' rounding, so that no step can be told to lower them.
  func isAtRounding(_ state: State) -> Bool {
    guard evaluator.loss.isLeastSquares else { return false }
    let level = evaluator.roundingLevel(state.parameters, slopes: order, state.point.triangle)
    return state.objective <= (16 * level) * (16 * level)
  }

  /// Whether the residuals are no more than the response's own rounding.
  func isExact(_ state: State) -> Bool {
    guard evaluator.loss.isLeastSquares else { return false }
    let level = evaluator.response.square.squareRoot() * 0x1p-53
    return state.objective <= (16 * level) * (16 * level)
  }

  /// Newton's steps down to the level of rounding.
  ///
  /// With R the triangle and S the curvature of the residuals, the Hessian is Rᵀ(I − R⁻ᵀSR⁻¹)R: what is inverted has
  /// the condition of the problem's curvature, and the slopes' is not squared.
  func polish(_ state: inout State) {
    if isLinear { return refine(&state) }
    var last = Double.infinity
    // Looked at where the residuals themselves may be rounding.
    var noise: Double?
    func isRounding(_ decrement: Double) -> Bool {
      let found = noise ?? evaluator.noise(state.parameters)
      noise = found
      return decrement <= 4 * found
    }
    // The curvature of the residuals hardly changes by steps so small.
    let curvature = evaluator.curvature(state.parameters)
    for _ in 0..<40 {
      state.held = held(at: state)
      let free = order.filter { !state.held.contains($0) }
      guard let step = newtonStep(state, free, curvature) else { return }
      state.decrement = step.decrement
      let spread = spread(state.objective)
      let isSmall =
        step.decrement <= 1e-3 * spread
        || step.decrement >= 0.1 * last && isRounding(step.decrement)
      if step.decrement == 0 {
        state.isMinimum = true
        return
      }
      // At the level of rounding steps no longer shrink.
      if isSmall, step.decrement >= 0.5 * last {
        state.isMinimum =
          (step.decrement <= 1e-6 * spread || isRounding(step.decrement))
          && !isRunningAway(step.step, free, state.parameters)
        return
      }
      last = step.decrement
      var trial = state.parameters
      for (index, parameter) in free.enumerated() {
        trial[parameter] = clamped(trial[parameter] + step.step[index], parameter)
      }
      guard let point = evaluator.point(trial, slopes: order) else { return }
      let objective = point.objective
      if !isSmall, objective > state.point.objective * (1 + 1e-10) {
        state.isMinimum = isRounding(step.decrement)
        return
      }
      state.iterations += 1
      state.parameters = trial
      state.point = point
      state.objective = reduced(point)
      state.history.append(objective)
    }
  }

  /// The steps of a linear formula, with residuals and their products with the columns in twice the precision, so that
  /// the rounding of the columns alone is left (corrected seminormal equations, Björck 1987).
  private func refine(_ state: inout State) {
    var base = state.parameters
    for parameter in order { base[parameter] = 0 }
    var values = order.map { DoubleDouble(state.parameters[$0]) }
    var last = Double.infinity
    for _ in 0..<20 {
      guard let point = evaluator.point(base, slopes: order, rightSide: .offset(by: values)) else {
        return
      }
      let count = order.count
      let triangle = point.triangle
      if (0..<count).contains(where: triangle.isDependent) { return }
      let moved = triangle.solveTransposed(point.pulls.map(\.value))
      let decrement = norm(moved)
      guard decrement < 0.5 * last else { return }
      for (index, parameter) in order.enumerated() {
        state.parameters[parameter] = values[index].value
      }
      state.point = point
      state.objective = reduced(point)
      state.decrement = decrement
      state.isMinimum = true
      let step = triangle.solve(moved)
      if decrement == 0 || !step.allSatisfy(\.isFinite) { return }
      last = decrement
      state.iterations += 1
      for index in 0..<count { values[index] = values[index] + step[index] }
    }
  }

  /// Whether the steps stay long while the likelihood grows flat, as it does for classes that can be told apart
  /// without an error.
  private func isRunningAway(
    _ step: [Double], _ free: [Int], _ parameters: [Double]
  ) -> Bool {
    guard evaluator.loss.isLikelihood else { return false }
    return zip(step, free).contains { step, parameter in
      step.magnitude > 1e-6 * parameters[parameter].magnitude && step.magnitude > 1e-9
    }
  }

  /// Newton's step for some parameters, and what it moves the residuals by; nil where the objective does not curve
  /// upwards in all directions.
  private func newtonStep(
    _ state: State, _ free: [Int], _ curvature: Evaluator.Curvature?
  ) -> (step: [Double], decrement: Double)? {
    let columns = free.compactMap { order.firstIndex(of: $0) }
    let local = state.point.triangle.selecting(columns + [order.count])
    let count = free.count
    let right = (0..<count).map { local[$0, count] }
    if (0..<count).contains(where: local.isDependent) { return nil }
    guard let factor = shape(curvature, free, local).factor else { return nil }
    let moved = solveLowerTransposed(factor, solveLower(factor, right))
    let step = local.solve(moved)
    guard step.allSatisfy(\.isFinite) else { return nil }
    return (step, dot(right, moved).squareRoot())
  }

  /// Whether the formula is linear in all that is free.
  private var isLinear: Bool { evaluator.loss.isLeastSquares && searched.isEmpty }

  /// I − R⁻ᵀSR⁻¹ of a triangle of some parameters; nil for a curvature S of 0.
  func shape(
    _ curvature: Evaluator.Curvature?, _ free: [Int], _ triangle: Triangle
  ) -> SymmetricMatrix {
    let count = free.count
    var shape = SymmetricMatrix(zeros: count)
    for index in 0..<count { shape[index, index] = 1 }
    guard let curvature else { return shape }
    let matrix = curvature.correction
    // Rows of R⁻ᵀS, then R⁻ᵀ of their columns.
    let columns = free.map { j in triangle.solveTransposed(free.map { matrix[$0, j] }) }
    for i in 0..<count {
      let bent = triangle.solveTransposed((0..<count).map { columns[$0][i] })
      for j in 0...i { shape[i, j] -= bent[j] }
    }
    return shape
  }
}
