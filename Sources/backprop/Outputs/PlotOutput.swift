import Autograd
import Models
import Plotting
import Training

/// The loss curve, as pictures and in the terminal.
final class PlotOutput<Scalar: Precision>: RunOutput {
  private let curves: CurveOptions
  private let pictures: [PictureFile]
  private var outputs: [WholeFile] = []
  private var isValidated = false

  init?(_ command: Train) throws(Failure) {
    let curves = command.curves
    self.curves = curves
    pictures = try command.results.plots.map { path throws(Failure) in
      try PictureFile(
        path, format: curves.format, option: "--plot", formatOption: "--plot-format")
    }
    try curves.check(
      formats: pictures.map(\.format), placeOption: "--plot", drawsInTerminal: curves.preview)
    if pictures.isEmpty, !curves.preview { return nil }
  }

  var destinations: [FlaggedDestination] {
    pictures.map { FlaggedDestination(flag: "--plot", destination: $0.destination) }
  }

  func create(for run: Run<Scalar>) throws(Failure) {
    isValidated = run.bound.validation != nil
    outputs = try pictures.map { picture throws(Failure) in try picture.create() }
  }

  /// Draws the epochs.
  ///
  /// A failure after a run that diverged is a warning, as the run's own exit code stands.
  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    let history = trainer.epochs
    let run = Figure.Run(
      epochs: history.map { Double($0.number) }, losses: history.map(\.loss),
      validationLosses: isValidated ? history.map { $0.validationLoss ?? .nan } : nil)
    do throws(Failure) { try draw(curves.figure(of: [run])) } catch {
      guard result.hasDiverged, case .message(let text, _) = error else { throw error }
      Diagnostics.warn(text)
    }
  }

  private func draw(_ figure: Figure) throws(Failure) {
    curves.warn(of: figure)
    let drawn: [Picture]
    let preview: String
    do throws(PlotError) {
      drawn = try pictures.map { picture throws(PlotError) in
        try figure.picture(as: picture.format, creator: Backprop.creator)
      }
      preview = curves.preview ? try figure.preview(in: Terminal(of: .standardError)) : ""
    } catch {
      if error.reason != .nothingToDraw { throw Failure(error) }
      return Diagnostics.warn("no plot drawn: \(error)")
    }
    var failure: Failure?
    for (output, picture) in zip(outputs, drawn) {
      do throws(Failure) { try output.write(picture) } catch { failure = failure ?? error }
    }
    do throws(Failure) { try Writer.standardError.writeAll(preview) } catch {
      failure = failure ?? error
    }
    if let failure { throw failure }
  }
}
