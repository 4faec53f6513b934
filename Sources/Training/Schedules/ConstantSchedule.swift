/// A fraction of the rate for `length` epochs, then the full rate.
public struct ConstantSchedule: ScheduleRule {
  /// The part of the rate.
  public var factor = 1.0 / 3
  /// The epochs with a part of the rate; nil for those of the run.
  public var length: Int?

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "constant", pytorchName: "ConstantLR",
      settings: [
        .number(
          "factor", \.factor, .zeroToOne,
          "fraction of the learning rate that is used in the first --total-iters epochs",
          defaultWords: "1/3"),
        .totalIters(\.length, "epochs at the reduced learning rate"),
      ])
  }

  /// A part of the rate for so many epochs; nil for those of the run.
  public init(length: Int? = nil) { self.length = length }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    epoch < settled(length) ? base * factor : base
  }

  /// Takes the run's length where none is given.
  public mutating func settle(epochs: Int, learningRate: Double) { length = length ?? epochs }
}
