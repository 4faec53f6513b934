/// Half a cosine from the rate down to `floor` in `length` epochs, then up again, and so on.
public struct CosineSchedule: ScheduleRule {
  /// The epochs from the highest to the lowest rate; nil for those of the run.
  public var length: Int?
  /// The lowest rate.
  public var floor = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "cosine", pytorchName: "CosineAnnealingLR",
      settings: [
        .count(
          "t_max", \.length, unit: "epochs", "epochs from the highest to the lowest rate",
          defaultWords: wholeRun),
        .etaMin(\.floor),
      ])
  }

  /// A cosine of so many epochs; nil for those of the run.
  public init(length: Int? = nil) { self.length = length }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    halfCosine(from: base, to: floor, at: Double(epoch) / Double(settled(length)))
  }

  /// Takes the run's length where none is given.
  public mutating func settle(epochs: Int, learningRate: Double) { length = length ?? epochs }
}

/// Half a cosine down to `floor`, repeated, each period `multiple` times as long as the last (Loshchilov and Hutter
/// 2017).
public struct WarmRestarts: ScheduleRule {
  /// The epochs to the first restart.
  public var firstPeriod: Int
  /// How many times as long each next period is.
  public var multiple = 1
  /// The lowest rate.
  public var floor = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "warm-restarts", pytorchName: "CosineAnnealingWarmRestarts",
      settings: [
        .count(
          "t_0", \.firstPeriod, unit: "epochs", "epochs until the first restart", isRequired: true),
        .count("t_mult", \.multiple, "factor by which each period is longer than the last"),
        .etaMin(\.floor),
      ])
  }

  /// A first period of so many epochs.
  public init(firstPeriod: Int) { self.firstPeriod = firstPeriod }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    var (rest, period) = (epoch, firstPeriod)
    if multiple == 1 { rest %= period }
    while rest >= period {
      rest -= period
      let (longer, isLonger) = period.multipliedReportingOverflow(by: multiple)
      period = isLonger ? .max : longer
    }
    return halfCosine(from: base, to: floor, at: Double(rest) / Double(period))
  }
}
