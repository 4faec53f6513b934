/// The record of a finished epoch.
public struct Epoch: Hashable, Sendable {
  /// Its number, counted from 0.
  public let number: Int
  /// The training loss, as ``Settings/usedEpochLoss`` defines it.
  public let loss: Double
  /// The mean loss over the validation rows after the epoch; nil without validation.
  public let validationLoss: Double?
  /// The fraction of training rows whose class is predicted correctly after the epoch; nil unless recorded.
  public var accuracy: Double? = nil
  /// The same for the validation rows.
  public var validationAccuracy: Double? = nil
  /// The learning rate of the epoch.
  public let learningRate: Double
  /// The Euclidean norm of the last step's gradient, before clipping; nan unless recorded.
  public let gradientNorm: Double
  /// The Euclidean norm of the parameters after the epoch; nan unless recorded.
  public let parameterNorm: Double
  /// The recorded elements of parameters, after the epoch.
  public let elements: [Double]

  /// The loss by which epochs are compared: the validation loss if there is one.
  public var comparedLoss: Double { validationLoss ?? loss }
}

/// What is recorded of each epoch besides its losses and its learning rate.
public struct Recording: Hashable, Sendable {
  /// Whether the accuracy on the training rows is recorded; the model must predict classes.
  public var accuracy = false
  /// Whether the accuracy on the validation rows is recorded.
  public var validationAccuracy = false
  /// Whether the norm of the last step's gradient is recorded.
  public var gradientNorm = false
  /// Whether the norm of the parameters is recorded.
  public var parameterNorm = false
  /// Which elements of the parameters are recorded, by index.
  public var elements: [Int] = []

  /// Records nothing.
  public init() {}
}
