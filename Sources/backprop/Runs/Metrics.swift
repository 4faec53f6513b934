import Autograd
import Formula
import Models
import Tables
import Training

/// What a run came to, for `--metrics`.
struct Metrics {
  private var values: [String: JSON] = ["version": .text(Backprop.version)]

  /// The metrics of a run over so many rows that took so many seconds.
  init<Scalar: Precision>(
    _ plan: TrainPlan, _ bound: BoundModel, _ trainer: borrowing Trainer<Scalar>,
    _ outcome: Outcome, seconds: Double
  ) throws(Failure) {
    let model = bound.model
    let (rows, validationRows) = (bound.table.rowCount, bound.validation?.rowCount ?? 0)
    values["model"] = .text(plan.model.formula.text)
    values["loss_function"] = .text(plan.model.loss.text)
    values["target"] = .text(model.target)
    values["outcome"] = .text(outcome.name)
    values["rows"] = .count(rows)
    values["validation_rows"] = .count(validationRows)
    values["parameters"] = .count(model.parameterCount)
    values["epochs"] = .count(trainer.epochs.count)
    values["steps"] = .count(trainer.stepCount)
    values["seconds"] = .number(seconds)
    values["threads"] = .count(plan.settings.threads)
    values["instructions"] = .text(SIMDLevel.chosen.rawValue)
    values["settings"] = .object(plan.namedSettings)
    if let last = trainer.epochs.last {
      values["loss"] = .number(last.loss)
      values["validation_loss"] = last.validationLoss.map(JSON.number)
    }
    if let best = trainer.bestEpoch {
      values["best_epoch"] = .count(best.number)
      values["best_loss"] = .number(best.loss)
      values["best_validation_loss"] = best.validationLoss.map(JSON.number)
    }
    if case .diverged = outcome { return }
    try add(evaluationOf: model, on: bound.table, with: trainer.parameters, prefix: "")
    if let table = bound.validation {
      try add(evaluationOf: model, on: table, with: trainer.parameters, prefix: "validation_")
    }
  }

  private mutating func add<Scalar: Precision>(
    evaluationOf model: Model, on table: Table, with parameters: [Scalar], prefix: String
  ) throws(Failure) {
    let evaluation: Evaluation
    do throws(TableError) {
      let data: Columns<Scalar> = try model.data(from: table)
      evaluation = try model.evaluate(table, data, parameters: parameters)
    } catch {
      throw Failure(error)
    }
    values["\(prefix)accuracy"] = evaluation.accuracy.map(JSON.number)
    values["\(prefix)rmse"] = evaluation.rmse.map(JSON.number)
    values["\(prefix)r2"] = evaluation.r2.map(JSON.number)
    values["\(prefix)mean_loss"] = .number(evaluation.loss)
  }

  /// Writes them as a JSON object.
  func write(to place: Destination) throws(Failure) {
    try place.replaceContents(with: Array((JSON.object(values).lines + "\n").utf8))
  }
}

extension Outcome {
  fileprivate var name: String {
    switch self {
    case .finished: "finished"
    case .outOfPatience: "out of patience"
    case .interrupted: "interrupted"
    case .diverged: "diverged"
    }
  }
}
