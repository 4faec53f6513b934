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
private struct AdamaxDescent<Scalar: Precision>: Optimizer {
  private var rule: Adamax
  private var mean: [Scalar]
  private var largest: [Scalar]
  private var steps = 0

  init(_ rule: Adamax, parameterCount: Int) {
    self.rule = rule
    mean = [Scalar](repeating: 0, count: parameterCount)
    largest = mean
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(gradients.count == count && mean.count == count, "one gradient for each element")
    steps += 1
    let rate = Scalar(learningRate / (1 - Elementary.power(rule.betas.first, steps)))
    let new = Scalar(1 - rule.betas.first)
    let keep = Scalar(rule.betas.second)
    let eps = Scalar(rule.eps)
    let decay = WeightDecay<Scalar>(rule.weightDecay)
    lend(&parameters, &mean, &largest) { parameters, mean, largest in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let slope = decay.slope(gradients[unchecked: index], at: parameter)
        let m = mean[unchecked: index].moved(to: slope, by: new)
        let past = keep * largest[unchecked: index]
        let magnitude = slope.magnitude + eps
        let u = past >= magnitude ? past : magnitude
        mean[unchecked: index] = m
        largest[unchecked: index] = u
        let change = rate * m / u
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  mutating func setMomentum(_ momentum: Double) { rule.betas.first = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        vectors: [("exp_avg", mean), ("exp_inf", largest)], numbers: [("step", Double(steps))])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      mean = newValue.vector("exp_avg")
      largest = newValue.vector("exp_inf")
      steps = newValue.steps
    }
  }
}
