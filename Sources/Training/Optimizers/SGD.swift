public import Autograd

/// Gradient descent: `p = p − learningRate·g`, as two rounded operations; with momentum on demand.
///
/// Momentum is Polyak's (1964), as PyTorch has it: the buffer is the first gradient, then
/// `momentum·buffer + (1 − dampening)·g`, and takes the gradient's place; Nesterov's variant (Sutskever
/// et al. 2013) goes along `g + momentum·buffer`. Weight decay adds `weightDecay·p` to the gradient.
public struct SGD: OptimizerRule {
  /// How much of the last step is taken again.
  public var momentum = 0.0
  /// How much less of each gradient goes into the momentum.
  public var dampening = 0.0
  /// Whether steps look ahead by the momentum.
  public var nesterov = false
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "sgd", pytorchName: "SGD",
      settings: [
        .number(
          "momentum", \.momentum, .zeroOrMore, "fraction of the previous update that is kept"),
        .number(
          "dampening", \.dampening, .zeroToOne,
          "fraction of the gradient that is left out of the momentum"),
        .flag("nesterov", \.nesterov, "use Nesterov momentum"),
        .weightDecay(\.weightDecay),
      ])
  }

  /// Plain descent.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.001 }
  /// Whether there is neither momentum nor weight decay.
  public var isPlainDescent: Bool { momentum == 0 && weightDecay == 0 }

  /// Throws if settings contradict each other.
  public func check() throws(SettingFault) {
    if nesterov, momentum == 0 { throw SettingFault("{nesterov} needs a {momentum} above 0") }
    if nesterov, dampening != 0 {
      throw SettingFault("{nesterov} and {dampening} contradict each other: give one of them")
    }
    if dampening != 0, momentum == 0 {
      throw SettingFault("{dampening} needs a {momentum} above 0")
    }
  }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    Descent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// Gradient descent under way.
private struct Descent<Scalar: Precision>: ElementwiseOptimizer {
  private var rule: SGD
  /// The momentum buffer; empty before the first step with momentum.
  var memory: UpdateMemory<Scalar>

  init(_ rule: SGD, parameterCount: Int) {
    self.rule = rule
    memory = UpdateMemory(vectors: 0, elements: parameterCount)
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    let common = [learningRate, rule.weightDecay]
    guard rule.momentum != 0 else { return Update(.descent, common) }
    let isFirst = memory.vectorCount == 0
    if isFirst { memory.append() }
    let keep = isFirst ? 0 : rule.momentum
    let take = isFirst ? 1 : 1 - rule.dampening
    return rule.nesterov
      ? Update(.nesterov, common + [keep, take, rule.momentum])
      : Update(.momentum, common + [keep, take])
  }

  mutating func setMomentum(_ momentum: Double) { rule.momentum = momentum }

  /// The momentum buffer, once there is one.
  var state: OptimizerState<Scalar> {
    get { OptimizerState(["momentum_buffer"], memory) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
    }
  }

  /// Whether the state is empty or a momentum buffer of the right length.
  func canResume(from state: OptimizerState<Scalar>) -> Bool {
    guard state.numbers.isEmpty, state.vectors.count <= 1 else { return false }
    guard let vector = state.vectors.first else { return true }
    return vector.name == "momentum_buffer" && vector.values.count == memory.elementCount
  }
}
