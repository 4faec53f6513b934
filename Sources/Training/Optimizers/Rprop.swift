public import Autograd

/// Steps whose size belongs to each parameter, and whose sign comes from the gradient (Riedmiller and Braun 1993).
///
/// A size starts as the learning rate. It grows while the gradient keeps its sign. When the sign changes, the size
/// shrinks, and the gradient counts as 0 for this step and as the previous one of the next. The signs of gradients
/// of batches change by chance, so use this rule with all rows in each step.
public struct Rprop: OptimizerRule {
  /// What sizes are multiplied by where the sign changed, and where it did not.
  public var etas = Pair(0.5, 1.2)
  /// The smallest and the largest size.
  public var stepSizes = Pair(1e-6, 50)

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "rprop", pytorchName: "Rprop",
      settings: [
        .pair(
          "etas", \.etas, .aboveZeroToBelowOne, .aboveOne,
          "factors by which step sizes shrink when the gradient changes sign, and grow when it does not"
        ),
        .pair(
          "step_sizes", \.stepSizes, .aboveZero, .aboveZero, "smallest and largest step size"),
      ])
  }

  /// The rule with its defaults.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.01 }
  /// It does not: only the first step's size is the learning rate.
  public var followsLearningRate: Bool { false }

  /// Throws if settings contradict each other.
  public func check() throws(SettingFault) {
    if stepSizes.first > stepSizes.second {
      throw SettingFault("{step_sizes} are the smallest and the largest, in this order")
    }
  }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    RpropDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// Rprop under way.
private struct RpropDescent<Scalar: Precision>: ElementwiseOptimizer {
  private let rule: Rprop
  private var steps = 0
  /// The previous gradients, zeros at first, and the sizes of steps, which the first step sets.
  var memory: UpdateMemory<Scalar>

  init(_ rule: Rprop, parameterCount: Int) {
    self.rule = rule
    memory = UpdateMemory(vectors: 2, elements: parameterCount)
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    if steps == 0 {
      memory = UpdateMemory(vectors: 1, elements: memory.elementCount)
      memory.append(of: Scalar(learningRate))
    }
    steps += 1
    return Update(
      .rprop,
      [rule.etas.first, rule.etas.second, rule.stepSizes.first, rule.stepSizes.second])
  }

  var state: OptimizerState<Scalar> {
    get { OptimizerState(["prev", "step_size"], memory, numbers: [("step", Double(steps))]) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
      steps = newValue.steps
    }
  }
}
