public import Autograd

/// Steps of a size of their own for each parameter, of which gradients only give the signs (Riedmiller and
/// Braun 1993).
///
/// A size starts as the learning rate. It grows while the gradient keeps its sign; where the sign changes it
/// shrinks, and the gradient counts as 0 for this step and as the next step's previous one. Gradients of
/// batches change their signs by chance: it is a rule for all rows at once.
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
          "factors of a step's size where the gradient's sign changes, and where it does not"),
        .pair(
          "step_sizes", \.stepSizes, .aboveZero, .aboveZero, "smallest and largest size of steps"),
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
private struct RpropDescent<Scalar: Precision>: Optimizer {
  private let rule: Rprop
  private var previous: [Scalar]
  /// Zeros before the first step.
  private var sizes: [Scalar]
  private var steps = 0

  init(_ rule: Rprop, parameterCount: Int) {
    self.rule = rule
    previous = [Scalar](repeating: 0, count: parameterCount)
    sizes = previous
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(
      gradients.count == count && sizes.count == count, "one gradient for each element")
    if steps == 0 { for index in sizes.indices { sizes[index] = Scalar(learningRate) } }
    steps += 1
    let (shrink, grow) = (Scalar(rule.etas.first), Scalar(rule.etas.second))
    let (least, most) = (Scalar(rule.stepSizes.first), Scalar(rule.stepSizes.second))
    lend(&parameters, &previous, &sizes) { parameters, previous, sizes in
      let gradients = gradients.span
      for index in 0..<count {
        let gradient = gradients[unchecked: index]
        let agreement = gradient * previous[unchecked: index]
        let factor: Scalar = agreement > 0 ? grow : agreement < 0 ? shrink : 1
        let wanted = sizes[unchecked: index] * factor
        let notTooSmall = wanted < least ? least : wanted
        let size = notTooSmall > most ? most : notTooSmall
        let slope = agreement < 0 ? 0 : gradient
        let change: Scalar = slope > 0 ? size : slope < 0 ? -size : slope
        sizes[unchecked: index] = size
        previous[unchecked: index] = slope
        parameters[unchecked: index] = parameters[unchecked: index] - change
      }
    }
  }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        vectors: [("prev", previous), ("step_size", sizes)], numbers: [("step", Double(steps))])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      previous = newValue.vector("prev")
      sizes = newValue.vector("step_size")
      steps = newValue.steps
    }
  }
}
