public import Autograd

/// Steps divided by the root of each gradient's mean square, along its running mean.
///
/// Adam is Kingma and Ba (2015). AMSGrad (Reddi, Kale and Kumar 2018) divides by the largest mean square so
/// far. AdamW (Loshchilov and Hutter 2019) takes weight decay out of the gradient: it shrinks the
/// parameters by `learningRate·weightDecay` before the step.
public struct Adam: OptimizerRule {
  /// The rules that are Adam but for a default or two.
  public enum Variant: String, Sendable {
    case adam
    /// Weight decay apart from the gradient, 0.01 unless told otherwise.
    case adamw
    /// Always with the largest mean square.
    case amsgrad
  }

  /// Which of the rules it is.
  public let variant: Variant
  /// The decay rates of the running means of gradients and of their squares.
  public var betas = Pair(0.9, 0.999)
  /// What is added to denominators.
  public var eps = 1e-8
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0
  /// Whether the largest mean square so far is divided by.
  public var amsgrad = false

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      variant.rawValue, pytorchName: variant == .adamw ? "AdamW" : "Adam", settings: settings)
  }

  private var settings: [Setting<Self>] {
    let common: [Setting<Self>] = [.betas(\.betas), .eps(\.eps), .weightDecay(\.weightDecay)]
    if variant == .amsgrad { return common }
    return common + [
      .flag("amsgrad", \.amsgrad, "divide by the largest second moment estimate so far")
    ]
  }

  /// A rule with its defaults.
  public init(_ variant: Variant = .adam) {
    self.variant = variant
    if variant == .adamw { weightDecay = 0.01 }
    if variant == .amsgrad { amsgrad = true }
  }

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.001 }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    AdamDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// Adam under way.
private struct AdamDescent<Scalar: Precision>: ElementwiseOptimizer {
  private let rule: Adam
  private var moments: Moments
  /// The means, and the largest mean square where it is kept.
  var memory: UpdateMemory<Scalar>

  init(_ rule: Adam, parameterCount: Int) {
    self.rule = rule
    moments = Moments(rule.betas, weightDecay: rule.variant == .adamw ? 0 : rule.weightDecay)
    memory = UpdateMemory(vectors: rule.amsgrad ? 3 : 2, elements: parameterCount)
  }

  mutating func nextUpdate(learningRate: Double) -> Update {
    moments.beginStep()
    let shrunk = rule.variant == .adamw ? 1 - learningRate * rule.weightDecay : 1
    return Update(
      rule.amsgrad ? .amsgrad : .adam,
      moments.settings + [
        learningRate / moments.correction1, moments.correction2.squareRoot(),
        rule.eps, shrunk,
      ])
  }

  mutating func setMomentum(_ momentum: Double) { moments.beta1 = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        Moments.names + ["max_exp_avg_sq"], memory,
        numbers: [("step", Double(moments.steps))])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      memory = newValue.memory(elements: memory.elementCount)
      moments.steps = newValue.steps
    }
  }
}
