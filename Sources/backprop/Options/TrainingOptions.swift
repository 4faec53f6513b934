import Autograd
import Flags
import Tables
import Training

/// The flags that say how a model is trained, apart from optimizer and schedule.
struct TrainingOptions: NotesFlags {
  var learningRate: Double?
  var epochs = 100
  var batchSize = Settings.BatchSize.rows(1)
  var order = Settings.RowOrder.table
  var validation: Validation?
  var patience: Int?
  var l1 = 0.0
  var l2 = 0.0
  var seed: UInt64 = 0
  var precision = PrecisionName.float32
  var epochLoss: Settings.EpochLoss?
  var threads: Int?
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    [
      Flag("lr", "number", "Learning rate. [\(OptimizerOptions.defaultLearningRates)]") {
        $0.learningRate = try number($1, .zeroOrMore)
      },
      Flag("epochs", "count", "Number of passes over all rows. [100]") {
        $0.epochs = try wholeNumber($1)
      },
      Flag("batch-size", "count|full", "Rows per step, or 'full' for all. [1]") {
        $0.batchSize = try rowsPerStep($1)
      },
      Flag(
        "shuffle", optional: [inBlocks],
        """
        Take the rows in a new random order in every epoch; 'block' shuffles blocks of \
        \(BlockOrder.blockLength) rows, then the rows within \(BlockOrder.blocksAtOnce) blocks at a time.
        """
      ) { $0.order = try rowOrder($1) },
      Flag(
        "validation", file: "part|file",
        """
        Rows to measure the loss on instead of training on them: a random fraction of the table, such as \
        0.2, or another table, which can be several files as with --data.
        """
      ) { $0.validation = try Validation($1, after: $0.validation) },
      Flag(
        "patience", "epochs",
        "Stop after this many epochs without a lower validation loss, and keep the best parameters."
      ) { $0.patience = try wholeNumber($1) },
      Flag(
        "l1", "number",
        "L1 penalty: add this times the sum of the parameters' absolute values to the loss. [0]"
      ) {
        $0.l1 = try number($1, .zeroOrMore)
      },
      Flag(
        "l2", "number",
        "L2 penalty: add this times the sum of the parameters' squares to the loss. [0]"
      ) {
        $0.l2 = try number($1, .zeroOrMore)
      },
      Flag(
        "seed", "seed",
        "Seed of all random numbers; the same seed gives the same results. [0]"
      ) { $0.seed = try seedNumber($1) },
      Flag(
        "precision", "precision", "Floating-point precision: float32 or float64. [float32]",
        choices: PrecisionName.allCases.map(\.rawValue)
      ) {
        $0.precision = try choice($1)
      },
      Flag(
        "epoch-loss", "last|mean",
        """
        Loss to report for an epoch: that of its last step, or the mean of its steps, each counted by its rows. \
        [last with --batch-size 1 and no --shuffle, otherwise mean]
        """
      ) { $0.epochLoss = try choice($1) },
      Flag(
        "threads", "count",
        "Number of threads that share large batches, which does not affect results. [all cores]"
      ) { $0.threads = try wholeNumber($1) },
    ]
  }

  /// The settings that the flags of all groups make together.
  func settings(
    optimizer: OptimizerOptions, schedule: ScheduleOptions, hasFolds: Bool = false
  ) throws(Failure) -> Settings {
    if patience != nil, validation == nil, !hasFolds {
      throw Failure(
        .usage, "--patience needs a validation loss: give --validation, such as 0.2")
    }
    var settings = Settings(
      learningRate: learningRate ?? optimizer.defaultLearningRate, epochs: epochs,
      batchSize: batchSize, epochLoss: epochLoss,
      threads: threads ?? coreCount)
    settings.schedule = try schedule.schedule(
      epochs: epochs, learningRate: settings.learningRate,
      learningRateIsGiven: learningRate != nil)
    settings.optimizer = try optimizer.rule(schedule: settings.schedule)
    settings.clipping = try optimizer.clipping()
    settings.order = order
    settings.patience = patience
    (settings.l1, settings.l2, settings.seed) = (l1, l2, seed)
    return settings
  }
}

/// What follows `--shuffle` where rows are shuffled in blocks.
private let inBlocks = "block"

private func rowOrder(_ text: String) throws(BadValue) -> Settings.RowOrder {
  switch text {
  case "": .shuffled
  case inBlocks: .shuffledInBlocks
  default: throw BadValue("give it alone, or followed by '\(inBlocks)'")
  }
}

/// Where the rows come from on which the loss is measured.
enum Validation {
  /// A part of the table's rows, above 0 and below 1.
  case part(Double)
  /// The files of another table, or patterns of their names.
  case table([Path])

  /// A number is a part, any other text a file, which goes on with those that were given before.
  init(_ word: Word, after former: Validation?) throws(BadValue) {
    let text = word.text
    guard text.isEmpty || Double(text) != nil else {
      self = .table((former?.paths ?? []) + [Path(bytes: word.bytes)])
      return
    }
    guard let part = finiteNumber(text), part > 0, part < 1 else {
      throw BadValue("give a fraction of the rows above 0 and below 1, such as 0.2, or a file")
    }
    self = .part(part)
  }

  /// The files of the other table; nil if there is none.
  var paths: [Path]? { if case .table(let paths) = self { paths } else { nil } }
}

private func rowsPerStep(_ text: String) throws(BadValue) -> Settings.BatchSize {
  if text == "full" { return .full }
  guard let count = try? wholeNumber(text) else {
    throw BadValue("give a whole number, 1 or more, in plain digits, or 'full'")
  }
  return .rows(count)
}

func seedNumber(_ text: String) throws(BadValue) -> UInt64 {
  guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let value = UInt64(text)
  else {
    throw BadValue("give a whole number from 0 to 18446744073709551615, in plain digits")
  }
  return value
}
