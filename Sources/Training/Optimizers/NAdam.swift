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
private struct NAdamDescent<Scalar: Precision>: Optimizer {
  private let rule: NAdam
  private var moments: Moments<Scalar>
  /// The product of all momenta so far.
  private var momentumProduct = 1.0

  init(_ rule: NAdam, parameterCount: Int) {
    self.rule = rule
    moments = Moments(
      rule.betas, weightDecay: rule.weightDecay, parameterCount: parameterCount)
  }

  private func momentum(ofStep step: Int) -> Double {
    moments.beta1 * (1 - 0.5 * Elementary.power(0.96, Double(step) * rule.momentumDecay))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    moments.beginStep()
    let now = momentum(ofStep: moments.steps)
    let next = momentum(ofStep: moments.steps + 1)
    momentumProduct *= now
    let gradientRate = Scalar(learningRate * (1 - now) / (1 - momentumProduct))
    let meanRate = Scalar(learningRate * next / (1 - momentumProduct * next))
    let correction2 = Scalar(moments.correction2)
    let eps = Scalar(rule.eps)
    moments.update(&parameters, along: gradients) { _, parameter, gradient, mean, meanSquare in
      let root = (meanSquare / correction2).root + eps
      let alongGradient = parameter - gradientRate * gradient / root
      return alongGradient - meanRate * mean / root
    }
  }

  mutating func setMomentum(_ momentum: Double) { moments.beta1 = momentum }

  var state: OptimizerState<Scalar> {
    get {
      var state = moments.state
      state.numbers.append(("mu_product", momentumProduct))
      return state
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      moments.state = newValue
      momentumProduct = newValue.number("mu_product")
    }
  }
}
