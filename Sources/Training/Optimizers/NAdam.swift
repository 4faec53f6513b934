public import Autograd

/// Adam with Nesterov's momentum: steps look ahead by a momentum that warms up (Dozat 2016).
///
/// The momentum of step t is `β₁·(1 − 0.96^(t·momentumDecay)/2)`.
public struct NAdam: OptimizerRule {
  /// The decay rates of the running means of gradients and of their squares.
  public var betas = Pair(0.9, 0.999)
  /// What is added to denominators.
  public var eps = 1e-8
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0
  /// How fast the momentum warms up.
  public var momentumDecay = 0.004

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "nadam", pytorchName: "NAdam",
      settings: [
        .betas(\.betas), .eps(\.eps), .weightDecay(\.weightDecay),
        .number("momentum_decay", \.momentumDecay, .zeroOrMore, "how fast the momentum warms up"),
      ])
  }

  /// The rule with its defaults.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.002 }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    NAdamDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// NAdam under way.
private struct NAdamDescent<Scalar: Precision>: ElementwiseOptimizer {
  private let rule: NAdam
  private var moments: Moments
  /// The product of all momenta so far.
  private var momentumProduct = 1.0
  /// The means.
  var memory: UpdateMemory<Scalar>

  init(_ rule: NAdam, parameterCount: Int) {
    self.rule = rule
    moments = Moments(rule.betas, weightDecay: rule.weightDecay)
    memory = UpdateMemory(vectors: 2, elements: parameterCount)
  }

  private func momentum(ofStep step: Int) -> Double {
    moments.beta1 * (1 - 0.5 * Elementary.power(0.96, Double(step) * rule.momentumDecay))
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    moments.beginStep()
    let now = momentum(ofStep: moments.steps)
    let next = momentum(ofStep: moments.steps + 1)
    momentumProduct *= now
    return Update(
      .nadam,
      moments.settings + [
        learningRate * (1 - now) / (1 - momentumProduct),
        learningRate * next / (1 - momentumProduct * next),
        moments.correction2, rule.eps,
      ])
  }

  mutating func setMomentum(_ momentum: Double) { moments.beta1 = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        Moments.names, memory,
        numbers: [("step", Double(moments.steps)), ("mu_product", momentumProduct)])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
      moments.steps = newValue.steps
      momentumProduct = newValue.number("mu_product")
    }
  }
}
