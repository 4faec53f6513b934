import Flags
import Plotting

/// How a picture looks, whatever it shows.
///
/// Commands that make nothing but pictures spell the flags plainly, as in `--theme`; others put `plot-` before
/// them.
struct LookOptions {
  var scale: Double?
  var theme: Figure.Theme?
  var title: String?
  /// What stands before each flag's name.
  let prefix: String

  init(prefix: String = "") { self.prefix = prefix }

  static func flags(prefix: String = "") -> [Flag<Self>] {
    [
      Flag(
        prefix + "scale", "number", "Resolution of a PNG: pixels per px of its size, 1 to 4. [2]"
      ) {
        $0.scale = try pixelScale($1)
      },
      Flag(
        prefix + "theme", "theme", "Colour theme: light or dark. [light]",
        choices: Figure.Theme.allCases.map(\.rawValue)
      ) { $0.theme = try choice($1) },
      Flag(prefix + "title", "text", "Title above the picture.") { $0.title = $1 },
    ]
  }

  /// What was given that pictures alone have, by its flag.
  var given: [String] {
    [("scale", scale != nil), ("theme", theme != nil)].filter(\.1).map { flag($0.0) }
  }

  /// Complains of pixels where no PNG is made; `placeOption` is the flag that names pictures.
  func checkPixels(of formats: [PictureFormat], placeOption: String) throws(Failure) {
    if scale != nil, !formats.contains(.png) {
      throw Failure(.usage, "\(flag("scale")) is for PNGs, and no \(placeOption) names one")
    }
  }

  func flag(_ name: String) -> String { "--" + prefix + name }
}

/// The format and size of pictures of curves, and how the curves are drawn.
struct CurveOptions {
  /// What can be marked on a curve.
  enum Mark: String, CaseIterable {
    case min
  }

  var format: PictureFormat?
  var size: Figure.Size?
  var look: LookOptions
  var xScale: Figure.XScale?
  var yScale: Figure.YScale?
  var xTitle: String?
  var yTitle: String?
  var drawsPoints = false
  var smoothing: Double?
  var mark: Mark?
  var preview = false

  init(prefix: String = "") { look = LookOptions(prefix: prefix) }

  static func flags(
    prefix: String = "", usualScale: Figure.YScale = .linear
  ) -> [Flag<Self>] {
    [
      Flag(
        prefix + "format", "format",
        "Format of the picture (png, svg, pdf), whatever its extension; required with '-'.",
        choices: PictureFormat.allCases.map(\.rawValue)
      ) { $0.format = try choice($1) },
      Flag(prefix + "size", "WxH", "Width and height in px, each 200 to 8000. [640x480]") {
        $0.size = try pictureSize($1)
      },
    ] + LookOptions.flags(prefix: prefix).map { $0.lifted(\.look) } + [
      Flag(
        prefix + "yscale", "scale",
        "Scale of the vertical axis: linear, log, or auto, which is log if most of a curve lies at the bottom of a linear axis. [\(usualScale)]",
        choices: Figure.YScale.allCases.map(\.rawValue)
      ) { $0.yScale = try choice($1) },
      Flag(
        prefix + "xscale", "scale", "Scale of the horizontal axis: linear or log. [linear]",
        choices: Figure.XScale.allCases.map(\.rawValue)
      ) { $0.xScale = try choice($1) },
      Flag(prefix + "xtitle", "text", "Title of the horizontal axis.") { $0.xTitle = $1 },
      Flag(prefix + "ytitle", "text", "Title of the vertical axis.") { $0.yTitle = $1 },
      Flag(prefix + "points", "Draw only points, without lines between them.") {
        $0.drawsPoints = true
      },
      Flag(
        prefix + "smooth", "weight",
        "Draw each curve faintly under its exponential moving average, in which the past has this weight, 0 to below 1."
      ) { $0.smoothing = try smoothingWeight($1) },
      Flag(
        prefix + "mark", "point", "Mark a point of the curves: min, the lowest.",
        choices: Mark.allCases.map(\.rawValue)
      ) { $0.mark = try choice($1) },
      Flag(prefix + "preview", "Also draw the curves in the terminal.") { $0.preview = true },
    ]
  }

  /// Complains of what was given that nothing would show.
  ///
  /// `formats` are those of the pictures, `placeOption` the flag that names them; without pictures the
  /// curves may be drawn in the terminal all the same.
  func check(
    formats: [PictureFormat], placeOption: String, drawsInTerminal: Bool
  ) throws(Failure) {
    let ofPictures =
      [("format", format != nil), ("size", size != nil)].filter(\.1).map { look.flag($0.0) }
      + look.given
    if formats.isEmpty, let flag = ofPictures.first {
      throw Failure(.usage, "\(flag) has no effect without \(placeOption)")
    }
    try look.checkPixels(of: formats, placeOption: placeOption)
    let ofCurves = [
      ("title", look.title != nil), ("yscale", yScale != nil), ("xscale", xScale != nil),
      ("xtitle", xTitle != nil), ("ytitle", yTitle != nil), ("points", drawsPoints),
      ("smooth", smoothing != nil), ("mark", mark != nil),
    ]
    if formats.isEmpty, !drawsInTerminal, let (name, _) = ofCurves.first(where: \.1) {
      throw Failure(
        .usage,
        "\(look.flag(name)) has no effect without \(placeOption) or "
          + look.flag("preview"))
    }
  }

  /// The figure of some runs, as the options say.
  func figure(
    of runs: [Figure.Run], xTitle: String = "epoch", yTitle: String = "Loss",
    usualScale: Figure.YScale = .linear
  ) -> Figure {
    var figure = Figure(
      runs: runs, xTitle: self.xTitle ?? xTitle, yTitle: self.yTitle ?? yTitle,
      yScale: yScale ?? usualScale, smoothing: smoothing)
    if let size { figure.size = size }
    if let scale = look.scale { figure.scale = scale }
    if let theme = look.theme { figure.theme = theme }
    figure.title = look.title
    figure.xScale = xScale ?? .linear
    figure.drawsPoints = drawsPoints
    figure.marksMinimum = mark == .min
    return figure
  }

  /// Says which axes are linear though a flag wants them logarithmic.
  func warn(of figure: Figure) {
    for axis in figure.axesWithoutPositiveValues {
      let name = axis == .horizontal ? "xscale" : "yscale"
      Diagnostics.warn(
        "the axis is linear despite \(look.flag(name)) log, because no value on it is positive")
    }
  }
}

private func pixelScale(_ text: String) throws(BadValue) -> Double {
  guard let value = finiteNumber(text), (1...4).contains(value) else {
    throw BadValue("give a number from 1 to 4")
  }
  return value
}

func pictureSize(_ text: String) throws(BadValue) -> Figure.Size {
  let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
  guard sides.count == 2, let width = sides[0], let height = sides[1],
    (200...8000).contains(width), (200...8000).contains(height)
  else { throw BadValue("give width and height in px, each 200 to 8000, as in 640x480") }
  return Figure.Size(width: Double(width), height: Double(height))
}

private func smoothingWeight(_ text: String) throws(BadValue) -> Double {
  guard let value = finiteNumber(text), value >= 0, value < 1 else {
    throw BadValue("give a weight from 0 to below 1")
  }
  return value
}
