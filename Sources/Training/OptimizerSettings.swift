public import Autograd

/// The optimizers, by the names that their flag has.
public enum OptimizerName: String, CaseIterable, Sendable {
  case sgd, adam, adamw, amsgrad, nadam, radam, rmsprop, adagrad, adadelta, lbfgs

  /// PyTorch's default learning rate.
  public var defaultLearningRate: Double {
    switch self {
    case .sgd, .adam, .adamw, .amsgrad, .radam: 0.001
    case .nadam: 0.002
    case .rmsprop, .adagrad: 0.01
    case .adadelta, .lbfgs: 1
    }
  }

  /// What can be set of it, besides the learning rate.
  public var hyperparameters: [Hyperparameter] {
    switch self {
    case .sgd: [.momentum, .dampening, .nesterov, .weightDecay]
    case .adam, .adamw: [.betas, .eps, .weightDecay, .amsgrad]
    case .amsgrad, .radam: [.betas, .eps, .weightDecay]
    case .nadam: [.betas, .eps, .weightDecay, .momentumDecay]
    case .rmsprop: [.momentum, .alpha, .eps, .centered, .weightDecay]
    case .adagrad: [.lrDecay, .initialAccumulatorValue, .eps, .weightDecay]
    case .adadelta: [.rho, .eps, .weightDecay]
    case .lbfgs: [.maxIterations, .maxEvaluations, .historySize, .toleranceGrad, .toleranceChange]
    }
  }
}

/// What can be set of an optimizer, by PyTorch's names.
public enum Hyperparameter: String, CaseIterable, Sendable {
  case momentum, dampening, nesterov, betas, eps, amsgrad, alpha, centered, rho
  case weightDecay = "weight_decay"
  case momentumDecay = "momentum_decay"
  case lrDecay = "lr_decay"
  case initialAccumulatorValue = "initial_accumulator_value"
  case maxIterations = "max_iter"
  case maxEvaluations = "max_eval"
  case historySize = "history_size"
  case toleranceGrad = "tolerance_grad"
  case toleranceChange = "tolerance_change"

  /// The optimizers that have it.
  public var optimizers: [OptimizerName] {
    OptimizerName.allCases.filter { $0.hyperparameters.contains(self) }
  }
}

/// An optimizer and all that can be set of it; what it does not have is ignored.
public struct OptimizerSettings: Sendable, Hashable {
  /// The weights of the past in two running means.
  public struct Betas: Sendable, Hashable {
    /// The weight in the mean of the gradients, 0 to below 1.
    public var first: Double
    /// The weight in the mean of their squares, 0 to below 1.
    public var second: Double

    /// A pair of weights.
    public init(_ first: Double, _ second: Double) {
      self.first = first
      self.second = second
    }
  }

  /// How far L-BFGS goes along a direction.
  public enum LineSearch: Sendable, Hashable {
    /// As far as the learning rate says.
    case none
    /// To a point that satisfies the strong Wolfe conditions.
    case strongWolfe
  }

  /// The optimizer.
  public let name: OptimizerName
  /// How much of the last step is taken again.
  public var momentum = 0.0
  /// How much less of each gradient goes into the momentum.
  public var dampening = 0.0
  /// Whether steps look ahead by the momentum; needs momentum, and no dampening.
  public var nesterov = false
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0
  /// The weights of the past in the running means of gradients and of their squares.
  public var betas = Betas(0.9, 0.999)
  /// What is added to denominators.
  public var eps = 1e-8
  /// Whether the largest mean square so far is divided by.
  public var amsgrad = false
  /// How fast NAdam's momentum warms up.
  public var momentumDecay = 0.004
  /// The weight of the past in RMSprop's running means.
  public var alpha = 0.99
  /// Whether RMSprop divides by the standard deviation.
  public var centered = false
  /// How fast Adagrad's learning rate falls.
  public var lrDecay = 0.0
  /// What Adagrad's sums start from.
  public var initialAccumulatorValue = 0.0
  /// The weight of the past in Adadelta's running means.
  public var rho = 0.9
  /// How many iterations one step of L-BFGS has at most.
  public var maxIterations = 20
  /// How many evaluations one step of L-BFGS has at most; nil for 5/4 of its iterations.
  public var maxEvaluations: Int?
  /// How many past steps L-BFGS remembers.
  public var historySize = 100
  /// The largest element of a gradient at which L-BFGS stops.
  public var toleranceGrad = 1e-7
  /// The change of loss or parameters at which L-BFGS stops.
  public var toleranceChange = 1e-9
  /// How far L-BFGS goes along a direction.
  public var lineSearch = LineSearch.strongWolfe

  /// An optimizer with PyTorch's defaults; L-BFGS searches its lines.
  public init(_ name: OptimizerName = .sgd) {
    self.name = name
    switch name {
    case .adamw: weightDecay = 0.01
    case .amsgrad: amsgrad = true
    case .adagrad: eps = 1e-10
    case .adadelta: eps = 1e-6
    default: break
    }
  }

  /// How many evaluations one step of L-BFGS has at most, whoever said so.
  public var mostEvaluations: Int {
    if let maxEvaluations { return maxEvaluations }
    let (sum, isTooLarge) = maxIterations.addingReportingOverflow(maxIterations / 4)
    return isTooLarge ? .max : sum
  }

  /// Whether a step is nothing but `p − learningRate·g`.
  public var isPlainDescent: Bool { name == .sgd && momentum == 0 && weightDecay == 0 }

  /// The optimizer at its first step, for so many single parameters.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    precondition(parameterCount > 0, "nothing to optimise")
    return switch name {
    case .sgd: SGD<Scalar>(self, parameterCount: parameterCount)
    case .adam, .adamw, .amsgrad: Adam<Scalar>(self, parameterCount: parameterCount)
    case .nadam: NAdam<Scalar>(self, parameterCount: parameterCount)
    case .radam: RAdam<Scalar>(self, parameterCount: parameterCount)
    case .rmsprop: RMSprop<Scalar>(self, parameterCount: parameterCount)
    case .adagrad: Adagrad<Scalar>(self, parameterCount: parameterCount)
    case .adadelta: Adadelta<Scalar>(self, parameterCount: parameterCount)
    case .lbfgs: LBFGS<Scalar>(self, parameterCount: parameterCount)
    }
  }
}
