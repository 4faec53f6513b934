public import Autograd

/// Steps in the parameters' own unit: the gradient times the root mean square of past steps by that of past
/// gradients (Zeiler 2012).
///
/// The learning rate multiplies steps that need none; PyTorch's default is 1.
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
        .number("rho", \.rho, .zeroToOne, "decay rate of the running means"),
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
private struct AdadeltaDescent<Scalar: Precision>: Optimizer {
  private let rule: Adadelta
  private var meanSquare: [Scalar]
  private var meanSquareOfSteps: [Scalar]

  init(_ rule: Adadelta, parameterCount: Int) {
    self.rule = rule
    meanSquare = [Scalar](repeating: 0, count: parameterCount)
    meanSquareOfSteps = meanSquare
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(
      gradients.count == count && meanSquare.count == count, "one gradient for each element")
    let rate = Scalar(learningRate)
    let (keep, new) = (Scalar(rule.rho), Scalar(1 - rule.rho))
    let eps = Scalar(rule.eps)
    let decay = WeightDecay<Scalar>(rule.weightDecay)

    lend(&parameters, &meanSquare, &meanSquareOfSteps) {
      parameters, meanSquare, meanSquareOfSteps in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let slope = decay.slope(gradients[unchecked: index], at: parameter)
        let v = meanSquare[unchecked: index] * keep + new * slope * slope
        let u = meanSquareOfSteps[unchecked: index]
        let step = (u + eps).root / (v + eps).root * slope
        meanSquare[unchecked: index] = v
        meanSquareOfSteps[unchecked: index] = u * keep + new * step * step
        let change = rate * step
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(vectors: [("square_avg", meanSquare), ("acc_delta", meanSquareOfSteps)])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      meanSquare = newValue.vector("square_avg")
      meanSquareOfSteps = newValue.vector("acc_delta")
    }
  }
}
