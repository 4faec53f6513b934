public import Autograd

/// Steps divided by the root of each gradient's running mean square (Tieleman and Hinton 2012).
///
/// Centred, it divides by the running standard deviation instead (Graves 2013); where rounding makes a
/// variance negative, PyTorch's is nan, and here its magnitude counts. With momentum, what is
/// divided goes into a buffer, `momentum·buffer + g/root`, and the step along that.
public struct RMSprop: OptimizerRule {
  /// How much of the last step is taken again.
  public var momentum = 0.0
  /// The decay rate of the running means.
  public var alpha = 0.99
  /// What is added to denominators.
  public var eps = 1e-8
  /// Whether the standard deviation is divided by.
  public var centered = false
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "rmsprop", pytorchName: "RMSprop",
      settings: [
        .number(
          "momentum", \.momentum, .zeroOrMore, "fraction of the previous update that is kept"),
        .number("alpha", \.alpha, .zeroToOne, "decay rate of the running averages"),
        .eps(\.eps),
        .flag(
          "centered", \.centered,
          "divide by the standard deviation of the gradient, not its root mean square"),
        .weightDecay(\.weightDecay),
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
    RMSpropDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// RMSprop under way.
private struct RMSpropDescent<Scalar: Precision>: ElementwiseOptimizer {
  private var rule: RMSprop
  /// The mean square, the mean where it is centred, and from the first step with momentum on the momentum's buffer.
  var memory: UpdateMemory<Scalar>

  init(_ rule: RMSprop, parameterCount: Int) {
    self.rule = rule
    memory = UpdateMemory(vectors: rule.centered ? 2 : 1, elements: parameterCount)
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    let common = [learningRate, rule.weightDecay, rule.alpha, 1 - rule.alpha, rule.eps]
    guard rule.momentum != 0 else {
      return Update(rule.centered ? .rmspropCentred : .rmsprop, common)
    }
    if memory.vectorCount < names.count { memory.append() }
    return Update(
      rule.centered ? .rmspropCentredMomentum : .rmspropMomentum, common + [rule.momentum])
  }

  /// PyTorch's names of all vectors there can be.
  private var names: [String] {
    ["square_avg"] + (rule.centered ? ["grad_avg"] : []) + ["momentum_buffer"]
  }

  mutating func setMomentum(_ momentum: Double) { rule.momentum = momentum }

  var state: OptimizerState<Scalar> {
    get { OptimizerState(names, memory) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
    }
  }

  func canResume(from state: OptimizerState<Scalar>) -> Bool {
    let found = state.vectors.map(\.name)
    return (found == names || found == names.dropLast()) && state.numbers.isEmpty
      && state.vectors.allSatisfy { $0.values.count == memory.elementCount }
  }
}
