public import Autograd

/// Steps in the unit of the parameters: the gradient times the root mean square of past steps, divided by that of
/// past gradients (Zeiler 2012).
///
/// The learning rate multiplies these steps; PyTorch's default is 1.
public struct Adadelta: OptimizerRule {
  /// The decay rate of the running means.
  public var rho = 0.9
  /// What is added to mean squares.
  public var eps = 1e-6
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "adadelta", pytorchName: "Adadelta",
      settings: [
        .number("rho", \.rho, .zeroToOne, "decay rate of the running averages"),
        .eps(\.eps), .weightDecay(\.weightDecay),
      ])
  }

  /// The rule with its defaults.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 1 }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    AdadeltaDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// Adadelta under way.
private struct AdadeltaDescent<Scalar: Precision>: ElementwiseOptimizer {
  private let rule: Adadelta
  /// The mean squares of gradients and of steps.
  var memory: UpdateMemory<Scalar>

  init(_ rule: Adadelta, parameterCount: Int) {
    self.rule = rule
    memory = UpdateMemory(vectors: 2, elements: parameterCount)
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    Update(
      .adadelta,
      [
        learningRate, rule.weightDecay, rule.rho, 1 - rule.rho,
        rule.eps,
      ])
  }

  var state: OptimizerState<Scalar> {
    get { OptimizerState(["square_avg", "acc_delta"], memory) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
    }
  }
}
