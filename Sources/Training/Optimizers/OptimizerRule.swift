public import Autograd

/// A rule of updates and its hyperparameters besides the learning rate.
///
/// Its definition is PyTorch's, and so are the names and defaults of its settings.
public protocol OptimizerRule: Rule {
  /// PyTorch's default learning rate.
  var defaultLearningRate: Double { get }

  /// Throws if settings contradict each other.
  func check() throws(SettingFault)

  /// Whether a step is nothing but `p − learningRate·g`.
  var isPlainDescent: Bool { get }

  /// Whether a step looks at the objective elsewhere, so that it needs gradients as they are.
  var searchesLines: Bool { get }

  /// When steps find no more to do; nil if they do not ask.
  var tolerances: Tolerances? { get }

  /// Whether the learning rate of later steps matters.
  var followsLearningRate: Bool { get }

  /// The rule at its first step, for so many single parameters.
  func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar>
}

extension OptimizerRule {
  /// Takes any settings.
  public func check() throws(SettingFault) {}
  /// No.
  public var isPlainDescent: Bool { false }
  /// No.
  public var searchesLines: Bool { false }
  /// None.
  public var tolerances: Tolerances? { nil }
  /// Yes.
  public var followsLearningRate: Bool { true }
}

/// When a search for the minimum finds no more to do.
public struct Tolerances: Sendable, Hashable {
  /// The largest element of a gradient that counts as none.
  public var gradient: Double
  /// The change of the loss that counts as none.
  public var change: Double
}

/// Every optimizer with its defaults, in the order of the help.
public let optimizerRules: [any OptimizerRule] = [
  SGD(),
  Adam(), Adam(.adamw), Adam(.amsgrad),
  NAdam(),
  RAdam(),
  Adamax(),
  RMSprop(),
  Adagrad(),
  Adadelta(),
  ASGD(),
  Rprop(),
  LBFGS(),
]
