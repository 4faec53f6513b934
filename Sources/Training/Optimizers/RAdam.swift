public import Autograd

/// Adam whose first steps do without the mean square, as long as its variance is too large (Liu and others 2020).
///
/// Until about the sixth step, with the usual betas, it goes along the running mean of the gradients
/// alone, by the full learning rate: smaller rates suit it than suit Adam.
public struct RAdam: OptimizerRule {
  /// The decay rates of the running means of gradients and of their squares.
  public var betas = Pair(0.9, 0.999)
  /// What is added to denominators.
  public var eps = 1e-8
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "radam", pytorchName: "RAdam",
      settings: [.betas(\.betas), .eps(\.eps), .weightDecay(\.weightDecay)])
  }

  /// The rule with its defaults.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.001 }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    RAdamDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// RAdam under way.
private struct RAdamDescent<Scalar: Precision>: ElementwiseOptimizer {
  private let rule: RAdam
  private var moments: Moments
  /// The means.
  var memory: UpdateMemory<Scalar>

  init(_ rule: RAdam, parameterCount: Int) {
    self.rule = rule
    moments = Moments(rule.betas, weightDecay: rule.weightDecay)
    memory = UpdateMemory(vectors: 2, elements: parameterCount)
  }

  /// The factor that makes up for the variance of the mean square; nil while there is no estimate of it.
  private var rectification: Double? {
    let power2 = Elementary.power(moments.beta2, moments.steps)
    let most = 2 / (1 - moments.beta2) - 1
    let length = most - 2 * Double(moments.steps) * power2 / (1 - power2)
    guard length > 5 else { return nil }
    let ratio = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
    return ratio.squareRoot()
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    moments.beginStep()
    let common = moments.settings + [learningRate, moments.correction1]
    guard let factor = rectification else { return Update(.radamStart, common) }
    let root2 = moments.correction2.squareRoot()
    return Update(.radam, common + [root2, rule.eps, factor])
  }

  mutating func setMomentum(_ momentum: Double) { moments.beta1 = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        Moments.names, memory, numbers: [("step", Double(moments.steps))])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
      moments.steps = newValue.steps
    }
  }
}
