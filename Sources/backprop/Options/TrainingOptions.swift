import ArgumentParser
import Glibc
import Training

/// The flags that say how a model is trained, apart from optimizer and schedule.
struct TrainingOptions: ParsableArguments {
  @Option(
    name: .customLong("lr"), parsing: .unconditional,
    help: ArgumentHelp(
      "Learning rate. [\(learningRateDefaults)]", valueName: "number"),
    transform: { text in try number(text, .zeroOrMore) })
  var learningRate: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many times all rows are seen. [100]", valueName: "count"),
    transform: { text in try wholeNumber(text) })
  var epochs = 100

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Rows a step, or 'full' for all. [1]", valueName: "count|full"),
    transform: { text in try rowsPerStep(text) })
  var batchSize = Settings.BatchSize.rows(1)

  @Flag(help: "Take the rows in another random order each epoch.")
  var shuffle = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Rows to measure the loss on and not to train on: a part of the table, taken at random, such as \
      0.2, or another table.
      """, valueName: "part|file"),
    transform: { text in try Validation(text) })
  var validation: Validation?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after so many epochs without a lower validation loss; keep the best parameters.",
      valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Add this times the sum of all parameters' magnitudes to the loss. [0]",
      valueName: "number"),
    transform: { text in try number(text, .zeroOrMore) })
  var l1 = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Add this times the sum of all parameters' squares to the loss. [0]", valueName: "number"),
    transform: { text in try number(text, .zeroOrMore) })
  var l2 = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What random numbers come from; the same seed gives the same ones. [0]", valueName: "seed"),
    transform: { text in try seedNumber(text) })
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Arithmetic of the run, float32 or float64. [float32]", valueName: "precision"),
    transform: { text in try choice(text) })
  var precision = PrecisionName.float32

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What an epoch's loss is: that of its last step, or the mean over its rows. \
      [last for steps of one row in the table's order, else mean]
      """, valueName: "last|mean"),
    transform: { text in try choice(text) })
  var epochLoss: Settings.EpochLoss?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Threads that share large batches; no number depends on it. [all cores]", valueName: "count"),
    transform: { text in try wholeNumber(text) })
  var threads: Int?

  /// The settings that the flags of all groups make together.
  func settings(
    optimizer: OptimizerOptions, schedule: ScheduleOptions
  ) throws(ValidationError) -> Settings {
    if patience != nil, validation == nil {
      throw ValidationError(
        "--patience watches the validation loss: give --validation, such as 0.2")
    }
    let schedule = try schedule.schedule(
      epochs: epochs, learningRateIsGiven: learningRate != nil)
    var settings = Settings(
      learningRate: learningRate ?? optimizer.optimizer.usualLearningRate, epochs: epochs,
      batchSize: batchSize, epochLoss: epochLoss,
      threads: threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    if case .plateau(let plateau)? = schedule?.course,
      plateau.minLearningRate > 0, plateau.minLearningRate >= settings.learningRate
    {
      throw ValidationError(
        "--min-lr \(plateau.minLearningRate) leaves nothing to lower: the rate starts from "
          + "\(settings.learningRate)")
    }
    settings.optimizer = try optimizer.settings(schedule: schedule)
    settings.schedule = schedule
    settings.clipping = try optimizer.clipping()
    settings.shuffles = shuffle
    settings.patience = patience
    (settings.l1, settings.l2, settings.seed) = (l1, l2, seed)
    return settings
  }
}

extension OptimizerName {
  /// The learning rate where no `--lr` is given: the lesson's, or PyTorch's default of the optimizer.
  fileprivate var usualLearningRate: Double { self == .sgd ? 0.01 : defaultLearningRate }
}

/// The learning rates where no `--lr` is given, for the help.
private let learningRateDefaults = {
  let rates = OptimizerName.allCases.map(\.usualLearningRate)
  let distinct = rates.enumerated().filter { rates.firstIndex(of: $1) == $0 }.map(\.element)
  return distinct.map { rate in
    let names = OptimizerName.allCases.filter { $0.usualLearningRate == rate }.map(\.rawValue)
    return "\(names.joined(separator: ", ")): \(brief(rate))"
  }.joined(separator: "; ")
}()

/// Where the rows come from on which the loss is measured.
enum Validation {
  /// A part of the table's rows, above 0 and below 1.
  case part(Double)
  case table(Source)

  /// A number is a part, any other text a file.
  init(_ text: String) throws(ValidationError) {
    guard text.isEmpty || Double(text) != nil else {
      self = .table(Source(text))
      return
    }
    guard let part = finiteNumber(text), part > 0, part < 1 else {
      throw ValidationError("give a part of the rows above 0 and below 1, such as 0.2, or a file")
    }
    self = .part(part)
  }
}

private func rowsPerStep(_ text: String) throws(ValidationError) -> Settings.BatchSize {
  if text == "full" { return .full }
  guard let count = try? wholeNumber(text) else {
    throw ValidationError("give a whole number, 1 or more, in plain digits, or 'full'")
  }
  return .rows(count)
}

private func seedNumber(_ text: String) throws(ValidationError) -> UInt64 {
  guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let value = UInt64(text)
  else {
    throw ValidationError("give a whole number from 0 to 18446744073709551615, in plain digits")
  }
  return value
}
