import Autograd
import Formula
import Models
import Tables
import Training

/// One run of `train`: reads the tables, trains, and has its outputs written.
struct TrainRun<Scalar: Precision> {
  private let plan: TrainPlan
  private let outputs: RunOutputs<Scalar>

  /// Checks all that can be without reading the data.
  init(_ command: Train, _ plan: TrainPlan) throws(Failure) {
    if let request = SIMDLevel.unmetRequest { throw Failure(unmetLevel: request) }
    self.plan = plan
    outputs = try RunOutputs(of: command, plan)
  }

  func run() throws(Failure) {
    let (bound, columns, initial, warnings) = try prepare()
    var settings = plan.settings
    settings.recording = columns.recording
    let data = try TrainingData<Scalar>(bound)
    let run = Run<Scalar>(
      plan: plan, bound: bound, settings: settings, columns: columns, initial: initial,
      file: RunFile(
        plan, bound.model, recording: columns.recording,
        fingerprint: plan.isResumable ? try data.fingerprint() : 0))
    try outputs.create(for: run)

    let isFlat =
      plan.resume == nil
      ? try data.isFlat(bound.model, at: initial.map { Scalar($0) }) : false
    let identity =
      Job.count > 1
      ? "\(data.identity) \(Columns<Double>([initial]).fingerprint) \(JSON.object(plan.allSettings).line)"
      : ""
    var trainer = Trainer<Scalar>(
      bound.model, rows: data.rows, validation: data.validation, initial: initial,
      settings: settings, team: Job.team)
    if let resumption = plan.resume { try resume(&trainer, run.file, from: resumption) }
    try Job.begin(with: identity)
    for warning in warnings + plan.doubts(of: bound, as: Scalar.self, isFlat: isFlat) {
      Diagnostics.warn(warning)
    }
    sayWhatLossesAre(bound)
    Interruption.listen()
    outputs.begin(trainer)
    let start = Clock.now
    let outcome = train(&trainer, bound)
    // The others wait for this process, and are to be ended.
    if Job.count > 1, case .unreadable(let error) = outcome { throw Failure(error) }
    var result = RunResult(outcome: outcome, seconds: Clock.now - start)
    outputs.endRecords(result, of: trainer)
    Interruption.stopListening()
    if outcome.isRegular { result.arrival = arrival(of: trainer, in: run) }
    result.bytesExchanged = Job.bytesExchanged
    Job.finish()
    outputs.endSummaries(result, of: trainer)
    try end(result, of: run, after: trainer)
  }

  /// Reads the tables and binds the model, the columns of the CSV and the start values to them.
  ///
  /// The warnings are those of the start values.
  func prepare() throws(Failure) -> (
    bound: BoundModel, columns: LogColumns, initial: [Double], warnings: [String]
  ) {
    let bound = try plan.bind()
    let columns = try LogColumns(
      plan.columns, of: bound.model, hasValidation: bound.validation != nil)
    let (initial, warnings) = try plan.start(of: bound.model, as: Scalar.self)
    return (bound, columns, initial, warnings)
  }

  private func train(_ trainer: inout Trainer<Scalar>, _ bound: BoundModel) -> Outcome {
    var isValidationFinite = true
    var lookedAt = 0
    return trainer.run(
      observe: outputs.recordsSteps ? { outputs.record($0) } : nil,
      epochEnded: { trainer, epoch in
        outputs.end(epoch, of: trainer)
        if isValidationFinite, let loss = epoch.validationLoss, !loss.isFinite {
          isValidationFinite = false
          Diagnostics.warn(
            "the validation loss of epoch \(epoch.number) is \(loss.shortestDecimal): "
              + text(of: trainer.validationFault, in: bound))
        }
      },
      shouldStop: { rowsDone in
        outputs.poll(rowsDone: rowsDone)
        if Job.count == 1 { return outputs.areOver || Interruption.signal != nil }
        // Processes look at the same rows whether one of them is to stop, and seldom where steps are small.
        guard rowsDone == 0 || rowsDone / 4096 != lookedAt else { return false }
        lookedAt = rowsDone / 4096
        return Job.stops(outputs.areOver)
      })
  }

