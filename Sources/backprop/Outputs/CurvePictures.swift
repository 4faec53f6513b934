import Plotting
import Tables

/// Pictures of curves, and the curves in the terminal, as flags ask for them.
final class CurvePictures {
  let curves: CurveOptions
  private let pictures: [PictureFile]
  private var outputs: [WholeFile] = []

  /// Checks the flags, of which `option` names pictures; nil if nothing is to be drawn.
  init?(_ paths: [Path], _ curves: CurveOptions, option: String) throws(Failure) {
    self.curves = curves
    let formatOption = curves.look.flag("format")
    pictures = try paths.map { path throws(Failure) in
      try PictureFile(path, format: curves.format, option: option, formatOption: formatOption)
    }
    try curves.check(
      formats: pictures.map(\.format), placeOption: option, drawsInTerminal: curves.preview)
    self.option = option
    if pictures.isEmpty, !curves.preview { return nil }
  }

  private let option: String

  var destinations: [FlaggedDestination] {
    pictures.map { FlaggedDestination(flag: option, destination: $0.destination) }
  }

  /// Creates every file.
  func create() throws(Failure) {
    outputs = try pictures.map { picture throws(Failure) in try picture.create() }
  }

  /// Draws every picture, whatever becomes of the others; that there is nothing to draw is a warning.
  func draw(_ figure: Figure) throws(Failure) {
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
