public import Autograd

/// Steps divided by the largest gradient of late, along the running mean (Kingma and Ba 2015, section 7).
///
/// What counts as of late decays: `u = max(β₂·u, |g| + eps)`.
public struct Adamax: OptimizerRule {
  /// The decay rates of the running mean and of the largest gradient.
  public var betas = Pair(0.9, 0.999)
  /// What is added to gradients' magnitudes.
  public var eps = 1e-8
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "adamax", pytorchName: "Adamax",
      settings: [.betas(\.betas), .eps(\.eps), .weightDecay(\.weightDecay)])
  }

  /// The rule with its defaults.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.002 }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    AdamaxDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// Adamax under way.
private struct AdamaxDescent<Scalar: Precision>: ElementwiseOptimizer {
  private var rule: Adamax
  private var steps = 0
  /// The running mean, and the largest gradient.
  var memory: UpdateMemory<Scalar>

  init(_ rule: Adamax, parameterCount: Int) {
    self.rule = rule
    memory = UpdateMemory(vectors: 2, elements: parameterCount)
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    steps += 1
    return Update(
      .adamax,
      [
        learningRate / (1 - Elementary.power(rule.betas.first, steps)),
        rule.weightDecay, 1 - rule.betas.first, rule.betas.second,
        rule.eps,
      ])
  }

  mutating func setMomentum(_ momentum: Double) { rule.betas.first = momentum }

  var state: OptimizerState<Scalar> {
    get { OptimizerState(["exp_avg", "exp_inf"], memory, numbers: [("step", Double(steps))]) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
      steps = newValue.steps
    }
  }
}
