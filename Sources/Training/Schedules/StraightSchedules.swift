/// A straight line between two multiples of the rate in `length` epochs; after that the rate stays.
public struct LinearSchedule: ScheduleRule {
  /// The first rate by the run's.
  public var startFactor = 1.0 / 3
  /// The last rate by the run's.
  public var endFactor = 1.0
  /// The epochs to the last rate; nil for those of the run.
  public var length: Int?

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "linear", pytorchName: "LinearLR",
      settings: [
        .number(
          "start_factor", \.startFactor, .aboveZeroToOne,
          "fraction of the learning rate at the start",
          defaultWords: "1/3"),
        .number(
          "end_factor", \.endFactor, .zeroToOne, "fraction of the learning rate at the end"),
        .totalIters(\.length),
      ])
  }

  /// A line of so many epochs; nil for those of the run.
  public init(length: Int? = nil) { self.length = length }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    let length = settled(length)
    let fraction = Double(min(epoch, length)) / Double(length)
    return base * (startFactor + (endFactor - startFactor) * fraction)
  }

  /// Takes the run's length where none is given.
  public mutating func settle(epochs: Int, learningRate: Double) { length = length ?? epochs }
}

/// The rate times `(1 − epoch/length)^power`; then 0.
public struct PolynomialSchedule: ScheduleRule {
  /// The epochs to the last rate; nil for those of the run.
  public var length: Int?
  /// The exponent.
  public var power = 1.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "polynomial", pytorchName: "PolynomialLR",
      settings: [
        .totalIters(\.length),
        .number("power", \.power, .aboveZero, "exponent of the polynomial"),
      ])
  }

  /// A polynomial of so many epochs; nil for those of the run.
  public init(length: Int? = nil) { self.length = length }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    let length = settled(length)
    return base * Elementary.power(1 - Double(min(epoch, length)) / Double(length), power)
  }

  /// Takes the run's length where none is given.
  public mutating func settle(epochs: Int, learningRate: Double) { length = length ?? epochs }
}

/// A length that the run has settled.
func settled(_ length: Int?) -> Int {
  guard let length else { preconditionFailure("a schedule is settled before it gives rates") }
  return length
}
