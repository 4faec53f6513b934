/// A rule by which the learning rate changes from epoch to epoch, and its settings.
///
/// Definitions, names and defaults are PyTorch's. The rate changes between epochs, never within one. It is computed
/// in double by operations that give the same bits on every machine.
public protocol ScheduleRule: Rule {
  /// The rate of an epoch, counted from 0; `base` is the learning rate of the run.
  func learningRate(epoch: Int, base: Double) -> Double

  /// The rate at which a warm-up ends.
  func initialLearningRate(base: Double) -> Double

  /// The momentum of an epoch, if the schedule changes it.
  func momentum(epoch: Int) -> Double?

  /// The setting that replaces the learning rate of the run, if there is one.
  var learningRateSetting: String? { get }

  /// The setting that is an upper bound of the rate, and its value, if there is one.
  var highestRate: (setting: String, value: Double)? { get }

  /// Fills in settings that depend on the run, and throws if settings contradict it or each other.
  ///
  /// `epochs` is the number of epochs after the warm-up.
  mutating func settle(epochs: Int, learningRate: Double) throws(SettingFault)
}

extension ScheduleRule {
  /// The learning rate of the run.
  public func initialLearningRate(base: Double) -> Double { base }
  /// None.
  public func momentum(epoch: Int) -> Double? { nil }
  /// None.
  public var learningRateSetting: String? { nil }
  /// None.
  public var highestRate: (setting: String, value: Double)? { nil }
  /// Takes any settings.
  public mutating func settle(epochs: Int, learningRate: Double) throws(SettingFault) {}
}

/// Every schedule with its defaults, in the order of the help.
///
/// A setting without a default has the first value that is allowed.
public let scheduleRules: [any ScheduleRule] = [
  ConstantSchedule(),
  StepSchedule(stepSize: 1),
  MultistepSchedule(milestones: [1]),
  ExponentialSchedule(gamma: 1),
  CosineSchedule(),
  WarmRestarts(firstPeriod: 1),
  LinearSchedule(),
  PolynomialSchedule(),
  OneCycle(maxLearningRate: 1),
  Cyclic(maxLearningRate: 1),
  Plateau(),
]

extension Setting {
  /// PyTorch's `gamma`.
  static func gamma(
    _ property: any WritableKeyPath<Owner, Double> & Sendable, isRequired: Bool = false
  ) -> Setting {
    .number(
      "gamma", property, .aboveZero, "factor that the learning rate is multiplied by",
      isRequired: isRequired)
  }

  /// PyTorch's `eta_min`.
  static func etaMin(_ property: any WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    .number("eta_min", property, .zeroOrMore, "lowest learning rate")
  }

  /// PyTorch's `total_iters`, which is left to the run unless it is given.
  static func totalIters(
    _ property: any WritableKeyPath<Owner, Int?> & Sendable,
    _ summary: String = "epochs until the final learning rate"
  ) -> Setting {
    .count("total_iters", property, unit: "epochs", summary, defaultWords: wholeRun)
  }
}

/// Says of a length that it is the run's unless it is given.
let wholeRun = "all after the warm-up"

/// A value on half a cosine between two others: the first at 0, the second at 1.
func halfCosine(from start: Double, to end: Double, at fraction: Double) -> Double {
  end + (start - end) / 2 * (1 + Elementary.cosine(halfTurns: fraction))
}
