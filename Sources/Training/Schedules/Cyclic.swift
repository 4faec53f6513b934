/// A rate that moves up and down between two rates (Smith 2017).
public struct Cyclic: ScheduleRule {
  /// How high the cycles are.
  public enum Mode: String, CaseIterable, Sendable {
    /// All alike.
    case triangular
    /// Each half as high as the one before.
    case triangular2
    /// Lower by the factor `gamma` each epoch.
    case exponential = "exp_range"
  }

  /// The lowest rate; nil for the run's.
  public var baseLearningRate: Double?
  /// The rate at the top of the first cycle.
  public var maxLearningRate: Double
  /// The epochs of a rise.
  public var stepSizeUp = 2000
  /// The epochs of a fall; nil for as many as those of a rise.
  public var stepSizeDown: Int?
  /// How high the cycles are.
  public var mode = Mode.triangular
  /// The factor of the height each epoch, in the mode that has one.
  public var gamma = 1.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "cyclic", pytorchName: "CyclicLR",
      settings: [
        .number(
          "base_lr", \.baseLearningRate, .zeroOrMore, "lowest learning rate",
          defaultWords: "that of the run"),
        .number("max_lr", \.maxLearningRate, .aboveZero, "highest learning rate", isRequired: true),
        .count("step_size_up", \.stepSizeUp, unit: "epochs", "epochs of a cycle's rise"),
        .count(
          "step_size_down", \.stepSizeDown, unit: "epochs", "epochs of a cycle's fall",
          defaultWords: "as many as the rise"),
        .choice("mode", \.mode, "how the height of cycles changes"),
        .number("gamma", \.gamma, .aboveZero, "factor of the height per epoch in mode exp_range"),
      ])
  }

  /// Cycles up to a rate.
  public init(maxLearningRate: Double) { self.maxLearningRate = maxLearningRate }

  /// The lowest rate takes the place of the run's learning rate, if it is given.
  public var learningRateSetting: String? { baseLearningRate == nil ? nil : "base_lr" }
  /// What bounds the rate.
  public var highestRate: (setting: String, value: Double)? { ("max_lr", maxLearningRate) }

  /// The lowest rate.
  public func initialLearningRate(base: Double) -> Double { baseLearningRate ?? base }

  /// Throws if the cycles have no height, or a factor that their mode does not have.
  public mutating func settle(epochs: Int, learningRate: Double) throws(SettingFault) {
    let lowest = baseLearningRate ?? learningRate
    if maxLearningRate <= lowest {
      let name = baseLearningRate == nil ? "{lr}" : "{base_lr}"
      throw SettingFault("{max_lr} \(maxLearningRate) is not above \(name) \(lowest)")
    }
    if gamma != 1, mode != .exponential {
      throw SettingFault("{gamma} belongs to {mode} exp_range, not to {mode} \(mode.rawValue)")
    }
  }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    let rise = Double(stepSizeUp)
    let period = rise + Double(stepSizeDown ?? stepSizeUp)
    let cycle = (Double(epoch) / period).rounded(.down)
    let position = Double(epoch) - cycle * period
    let height = position <= rise ? position / rise : (period - position) / (period - rise)
    let factor =
      switch mode {
      case .triangular: 1.0
      case .triangular2: Elementary.power(0.5, Int(cycle))
      case .exponential: Elementary.power(gamma, epoch)
      }
    let lowest = initialLearningRate(base: base)
    return lowest + (maxLearningRate - lowest) * height * factor
  }
}
