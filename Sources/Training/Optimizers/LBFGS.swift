public import Autograd

/// Quasi-Newton steps from a limited memory of past ones (Liu and Nocedal 1989; Nocedal and Wright 2006,
/// algorithm 7.4), along lines searched for the strong Wolfe conditions.
///
/// A step is PyTorch's: up to `maxIterations` iterations, each a direction and how far to go along it, as
/// long as evaluations are left and gradient, step and change of the loss are above their tolerances. The
/// search of a line begins at the learning rate; 1 suits it. Scalar products are summed in the order of every sum over
/// rows, and what is computed from them is computed in double.
public struct LBFGS: OptimizerRule {
  /// How far to go along a direction.
  public enum LineSearch: Sendable, Hashable {
    /// As far as the learning rate says.
    case none
    /// To a point that satisfies the strong Wolfe conditions.
    case strongWolfe
  }

  /// How many iterations a step has at most.
  public var maxIterations = 20
  /// How many evaluations of the loss a step has at most; nil for 5/4 of its iterations.
  public var maxEvaluations: Int?
  /// How many past steps are remembered.
  public var historySize = 100
  /// The largest element of a gradient at which a step ends.
  public var toleranceGrad = 1e-7
  /// The change of loss or parameters at which a step ends.
  public var toleranceChange = 1e-9
  /// How far to go along a direction.
  public var lineSearch = LineSearch.strongWolfe

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "lbfgs", pytorchName: "LBFGS",
      settings: [
        .count("max_iter", \.maxIterations, "maximum number of iterations per step"),
        .count(
          "max_eval", \.evaluations, "maximum number of loss evaluations per step",
          defaultWords: "5/4 of max-iter"),
        .count("history_size", \.historySize, "number of past updates to remember"),
        .number(
          "tolerance_grad", \.toleranceGrad, .zeroOrMore,
          "end the step when no gradient is larger than this"),
        .number(
          "tolerance_change", \.toleranceChange, .zeroOrMore,
          "end the step when the loss or the parameters change by less than this"),
      ])
  }

  /// The rule with PyTorch's defaults, but that it searches its lines.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 1 }
  /// It does.
  public var searchesLines: Bool { true }
  /// ``toleranceGrad`` and ``toleranceChange``.
  public var tolerances: Tolerances? {
    Tolerances(gradient: toleranceGrad, change: toleranceChange)
  }

  /// How many evaluations a step has at most: what is set, or what follows from the iterations.
  public var mostEvaluations: Int {
    if let maxEvaluations { return maxEvaluations }
    let (sum, isTooLarge) = maxIterations.addingReportingOverflow(maxIterations / 4)
    return isTooLarge ? .max : sum
  }

  /// The same as a setting.
  private var evaluations: Int? {
    get { mostEvaluations }
    set { maxEvaluations = newValue }
  }

  /// Throws if settings contradict each other.
  public func check() throws(SettingFault) {
    if lineSearch == .strongWolfe, mostEvaluations < 2 {
      throw SettingFault(
        "the line search of lbfgs needs at least 2 evaluations per step: give {max_eval} 2 or more")
    }
  }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    LBFGSDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// L-BFGS under way.
private struct LBFGSDescent<Scalar: Precision>: Optimizer {
  typealias Objective = StrongWolfe<Scalar>.Objective

  /// A step that was taken: by how much parameters and gradients changed, and 1 by their product.
  private struct Correction {
    let step: [Scalar]
    let change: [Scalar]
    let inverseProduct: Double
  }

  private let rule: LBFGS
  private let parameterCount: Int

  private var history: [Correction] = []
  /// The scale of the inverse Hessian that the memory is applied to.
  private var scale = 1.0
  private var iterations = 0
  // Of the last iteration; empty before the first.
  private var direction: [Scalar] = []
  private var stepLength = 0.0
  private var previousGradient: [Scalar] = []

  init(_ rule: LBFGS, parameterCount: Int) {
    self.rule = rule
    self.parameterCount = parameterCount
  }

