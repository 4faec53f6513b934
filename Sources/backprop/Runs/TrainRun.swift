import Autograd
import Formula
import Models
import Plotting
import Tables
import Training

/// One run of `train`: reads the table, trains, and writes what was asked for.
struct TrainRun<Scalar: Precision> {
  private let plan: TrainPlan
  private let bound: BoundModel
  private let columns: LogColumns
  private let settings: Settings
  private let initial: [Double]

  private var model: Model { bound.model }

  /// Reads the tables and binds the formula to them.
  init(_ plan: TrainPlan) throws(Failure) {
    if let request = SIMDLevel.unmetRequest {
      let known = SIMDLevel.allCases.filter(\.isSupported).map(\.rawValue).joined(
        separator: ", ")
      throw Failure(.usage, "BACKPROP_SIMD=\(request): this machine has \(known)")
    }
    self.plan = plan
    bound = try plan.model.bind(seed: plan.settings.seed)
    columns = try LogColumns(
      plan.columns, of: bound.model, hasValidation: bound.validation != nil)
    var settings = plan.settings
    settings.recording = columns.recording
    self.settings = settings
    initial = try Self.start(plan, of: bound.model)
    for (parameter, column) in bound.model.suspectParameters() {
      Diagnostics.warn(
        "'\(parameter)' is not a column, so it is a parameter\(didYouMean(column))")
    }
  }

  func run() throws {
    let point = try plan.probe?.values(for: model)
    for plot in plan.plots { try plot.check() }
    for file in [plan.metrics, plan.save, plan.checkpoint] { try file?.checkCanCreate() }
    for log in [plan.trace, plan.csv] { try log?.checkCanCreate(isLog: true) }
    let data = try numbers(of: bound.table)
    let validation =
      try bound.validation.map { try numbers(of: $0) } ?? .zeros(rowCount: 0, columnCount: 0)
    let isResumable = plan.checkpoint != nil || plan.resume != nil
    let file = RunFile(
      plan, model, recording: columns.recording,
      fingerprint: isResumable ? data.fingerprint ^ validation.fingerprint &* 3 : 0)
    var trainer = Trainer<Scalar>(
      model, data: data, validation: validation, initial: initial, settings: settings)
    if let source = plan.resume { try resume(&trainer, file, from: source) }
    try warnOfWeights()
    let transcript = try plan.trace.map { place throws(Failure) in
      Transcript(Log(try place.openLog()), plan: plan, model: model, table: bound.table)
    }
    let log = try plan.csv.map { place throws(Failure) in Log(try place.openLog()) }
    let progress = Progress(
      plan, rowCount: bound.table.rowCount, epochsDone: trainer.epochs.count,
      rowsDone: trainer.rowsDone)
    Interruption.listen()

    try log?.write(columns.header)
    for epoch in trainer.epochs { try log?.write { columns.append(epoch, to: &$0) } }
    try log?.flush()
    try transcript?.predict(.before, by: model, at: point, with: trainer.parameters)
    let start = Clock.now
    let outcome = try train(&trainer, file, log, transcript, progress)
    let seconds = Clock.now - start
    progress?.clear()
    if case .diverged = outcome {
    } else {
      try transcript?.predict(.after, by: model, at: point, with: trainer.parameters)
    }
    try transcript?.close()
    try log?.close()
    try draw(trainer.epochs, outcome)
    try save(trainer, outcome, in: file)
    if let metrics = plan.metrics {
      try Metrics(plan, bound, trainer, outcome, seconds: seconds).write(to: metrics)
    }
    try end(outcome, after: trainer)
  }

  /// Warns of weights that do not act, because each step is divided by the weight of its only row.
  private func warnOfWeights() throws(Failure) {
    guard settings.batchSize == .rows(1), let weights = model.specification.weights else { return }
    do throws(TableError) {
      guard try bound.table.numbers(of: weights).contains(where: { $0 != 0 && $0 != 1 }) else {
        return
      }
    } catch {
      throw Failure(error)
    }
    Diagnostics.warn(
      "--weights \(weights): a step of one row is divided by its weight, so that only weights of 0 "
        + "change it; give a --batch-size")
  }

  /// Brings the trainer to where the checkpoint stands.
  private func resume(
    _ trainer: inout Trainer<Scalar>, _ file: RunFile, from source: Source
  ) throws(Failure) {
    let checkpoint: Checkpoint<Scalar> = try file.checkpoint(from: source)
    do throws(CheckpointError) { try trainer.resume(from: checkpoint) } catch {
      throw Failure(.badData, "\(source.name): \(error)")
    }
    let begun = trainer.epochs.count + (trainer.rowsDone > 0 ? 1 : 0)
    if begun > settings.epochs {
      throw Failure(
        .usage,
        "--resume \(source.name): its run has begun \(begun) epochs, more than "
          + "--epochs \(settings.epochs)")
    }
  }

