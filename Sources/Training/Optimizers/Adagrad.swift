public import Autograd

/// Steps divided by the root of the sum of each gradient's squares (Duchi, Hazan and Singer 2011).
///
/// The rate of step t, counted from 1, is `learningRate/(1 + (t − 1)·lrDecay)`.
public struct Adagrad: OptimizerRule {
  /// How fast the learning rate falls.
  public var lrDecay = 0.0
  /// What the sums of squares start from.
  public var initialAccumulatorValue = 0.0
  /// What is added to denominators.
  public var eps = 1e-10
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "adagrad", pytorchName: "Adagrad",
      settings: [
        .number("lr_decay", \.lrDecay, .zeroOrMore, "decay of the learning rate"),
        .number(
          "initial_accumulator_value", \.initialAccumulatorValue, .zeroOrMore,
          "start value of the sums of squared gradients"),
        .eps(\.eps), .weightDecay(\.weightDecay),
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
    AdagradDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// Adagrad under way.
private struct AdagradDescent<Scalar: Precision>: ElementwiseOptimizer {
  private let rule: Adagrad
  private var steps = 0
  /// The sum of squares.
  var memory: UpdateMemory<Scalar>

  init(_ rule: Adagrad, parameterCount: Int) {
    self.rule = rule
    memory = UpdateMemory(
      vectors: 1, elements: parameterCount, of: Scalar(rule.initialAccumulatorValue))
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    steps += 1
    let rate = learningRate / (1 + Double(steps - 1) * rule.lrDecay)
    return Update(.adagrad, [rate, rule.weightDecay, rule.eps])
  }

  var state: OptimizerState<Scalar> {
    get { OptimizerState(["sum"], memory, numbers: [("step", Double(steps))]) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
      steps = newValue.steps
    }
  }
}
