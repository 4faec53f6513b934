import Plotting
import Tables

/// A picture to be made: where it goes, and in which format.
struct PictureFile {
  let destination: Destination
  let format: PictureFormat

  /// Takes the format from the path's extension, unless one is given.
  ///
  /// `option` is the flag that named the path, `formatOption` the one that names a format.
  init(
    _ path: Path, format: PictureFormat?, option: String, formatOption: String
  ) throws(Failure) {
    destination = Destination(path)
    guard let format = format ?? PictureFormat(path: "\(path)") else {
      throw Failure(
        noFormat: path, among: PictureFormat.allCases, option: option, formatOption: formatOption)
    }
    self.format = format
  }

  /// Creates the file, so that it is told before any work is done where it cannot be.
  func create() throws(Failure) -> WholeFile {
    do throws(PlotError) { try Picture.checkCanDraw() } catch { throw Failure(error) }
    if destination == .standardOutput, format != .svg, Writer.standardOutput.isTerminal {
      throw Failure(
        .usage, "a \(format.rawValue.uppercased()) would garble the terminal; redirect it to a file"
      )
    }
    return try WholeFile(destination)
  }
}

extension WholeFile {
  /// Writes a picture.
  func write(_ picture: Picture) throws(Failure) {
    if !picture.missingCharacters.isEmpty {
      let characters = picture.missingCharacters.map { "'\($0)'" }.joined(separator: ", ")
      Diagnostics.warn("no font has \(characters); install one that does to see more than a box")
    }
    if !picture.unshapedCharacters.isEmpty {
      let characters = picture.unshapedCharacters.map { "'\($0)'" }.joined(separator: ", ")
      Diagnostics.warn(
        "pictures cannot join \(characters) into words, so they show boxes instead")
    }
    try write(picture.bytes)
  }

  /// Draws a picture and writes it.
  func write(_ draw: () throws(PlotError) -> Picture) throws(Failure) {
    let picture: Picture
    do throws(PlotError) { picture = try draw() } catch { throw Failure(error) }
    try write(picture)
  }
}

extension Failure {
  /// A destination whose format neither its extension nor a flag tells.
  init(
    noFormat path: Path, among formats: [some RawRepresentable<String>], option: String,
    formatOption: String
  ) {
    let formats = formats.map(\.rawValue).joined(separator: ", ")
    self.init(
      .usage,
      path == Path("-")
        ? "\(option) - needs \(formatOption): one of \(formats)"
        : "\(option) \(path): the extension must be one of \(formats); or give \(formatOption)")
  }
}