  private func train(
    _ trainer: inout Trainer<Scalar>, _ file: RunFile, _ log: Log?, _ transcript: Transcript?,
    _ progress: Progress?
  ) throws -> Outcome {
    try trainer.run(
      observe: transcript.map { transcript in { step in try transcript.record(step) } },
      epochEnded: { trainer, epoch in
        try log?.write { columns.append(epoch, to: &$0) }
        try log?.endOfLines()
        try transcript?.endEpoch(epoch.number, loss: epoch.loss)
        progress?.end(epoch: epoch.number, loss: epoch.loss)
        if let place = plan.checkpoint, !trainer.hasDiverged,
          (epoch.number + 1) % plan.checkpointInterval == 0
        {
          // The log is to be as far as the checkpoint.
          try log?.flush()
          try file.save(trainer.checkpoint, to: place)
        }
      },
      shouldStop: { rowsDone in
        try log?.flushIfDue()
        progress?.show(rowsDone: rowsDone)
        return Interruption.signal != nil
      })
  }

  /// Draws the plots.
  ///
  /// Nothing to draw is a warning, and so is any failure after a run that diverged: its own exit code
  /// stands.
  private func draw(_ history: History, _ outcome: Outcome) throws {
    if plan.plots.isEmpty, !plan.curves.preview { return }
    let run = Figure.Run(
      epochs: history.map { Double($0.number) }, losses: history.map(\.loss),
      validationLosses: bound.validation == nil
        ? nil : history.map { $0.validationLoss ?? .nan })
    let figure = plan.curves.figure(of: [run])
    do {
      for plot in plan.plots { try plot.write(figure) }
      if plan.curves.preview {
        try Writer.standardError.writeAll(figure.preview(in: Terminal(of: .standardError)))
      }
    } catch let error as PlotError where error.reason == .nothingToDraw {
      Diagnostics.warn("no plot drawn: \(error)")
    } catch {
      let failure = (error as? PlotError).map(Failure.init) ?? error
      guard case .diverged = outcome, case Failure.message(let text, _) = failure else {
        throw failure
      }
      Diagnostics.warn(text)
    }
  }

  /// Writes the model and the last checkpoint, unless the run diverged.
  private func save(
    _ trainer: borrowing Trainer<Scalar>, _ outcome: Outcome, in file: RunFile
  ) throws(Failure) {
    if case .diverged = outcome { return }
    if let place = plan.checkpoint { try file.save(trainer.checkpoint, to: place) }
    if let place = plan.save { try file.save(trainer.parameters, to: place) }
  }

  private func end(
    _ outcome: Outcome, after trainer: borrowing Trainer<Scalar>
  ) throws(Failure) {
    switch outcome {
    case .finished: break
    case .outOfPatience:
      guard !plan.isQuiet, let best = trainer.bestEpoch, let patience = settings.patience else {
        break
      }
      Diagnostics.say(
        "stopped after epoch \(trainer.epochs.count - 1): no lower validation loss for "
          + "\(patience) epoch\(patience == 1 ? "" : "s"); the parameters kept are those of epoch "
          + "\(best.number)")
    case .interrupted:
      if let signal = Interruption.signal { throw .interrupted(signal: signal) }
    case .diverged(let divergence):
      var (rate, flag) = (trainer.learningRate, "--lr")
      if case .oneCycle(let cycle)? = settings.schedule?.course {
        (rate, flag) = (cycle.maxLearningRate, "--max-lr")
      }
      throw Failure(
        divergence, in: plan.model.data == .lesson ? nil : bound.table,
        learningRate: rate, flag: flag)
    }
  }

  /// The numbers that the model reads.
  private func numbers(of table: Table) throws(Failure) -> Columns<Scalar> {
    do throws(TableError) {
      return try model.data(from: table)
    } catch {
      throw Failure(error)
    }
  }

  /// A value for each element of the parameters.
  private static func start(_ plan: TrainPlan, of model: Model) throws(Failure) -> [Double] {
    let given = try plan.model.start?.values()
    do throws(GivenValues.Fault) {
      return try model.parameters.start(given, seed: plan.settings.seed)
    } catch {
      throw Failure(.usage, "--init: \(error.sentence(known: model.parameters.map(\.name)))")
    }
  }
}
