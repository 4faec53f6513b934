public import Autograd

/// Gradient descent at a falling rate, and the average of its parameters (Polyak and Juditsky 1992).
///
/// The rate of a step is `learningRate/(1 + lambd·learningRate·t)^alpha` with the t of the step before; the
/// parameters shrink by the same rate times `lambd`. As in PyTorch, a learning rate that a schedule changes
/// acts one step later. The average starts as the parameters and follows them by `1/max(1, t − t0)` of the
/// way.
public struct ASGD: OptimizerRule {
  /// How strongly parameters shrink, and how fast the rate falls.
  public var lambd = 1e-4
  /// The power of the fall of the rate.
  public var alpha = 0.75
  /// The step from which on parameters are averaged.
  public var t0 = 1e6
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0
  /// Whether the average is the result, instead of the parameters as the last step left them.
  public var average = false

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "asgd", pytorchName: "ASGD",
      settings: [
        .number(
          "lambd", \.lambd, .zeroOrMore, "decay of the parameters and of the learning rate"),
        .number("alpha", \.alpha, .zeroOrMore, "exponent of the decay of the learning rate"),
        .number("t0", \.t0, .zeroOrMore, "step after which averaging of the parameters begins"),
        .weightDecay(\.weightDecay),
        .flag("average", \.average, "validate and save the averaged parameters"),
      ])
  }

  /// The rule with its defaults.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.01 }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    ASGDDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// ASGD under way.
private struct ASGDDescent<Scalar: Precision>: ElementwiseOptimizer {
  private let rule: ASGD
  /// The rate of the next step.
  private var rate: Scalar = 0
  private var steps = 0
  /// The average, which the first step makes.
  var memory: UpdateMemory<Scalar>

  init(_ rule: ASGD, parameterCount: Int) {
    self.rule = rule
    memory = UpdateMemory(vectors: 1, elements: parameterCount)
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    if steps == 0 { rate = Scalar(learningRate) }
    // At the first step the weight is 1: what the memory holds before does not matter.
    let update = Update(
      .asgd,
      [
        Double(rate), rule.weightDecay, 1 - rule.lambd * Double(rate),
        1 / max(1, Double(steps) - rule.t0),
      ])
    steps += 1
    let fall = Elementary.power(1 + rule.lambd * learningRate * Double(steps), rule.alpha)
    rate = Scalar(learningRate / fall)
    return update
  }

  var result: [Scalar]? { rule.average && steps > 0 ? memory.vectors[0] : nil }

  /// The average and the next step's rate, once there are some.
  var state: OptimizerState<Scalar> {
    get {
      if steps == 0 { return OptimizerState() }
      return OptimizerState(
        ["ax"], memory, numbers: [("step", Double(steps)), ("eta", Double(rate))])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      if !newValue.vectors.isEmpty { memory = newValue.memory(elements: memory.elementCount) }
      rate = Scalar(newValue.number("eta"))
      steps = newValue.steps
    }
  }

  func canResume(from state: OptimizerState<Scalar>) -> Bool {
    if state.vectors.isEmpty && state.numbers.isEmpty { return true }
    return state.vectors.map(\.name) == ["ax"]
      && state.vectors[0].values.count == memory.elementCount
      && state.numbers.map(\.name) == ["step", "eta"] && state.hasWholeSteps && state.steps > 0
  }
}
