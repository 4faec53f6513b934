public import Autograd

/// A rule of updates and its hyperparameters besides the learning rate.
///
/// Its definition is PyTorch's, and so are the names and defaults of its settings.
public protocol OptimizerRule: Rule {
  /// PyTorch's default learning rate.
  var defaultLearningRate: Double { get }

  /// Throws if settings contradict each other.
  func check() throws(SettingFault)

  /// Whether a step is just `p − learningRate·g`.
  var isPlainDescent: Bool { get }

  /// Whether a step evaluates the objective at other points, so that gradients must not be changed.
  var searchesLines: Bool { get }

  /// When a search counts as finished; nil for rules that do not search.
  var tolerances: Tolerances? { get }

  /// Whether the learning rate of later steps matters.
  var followsLearningRate: Bool { get }

  /// The rule before its first step, for this many elements of parameters.
  func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar>
}

extension OptimizerRule {
  /// Accepts all settings.
  public func check() throws(SettingFault) {}
  /// False.
  public var isPlainDescent: Bool { false }
  /// False.
  public var searchesLines: Bool { false }
  /// Nil.
  public var tolerances: Tolerances? { nil }
  /// True.
  public var followsLearningRate: Bool { true }
}

/// When a search for the minimum counts as finished.
public struct Tolerances: Sendable, Hashable {
  /// The largest element of a gradient that counts as 0.
  public var gradient: Double
  /// The largest change of the loss that counts as 0.
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