  /// Why the validation loss is not finite.
  private func text(of fault: (row: Int, fault: NonFinite)?, in bound: BoundModel) -> String {
    guard let (row, fault) = fault else { return "the sum of the rows' losses overflowed" }
    let place = bound.position(ofRow: row, isValidation: true).map { " (\($0))" } ?? ""
    return "\(fault.text) in row \(row + 1)\(place)"
  }

  /// Says where the loss of an epoch is that of one row.
  private func sayWhatLossesAre(_ bound: BoundModel) {
    if plan.settings.epochLoss == nil, plan.settings.usedEpochLoss == .last, !plan.isQuiet,
      plan.model.data != .lesson, bound.rowCount > 1
    {
      Diagnostics.say(
        "note: an epoch's loss is that of its last row; --epoch-loss mean reports the mean over all rows"
      )
    }
  }

  /// Brings the trainer to where the checkpoint stands.
  private func resume(
    _ trainer: inout Trainer<Scalar>, _ file: RunFile, from resumption: Resumption
  ) throws(Failure) {
    let source = resumption.source
    let checkpoint: Checkpoint<Scalar> = try file.checkpoint(from: resumption)
    do throws(CheckpointError) { try trainer.resume(from: checkpoint) } catch {
      throw Failure(.badData, "\(source.name): \(error)")
    }
    let begun = trainer.epochs.count + (trainer.rowsDone > 0 ? 1 : 0)
    if begun > plan.settings.epochs {
      throw Failure(
        .usage,
        "--resume \(source.name): its run has begun \(begun) epochs, more than "
          + "--epochs \(plan.settings.epochs)")
    }
  }

  /// Says how the run ended, unless all went well.
  private func end(
    _ result: RunResult, of run: Run<Scalar>, after trainer: borrowing Trainer<Scalar>
  ) throws(Failure) {
    if case .unreadable(let error) = result.outcome { throw outputs.ending ?? Failure(error) }
    if case .diverged(let divergence) = result.outcome {
      let highest = run.settings.schedule?.course?.highestRate
      throw Failure(
        divergence,
        position: { plan.model.data == .lesson ? nil : run.bound.position(ofRow: $0) },
        advice: DivergenceAdvice(run: run.bound, settings: run.settings, initial: run.initial)
          .text(
            rate: highest?.value ?? trainer.learningRate,
            flag: RuleSettings.flag(highest?.setting ?? "lr")))
    }
    if let ending = outputs.ending { throw ending }
    if case .stuck(let element, let gradient)? = result.arrival {
      Diagnostics.warn(
        "\(run.settings.optimizer.name) has stopped moving, although the gradient of "
          + "\(run.model.parameterElement(element)) is \(brief(gradient, digits: 7)) and a step against it "
          + "lowers the loss: bring columns and parameters to similar sizes, or try other start values (--init)"
      )
    }
    guard case .outOfPatience = result.outcome, !plan.isQuiet, let best = trainer.bestEpoch,
      let patience = run.settings.patience
    else { return }
    Diagnostics.say(
      "stopped after epoch \(trainer.epochs.count - 1): no lower validation loss for "
        + "\(patience) epoch\(patience == 1 ? "" : "s"); the parameters kept are those of epoch "
        + "\(best.number)")
  }

  /// Where a search for the minimum has ended; nil if there was none, or it cannot be told.
  ///
  /// Steps on all rows alone can be compared: that the last one lowered nothing says little where each step has
  /// rows or a dropout of its own. Where the best epoch is kept, the parameters may not be the last step's.
  private func arrival(
    of trainer: borrowing Trainer<Scalar>, in run: Run<Scalar>
  ) -> Arrival? {
    let settings = run.settings
    guard let tolerances = settings.optimizer.tolerances, settings.patience == nil,
      settings.batchSize.includes(run.bound.rowCount), run.model.noiseKeyCount == 0,
      !trainer.hasDiverged, let last = trainer.epochs.last, let rows = try? run.rows(),
      var total = TotalLoss(run.model, rows: rows, settings: settings)
    else { return nil }
    return total.arrival(at: trainer.parameters, from: last.loss, tolerances)
  }
}

extension Model {
  /// The numbers that the model reads.
  func numbers<Scalar: Precision>(
    of table: Table, as _: Scalar.Type
  ) throws(Failure) -> Columns<Scalar> {
    do throws(TableError) { return try data(from: table) } catch { throw Failure(error) }
  }
}
