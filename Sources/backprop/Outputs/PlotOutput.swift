import Autograd
import Models
import Plotting
import Training

/// The loss curve, as pictures and in the terminal.
final class PlotOutput<Scalar: Precision>: RunOutput {
  let role = OutputRole.summary
  private let pictures: CurvePictures
  private var isValidated = false

  init?(_ command: Train) throws(Failure) {
    let pictures = try CurvePictures(command.results.plots, command.curves, option: "--plot")
    guard let pictures else { return nil }
    self.pictures = pictures
  }

  var destinations: [FlaggedDestination] { pictures.destinations }

  func create(for run: Run<Scalar>) throws(Failure) {
    isValidated = run.bound.validation != nil
    try pictures.create()
  }

  /// Draws the epochs.
  ///
  /// A failure after a run that diverged is a warning, as the run's own exit code stands.
  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    let history = trainer.epochs
    let run = Figure.Run(
      epochs: history.map { Double($0.number) }, losses: history.map(\.loss),
      validationLosses: isValidated ? history.map { $0.validationLoss ?? .nan } : nil)
    do throws(Failure) { try pictures.draw(pictures.curves.figure(of: [run])) } catch {
      let texts = error.parts.compactMap(\.text)
      if !result.hasDiverged || texts.isEmpty { throw error }
      for text in texts { Diagnostics.warn(text) }
    }
  }
}
