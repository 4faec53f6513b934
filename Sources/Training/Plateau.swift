/// A lower learning rate whenever a metric has stopped getting better, as PyTorch's `ReduceLROnPlateau`.
public struct Plateau: Sendable, Hashable {
  /// Which metrics are better.
  public enum Mode: String, CaseIterable, Sendable {
    case min, max
  }

  /// What the threshold is.
  public enum ThresholdMode: String, CaseIterable, Sendable {
    /// A part of the best metric.
    case relative = "rel"
    /// A difference.
    case absolute = "abs"
  }

  /// Which metrics are better.
  public var mode = Mode.min
  /// What the rate is multiplied by, below 1.
  public var factor = 0.1
  /// How many epochs in a row may be no better before the rate falls.
  public var patience = 10
  /// By how much a metric must be better to count.
  public var threshold = 1e-4
  /// What the threshold is.
  public var thresholdMode = ThresholdMode.relative
  /// For how many epochs after a fall no epoch counts as bad.
  public var cooldown = 0
  /// The lowest rate.
  public var minLearningRate = 0.0
  /// A change of the rate that is no larger is not made.
  public var eps = 1e-8

  /// A rule with PyTorch's defaults.
  public init() {}

  /// Whether a metric is better than the best so far; nan never is.
  func isBetter(_ metric: Double, than best: Double) -> Bool {
    switch (mode, thresholdMode) {
    case (.min, .relative): metric < best * (1 - threshold)
    case (.min, .absolute): metric < best - threshold
    case (.max, .relative): metric > best * (1 + threshold)
    case (.max, .absolute): metric > best + threshold
    }
  }
}
