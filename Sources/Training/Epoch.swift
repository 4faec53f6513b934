/// The record of a finished epoch.
public struct Epoch: Hashable, Sendable {
  /// Its number, counted from 0.
  public let number: Int
  /// The training loss; what that is, ``Settings/usedEpochLoss`` says.
  public let loss: Double
  /// The mean loss over the validation rows after the epoch, where there are some.
  public let validationLoss: Double?
  /// The part of the training rows whose class is predicted after the epoch; nil unless asked for.
  public var accuracy: Double? = nil
  /// The same of the validation rows.
  public var validationAccuracy: Double? = nil
  /// The learning rate that was in force.
  public let learningRate: Double
  /// Euclid's norm of the last step's gradient, before any clipping; nan unless asked for.
  public let gradientNorm: Double
  /// Euclid's norm of the parameters after the epoch; nan unless asked for.
  public let parameterNorm: Double
  /// The elements of parameters that were asked for, after the epoch.
  public let elements: [Double]

  /// The loss by which epochs are compared: the validation loss where there is one.
  public var comparedLoss: Double { validationLoss ?? loss }
}

/// What is recorded of each epoch besides its losses and its learning rate.
public struct Recording: Hashable, Sendable {
  /// Whether the part of the training rows whose class is predicted is; the model must be one of classes.
  public var accuracy = false
  /// Whether that of the validation rows is.
  public var validationAccuracy = false
  /// Whether the norm of the last step's gradient is.
  public var gradientNorm = false
  /// Whether the norm of the parameters is.
  public var parameterNorm = false
  /// Which elements of the parameters are.
  public var elements: [Int] = []

  /// Nothing.
  public init() {}
}
