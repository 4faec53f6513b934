import ArgumentParser
import Plotting

/// A picture to be made: where it goes, and in which format.
struct PictureFile {
  let place: Destination
  let format: PictureFormat

  /// Takes the format from the path's extension, unless one is given.
  ///
  /// `option` is the flag that named the path, `formatOption` the one that names a format.
  init(
    _ path: String, format: PictureFormat?, option: String, formatOption: String
  ) throws(ValidationError) {
    place = Destination(path)
    guard let format = format ?? PictureFormat(path: path) else {
      throw ValidationError(
        noFormat: path, among: PictureFormat.allCases, option: option, formatOption: formatOption)
    }
    self.format = format
  }

  /// Finds out, before any work is done, whether the picture can be put in its place.
  func check() throws(Failure) {
    do throws(PlotError) { try Picture.checkCanDraw() } catch { throw Failure(error) }
    try place.checkCanCreate()
    if place == .standardOutput, format != .svg, Writer.standardOutput.isTerminal {
      throw Failure(
        .usage, "a \(format.rawValue.uppercased()) would garble the terminal; redirect it to a file"
      )
    }
  }

  /// Draws the figure and puts it in its place.
  func write(_ figure: Figure) throws {
    try write(figure.picture(as: format, creator: Backprop.creator))
  }

  /// Puts a picture in its place.
  func write(_ picture: Picture) throws(Failure) {
    if !picture.missingCharacters.isEmpty {
      let characters = picture.missingCharacters.map { "'\($0)'" }.joined(separator: ", ")
      Diagnostics.warn("no font has \(characters); install one that does to see more than a box")
    }
    try place.replaceContents(with: picture.bytes)
  }
}

extension ValidationError {
  /// A place whose format neither its extension nor a flag tells.
  init(
    noFormat path: String, among formats: [some RawRepresentable<String>], option: String,
    formatOption: String
  ) {
    let formats = formats.map(\.rawValue).joined(separator: ", ")
    self.init(
      path == "-"
        ? "\(option) - needs \(formatOption): one of \(formats)"
        : "\(option) \(path): the extension must be one of \(formats), or \(formatOption) be given")
  }
}
