import Flags
import Models
import Training

/// What `train` is to do, with every flag checked that can be without reading the data.
struct TrainPlan {
  let model: ModelPlan
  /// All but what is recorded of epochs, which the model's parameters are needed for.
  let settings: Settings
  let precision: PrecisionName
  /// The columns of the CSV; nil for the usual ones.
  let columns: [String]?
  /// The checkpoint to go on from.
  let resume: Resumption?
  /// The flags on which the results depend, for who goes on with the run.
  let flags: [GivenFlag]
  /// Whether the run goes on from a checkpoint, or writes some to go on from.
  let isResumable: Bool
  let isQuiet: Bool
  let folds: FoldOptions

  init(_ command: Train) throws(Failure) {
    model = try ModelPlan(
      command.model, table: command.table, validation: command.training.validation,
      threads: command.training.threads, storage: command.storage)
    folds = command.folds
    settings = try command.training.settings(
      optimizer: command.optimizer, schedule: command.schedule, hasFolds: folds.count != nil)
    precision = command.training.precision
    columns = command.results.columns
    resume = command.resumption
    flags = command.keptFlags
    isResumable = resume != nil || command.results.checkpoint != nil
    isQuiet = command.results.quiet
    if Job.count > 1, command.results.trace != nil {
      throw Failure(.usage, "--trace shows every step of one process: start it without a launcher")
    }
    try folds.check(
      beside: command.training.validation == nil
        ? [] : [("--validation", "both choose the rows to measure the loss on")])
    guard command.storage.isStreamed else { return }
    if settings.order == .shuffled {
      throw Failure(
        .usage, "--stream reads rows in blocks, and can shuffle them so: give --shuffle block")
    }
    if case .part? = command.training.validation {
      throw Failure(
        .usage,
        "--stream reads rows in their order, and --validation takes some at random: give it a file of rows"
      )
    }
    if command.results.trace != nil {
      throw Failure(.usage, "--trace shows the numbers of every row: leave out --stream")
    }
  }

  /// The files that are read, with their flags.
  var inputs: [(flag: String, source: Source)] {
    model.sources + (resume.map { [("--resume", $0.source)] } ?? [])
  }

  /// All settings of the training on which a number of the run depends, by the names of their flags.
  var trainingSettings: [String: JSON] {
    var settings = settings.json
    settings["precision"] = .text(precision.rawValue)
    if case .part(let part)? = model.validation { settings["validation"] = .number(part) }
    if let count = folds.count {
      settings["kfold"] = .count(count)
      settings["stratify"] = .flag(folds.isStratified)
    }
    return settings
  }

  /// The model of the plan, bound to its tables, without the rows of a fold if one is held out.
  func bind(fold: Int? = nil, shelf: TableShelf? = nil) throws(Failure) -> BoundModel {
    let fold = fold.flatMap { folds.fold($0, seed: settings.seed) }
    return try model.bind(seed: settings.seed, fold: fold, shelf: shelf)
  }

  /// All that is needed to have the run again: what it was trained on, and how, by the names of the flags.
  var allSettings: [String: JSON] {
    trainingSettings.merging(model.settings) { own, _ in own }
  }
}
