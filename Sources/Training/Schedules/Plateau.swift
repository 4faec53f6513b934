/// A learning rate that is reduced when a metric has stopped improving, as PyTorch's `ReduceLROnPlateau`.
public struct Plateau: ScheduleRule {
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

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "plateau", pytorchName: "ReduceLROnPlateau",
      settings: [
        .number(
          "factor", \.factor, .zeroToBelowOne,
          "factor that the learning rate is multiplied by on a plateau"),
        .count(
          "plateau_patience", \.patience, from: 0, unit: "epochs",
          "epochs in a row that may pass without a lower loss, of the validation rows if there are any"
        ),
        .number(
          "threshold", \.threshold, .zeroOrMore,
          "how much lower a loss must be to count as an improvement"),
        .choice(
          "threshold_mode", \.thresholdMode,
          "whether the threshold is relative to the loss or absolute"),
        .count(
          "cooldown", \.cooldown, from: 0, unit: "epochs",
          "epochs to wait after a reduction before counting again"),
        .number("min_lr", \.minLearningRate, .zeroOrMore, "lowest learning rate"),
      ])
  }

  /// A rule with PyTorch's defaults.
  public init() {}

  /// The run's rate: what becomes of it depends on the losses, which a ``ScheduleRun`` sees.
  public func learningRate(epoch: Int, base: Double) -> Double { base }

  /// Settles what is left to the run, and throws if it is contradicted.
  public mutating func settle(epochs: Int, learningRate: Double) throws(SettingFault) {
    if minLearningRate > 0, minLearningRate >= learningRate {
      throw SettingFault(
        "{min_lr} \(minLearningRate) must be below the learning rate, \(learningRate)")
    }
  }

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
