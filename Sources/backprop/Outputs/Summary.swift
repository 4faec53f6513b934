import Autograd
import Models
import Training

/// One line at the end of a run for a person at a terminal: the loss, how long it took, and the parameters if they
/// are few.
final class Summary<Scalar: Precision>: RunOutput {
  let role = OutputRole.summary
  private var model: Model?
  private static var mostParameters: Int { 6 }

  /// Nil where nobody would see it, or with `--quiet`.
  init?(_ command: Train) {
    guard StatusLine.isPossible, !command.results.quiet else { return nil }
  }

  func create(for run: Run<Scalar>) { model = run.model }

  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) {
    guard result.outcome.isRegular, let model, let epoch = trainer.keptEpoch else { return }
    let count = trainer.epochs.count
    var line = "loss \(brief(epoch.loss))"
    if let loss = epoch.validationLoss { line += ", validation loss \(brief(loss))" }
    line += " after \(count) epoch\(count == 1 ? "" : "s") in \(duration(result.seconds))"
    if model.parameterCount <= Self.mostParameters {
      let names = ElementNames(of: model)
      let values = trainer.parameters.enumerated().map { index, value in
        "\(names[index]) = \(brief(Double(value)))"
      }
      line += ": " + values.joined(separator: ", ")
    }
    if StatusLine.isInForeground { Diagnostics.tell(line) }
  }

  private func duration(_ seconds: Double) -> String {
    seconds < 10 ? "\(brief(seconds, digits: 2)) s" : ProgressLine.duration(seconds)
  }
}
