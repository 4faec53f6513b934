import Autograd
import Formula
import Models
import Tables
import Training

/// Settings, losses and quality of the model at the end, as a JSON object.
final class MetricsOutput<Scalar: Precision>: RunOutput {
  let destinations: [FlaggedDestination]
  let role = OutputRole.summary
  /// Of a model with more parameters the values are left out.
  private static var mostParameterValues: Int { 1000 }
  private var output: WholeFile?
  private var run: Run<Scalar>?

  init?(_ command: Train) {
    guard let path = command.results.metrics else { return nil }
    destinations = [FlaggedDestination(flag: "--metrics", destination: Destination(path))]
  }

  func create(for run: Run<Scalar>) throws(Failure) {
    self.run = run
    output = try WholeFile(destinations[0].destination)
  }

  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    guard let run else { return }
    let metrics = try values(of: run, result, trainer)
    try output?.write(JSON.object(metrics).lines + "\n")
  }

  private func values(
    of run: Run<Scalar>, _ result: RunResult, _ trainer: borrowing Trainer<Scalar>
  ) throws(Failure) -> [String: JSON] {
    let (bound, plan) = (run.bound, run.plan)
    var values: [String: JSON] = ["version": .text(Backprop.version)]
    let model = bound.model
    values["model"] = .text(plan.model.formula.text)
    values["loss_function"] = .text(plan.model.loss.text)
    values["target"] = .text(model.target)
    values["classes"] = model.classes.map { JSON.list($0.map(JSON.text)) }
    values["outcome"] = .text(result.outcome.name)
    values["rows"] = .count(bound.rowCount)
    values["validation_rows"] = .count(bound.validationRowCount)
    values["parameters"] = .count(model.parameterCount)
    values["epochs"] = .count(trainer.epochs.count)
    values["steps"] = .count(trainer.stepCount)
    values["seconds"] = .number(result.seconds)
    values["threads"] = .count(plan.settings.threads)
    if Job.count > 1 {
      values["ranks"] = .count(Job.count)
      values["bytes_exchanged"] = .count(result.bytesExchanged)
    }
    values["instructions"] = .text(SIMDLevel.chosen.rawValue)
    values["settings"] = .object(plan.allSettings)
    let epoch = result.hasDiverged ? trainer.epochs.last : trainer.keptEpoch
    if let epoch {
      values["loss"] = .number(epoch.loss)
      values["validation_loss"] = epoch.validationLoss.map(JSON.number)
    }
    if let best = trainer.bestEpoch {
      values["best_epoch"] = .count(best.number)
      values["best_loss"] = .number(best.loss)
      values["best_validation_loss"] = best.validationLoss.map(JSON.number)
    }
    if result.hasDiverged { return values }
    if model.parameterCount <= Self.mostParameterValues {
      values["parameter_values"] = .object(model.json(of: trainer.parameters.map { Double($0) }))
    }
    func add(_ evaluation: Evaluation, prefix: String) {
      values["\(prefix)accuracy"] = evaluation.accuracy.map(JSON.number)
      values["\(prefix)rmse"] = evaluation.rmse.map(JSON.number)
      values["\(prefix)r2"] = evaluation.r2.map(JSON.number)
      values["\(prefix)mean_loss"] = .number(evaluation.loss)
    }
    if let validation = bound.validation {
      add(
        try evaluation(of: model, on: validation, bound.storedValidation, trainer.parameters),
        prefix: "validation_")
    }
    add(
      try evaluation(of: model, on: bound.table, bound.storedRows, trainer.parameters), prefix: "")
    guard
      var total = TotalLoss<Scalar>(model, rows: try run.rows(), settings: plan.settings)
    else { return values }
    let slope = total.slope(at: trainer.parameters)
    values["gradient_norm"] = .number(slope.norm)
    if let tolerances = plan.settings.optimizer.tolerances {
      values["converged"] = .flag(
        slope.isFlat(within: tolerances) || result.arrival == .converged)
    }
    return values
  }

  private func evaluation(
    of model: Model, on table: Table, _ stored: StoredRows?, _ parameters: [Scalar]
  ) throws(Failure) -> Evaluation {
    do throws(TableError) {
      if let stored { return try model.evaluate(stored, parameters: parameters) }
      return try model.evaluate(
        table, try model.data(from: table, as: Scalar.self), parameters: parameters)
    } catch {
      throw Failure(error)
    }
  }
}

extension Outcome {
  static let divergedName = "diverged"

  var name: String {
    switch self {
    case .finished: "finished"
    case .outOfPatience: "out of patience"
    case .interrupted: "interrupted"
    case .diverged: Self.divergedName
    case .unreadable: "table not readable"
    }
  }
}
