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
        .number("lr_decay", \.lrDecay, .zeroOrMore, "how fast the learning rate falls"),
        .number(
          "initial_accumulator_value", \.initialAccumulatorValue, .zeroOrMore,
          "what the sums of squares start from"),
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
private struct AdagradDescent<Scalar: Precision>: Optimizer {
  private let rule: Adagrad
  private var sum: [Scalar]
  private var steps = 0

  init(_ rule: Adagrad, parameterCount: Int) {
    self.rule = rule
    sum = [Scalar](repeating: Scalar(rule.initialAccumulatorValue), count: parameterCount)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(gradients.count == count && sum.count == count, "one gradient for each element")
    steps += 1
    let rate = Scalar(learningRate / (1 + Double(steps - 1) * rule.lrDecay))
    let eps = Scalar(rule.eps)
    let decay = WeightDecay<Scalar>(rule.weightDecay)

    lend(&parameters, &sum) { parameters, sum in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let slope = decay.slope(gradients[unchecked: index], at: parameter)
        let s = sum[unchecked: index] + slope * slope
        sum[unchecked: index] = s
        let change = rate * slope / (s.root + eps)
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  var state: OptimizerState<Scalar> {
    get { OptimizerState(vectors: [("sum", sum)], numbers: [("step", Double(steps))]) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      sum = newValue.vector("sum")
      steps = newValue.steps
    }
  }
}
