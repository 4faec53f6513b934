import ArgumentParser
import Training

/// How the learning rate goes from epoch to epoch, with PyTorch's names and defaults.
struct ScheduleOptions: ParsableArguments {
  /// Epochs, separated by commas.
  struct Milestones: Hashable {
    let epochs: [Int]
  }

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Course of the learning rate over the epochs: \
      \(ScheduleName.allCases.map(\.rawValue).joined(separator: ", ")). [constant]
      """, valueName: "name"),
    transform: { text in try choice(text) })
  var schedule: ScheduleName?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Before the schedule, rise to the learning rate in so many epochs.",
      valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var warmup: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Part of the learning rate that --warmup starts from. [0.1]", valueName: "number"),
    transform: { text in try number(text, .aboveZeroToOne) })
  var warmupStart: Double?

  @Option(
    parsing: .unconditional,
    help: help(.stepSize, "epochs between two steps.", valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var stepSize: Int?

  @Option(
    parsing: .unconditional,
    help: help(.gamma, "what the rate is multiplied by. [step, multistep: 0.1]"),
    transform: { text in try number(text, .aboveZero) })
  var gamma: Double?

  @Option(
    parsing: .unconditional,
    help: help(
      .milestones, "the epochs at which the rate steps, as in 30,80.", valueName: "epochs"),
    transform: milestones)
  var milestones: Milestones?

  @Option(
    parsing: .unconditional,
    help: help(.tMax, "epochs from the highest to the lowest rate.", valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var tMax: Int?

  @Option(
    parsing: .unconditional,
    help: help(.etaMin, "lowest rate. [0]"),
    transform: { text in try number(text, .zeroOrMore) })
  var etaMin: Double?

  @Option(
    name: .customLong("t-0"), parsing: .unconditional,
    help: help(.t0, "epochs to the first restart.", valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var t0: Int?

  @Option(
    parsing: .unconditional,
    help: help(.tMult, "how many times as long each next period is. [1]", valueName: "count"),
    transform: { text in try wholeNumber(text) })
  var tMult: Int?

  @Option(
    parsing: .unconditional,
    help: help(.startFactor, "part of the learning rate to start from. [1/3]"),
    transform: { text in try number(text, .aboveZeroToOne) })
  var startFactor: Double?

  @Option(
    parsing: .unconditional,
    help: help(.endFactor, "part of the learning rate to end with. [1]"),
    transform: { text in try number(text, .zeroToOne) })
  var endFactor: Double?

  @Option(
    parsing: .unconditional,
    help: help(.totalIters, "epochs to the last rate. [linear: 5]", valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var totalIters: Int?

  @Option(
    parsing: .unconditional,
    help: help(.power, "exponent of the polynomial. [1]"),
    transform: { text in try number(text, .aboveZero) })
  var power: Double?

  @Option(
    name: .customLong("max-lr"), parsing: .unconditional,
    help: help(.maxLR, "highest rate, instead of --lr; momentum goes from 0.95 to 0.85 and back."),
    transform: { text in try number(text, .aboveZero) })
  var maxLR: Double?

  @Option(
    parsing: .unconditional,
    help: help(.totalSteps, "epochs of the cycle, --epochs or more.", valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var totalSteps: Int?

  @Option(
    parsing: .unconditional,
    help: help(.pctStart, "part of the cycle in which the rate rises. [0.3]"),
    transform: { text in try number(text, .zeroToOne) })
  var pctStart: Double?

  @Option(
    parsing: .unconditional,
    help: help(.annealStrategy, "form of rise and fall. [cos]", valueName: "cos|linear"),
    transform: { text in try choice(text) })
  var annealStrategy: OneCycle.Annealing?

  @Option(
    parsing: .unconditional,
    help: help(.divFactor, "highest rate divided by the first. [25]"),
    transform: { text in try number(text, .aboveZero) })
  var divFactor: Double?

  @Option(
    parsing: .unconditional,
    help: help(.finalDivFactor, "first rate divided by the last. [10000]"),
    transform: { text in try number(text, .aboveZero) })
  var finalDivFactor: Double?

  @Flag(help: help(.threePhase, "fall to the first rate as fast as it rose, then on to the last."))
  var threePhase = false

  @Option(
    parsing: .unconditional,
    help: help(.factor, "what the rate is multiplied by. [0.1]"),
    transform: { text in try number(text, .zeroToBelowOne) })
  var factor: Double?

  @Option(
    parsing: .unconditional,
    help: help(
      .plateauPatience, "epochs in a row that may be no better. [10]", valueName: "epochs"),
    transform: { text in try wholeNumber(text, from: 0) })
  var plateauPatience: Int?

  @Option(
    parsing: .unconditional,
    help: help(.threshold, "by how much a loss must be lower to be better. [0.0001]"),
    transform: { text in try number(text, .zeroOrMore) })
  var threshold: Double?

  @Option(
    parsing: .unconditional,
    help: help(
      .thresholdMode, "whether that is a part of the loss or a difference. [rel]",
      valueName: "rel|abs"),
    transform: { text in try choice(text) })
  var thresholdMode: Plateau.ThresholdMode?

  @Option(
    parsing: .unconditional,
    help: help(
      .cooldown, "epochs after a lower rate that are not counted. [0]", valueName: "epochs"),
    transform: { text in try wholeNumber(text, from: 0) })
  var cooldown: Int?

  @Option(
    name: .customLong("min-lr"), parsing: .unconditional,
    help: help(.minLR, "lowest rate. [0]"),
    transform: { text in try number(text, .zeroOrMore) })
  var minLR: Double?

  static func help(
    _ parameter: ScheduleParameter, _ text: String, valueName: String = "number"
  ) -> ArgumentHelp {
    let owners = parameter.schedules.map(\.rawValue).joined(separator: ", ")
    return ArgumentHelp("\(owners): \(text)", valueName: valueName)
  }

  static func milestones(_ text: String) throws -> Milestones {
    let epochs = text.split(separator: ",", omittingEmptySubsequences: false).map {
      try? wholeNumber($0)
    }
    guard !epochs.contains(nil) else {
      throw ValidationError("give epochs, whole numbers of 1 or more, as in 30,80")
    }
    return Milestones(epochs: epochs.compactMap(\.self))
  }
}