  /// Takes one iteration without a search, as there is no objective to look at.
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    // Nothing is evaluated that could be stopped.
    try? iterate(
      &parameters, along: gradients, loss: 0, learningRate: learningRate, maxIterations: 1,
      evaluate: nil)
  }

  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, loss: Scalar,
    learningRate: Double, evaluate: Objective
  ) throws(SearchStopped) {
    try withoutActuallyEscaping(evaluate) { evaluate throws(SearchStopped) in
      try iterate(
        &parameters, along: gradients, loss: loss, learningRate: learningRate,
        maxIterations: rule.maxIterations, evaluate: evaluate)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func iterate(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, loss: Scalar,
    learningRate: Double, maxIterations: Int, evaluate: Objective?
  ) throws(SearchStopped) {
    precondition(
      gradients.count == parameterCount && parameters.count == parameterCount,
      "one gradient for each element")
    var gradient = Array(gradients)
    var loss = Double(loss)
    var evaluations = 1
    if Summation.largestMagnitude(gradient.span) <= Scalar(rule.toleranceGrad) { return }
    for iteration in 1...maxIterations {
      iterations += 1
      findDirection(along: gradient)
      previousGradient = gradient
      stepLength = learningRate
      if iterations == 1 {
        stepLength *= min(1, 1 / Summation.magnitudes(gradient.span))
      }
      let slope = Summation.product(gradient.span, direction.span)
      if slope > -rule.toleranceChange { return }
      let lossBefore = loss
      if rule.lineSearch == .strongWolfe, let evaluate {
        var search = StrongWolfe(
          from: parameters, along: direction, loss: loss, gradient: gradient, slope: slope,
          toleranceChange: rule.toleranceChange, maxTrials: rule.mostEvaluations - evaluations)
        let found = try search.run(firstStep: stepLength, evaluate: evaluate)
        (stepLength, loss, gradient) = (found.step, found.loss, found.gradient)
        evaluations += search.evaluations
        parameters.move(along: direction, by: stepLength)
      } else {
        parameters.move(along: direction, by: stepLength)
        if iteration < maxIterations, let evaluate {
          loss = Double(try evaluate(parameters, &gradient))
          evaluations += 1
        }
      }
      let isOptimal = Summation.largestMagnitude(gradient.span) <= Scalar(rule.toleranceGrad)
      let moved = Double(Summation.largestMagnitude(direction.span)) * abs(stepLength)
      if evaluations >= rule.mostEvaluations || isOptimal || moved <= rule.toleranceChange
        || abs(loss - lossBefore) < rule.toleranceChange
      {
        return
      }
    }
  }

  /// Remembers the last step and finds the next direction.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func findDirection(along gradient: [Scalar]) {
    if iterations > 1 {
      var change = gradient
      for index in change.indices { change[index] -= previousGradient[index] }
      let length = Scalar(stepLength)
      let step = direction.map { $0 * length }
      let product = Summation.product(change.span, step.span)
      if product > 1e-10 {
        if history.count == rule.historySize { history.removeFirst() }
        history.append(Correction(step: step, change: change, inverseProduct: 1 / product))
        scale = product / Summation.product(change.span, change.span)
      }
    }
    var next = gradient.map { -$0 }
    guard iterations > 1 else {
      direction = next
      return
    }
    var weights = [Double](repeating: 0, count: history.count)
    for index in history.indices.reversed() {
      let pair = history[index]
      weights[index] = Summation.product(pair.step.span, next.span) * pair.inverseProduct
      next.move(along: pair.change, by: -weights[index])
    }
    let scale = Scalar(scale)
    for index in next.indices { next[index] *= scale }
    for (pair, weight) in zip(history, weights) {
      let back = Summation.product(pair.change.span, next.span) * pair.inverseProduct
      next.move(along: pair.step, by: weight - back)
    }
    direction = next
  }
}

extension LBFGSDescent {
  /// The memory, oldest pair first: `old_stps.0`, `old_dirs.0`, and so on.
  var state: OptimizerState<Scalar> {
    get {
      var state = OptimizerState<Scalar>()
      guard iterations > 0 else { return state }
      state.vectors = [("d", direction), ("prev_flat_grad", previousGradient)]
      state.numbers = [("step", Double(iterations)), ("t", stepLength), ("H_diag", scale)]
      for (index, pair) in history.enumerated() {
        state.vectors.append(("old_stps.\(index)", pair.step))
        state.vectors.append(("old_dirs.\(index)", pair.change))
        state.numbers.append(("ro.\(index)", pair.inverseProduct))
      }
      return state
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      iterations = newValue.steps
      direction = newValue.vector("d")
      previousGradient = newValue.vector("prev_flat_grad")
      stepLength = newValue.number("t")
      scale = iterations == 0 ? 1 : newValue.number("H_diag")
      history = newValue.numbers.dropFirst(3).indices.map { number in
        Correction(
          step: newValue.vectors[2 * number - 4].values,
          change: newValue.vectors[2 * number - 3].values,
          inverseProduct: newValue.numbers[number].value)
      }
    }
  }

  func canResume(from state: OptimizerState<Scalar>) -> Bool {
    if state.vectors.isEmpty && state.numbers.isEmpty { return true }
    let count = state.numbers.count - 3
    guard (0...rule.historySize).contains(count) else { return false }
    let pairs = (0..<count).flatMap { ["old_stps.\($0)", "old_dirs.\($0)"] }
    return state.numbers.map(\.name) == ["step", "t", "H_diag"] + (0..<count).map { "ro.\($0)" }
      && state.vectors.map(\.name) == ["d", "prev_flat_grad"] + pairs
      && state.vectors.allSatisfy { $0.values.count == parameterCount }
      && state.hasWholeSteps && state.steps > 0
  }
}

extension Array where Element: Precision {
  /// Adds a multiple of a direction, as two rounded operations per element.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  mutating func move(along direction: [Element], by length: Double) {
    let length = Element(length)
    precondition(direction.count == count, "vectors of one length")
    let direction = direction.span
    var values = mutableSpan
    for index in 0..<direction.count {
      let change = length * direction[unchecked: index]
      values[unchecked: index] = values[unchecked: index] + change
    }
  }
}
