import Autograd
import Models
import Plotting
import Training

/// The loss curve, as pictures and in the terminal.
final class PlotOutput<Scalar: Precision>: RunOutput {
  let role = OutputRole.summary
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
      let texts = error.parts.compactMap(\.text)
      if !result.hasDiverged || texts.isEmpty { throw error }
      for text in texts { Diagnostics.warn(text) }
    }
  }

  /// Draws every picture, whatever becomes of the others.
  private func draw(_ figure: Figure) throws(Failure) {
    curves.warn(of: figure)
    var failures: [Failure] = []
    var nothingToDraw: PlotError?
    func attempt<View>(
      _ draw: () throws(PlotError) -> View, write: (View) throws(Failure) -> Void
    ) {
      do throws(Failure) {
        let view: View
        do throws(PlotError) { view = try draw() } catch {
          if error.reason == .nothingToDraw {
            nothingToDraw = error
            return
          }
          throw Failure(error)
        }
        try write(view)
      } catch {
        failures.append(error)
      }
    }
    for (picture, output) in zip(pictures, outputs) {
      attempt { () throws(PlotError) in
        try figure.picture(as: picture.format, creator: Backprop.creator)
      } write: { picture throws(Failure) in
        try output.write(picture)
      }
    }
    if curves.preview {
      attempt { () throws(PlotError) in
        try figure.preview(in: Terminal(of: .standardError))
      } write: { preview throws(Failure) in
        try Writer.standardError.writeAll(preview)
      }
    }
    if let nothingToDraw { Diagnostics.warn("no plot drawn: \(nothingToDraw)") }
    if !failures.isEmpty { throw .several(failures) }
  }
}
