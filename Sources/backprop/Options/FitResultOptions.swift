import Flags
import Plotting
import Tables

/// The flags that say what a fit writes, and where.
struct FitResultOptions: NotesFlags {
  /// How the report is written.
  enum Format: String, CaseIterable {
    case csv, json
  }

  var output: Path?
  var format = Format.csv
  var metrics: Path?
  var save: Path?
  var csv: Path?
  var quiet = false
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    [
      Flag(
        "output", file: "file", "Write the report of the parameters to this file. [standard output]"
      ) {
        $0.output = try fileName($1)
      },
      Flag(
        "format", "csv|json", "Format of the report. [csv]",
        choices: Format.allCases.map(\.rawValue)
      ) { $0.format = try choice($1) },
      Flag(
        "metrics", file: "file", "Write everything known about the fit and its settings, as JSON."
      ) { $0.metrics = try fileName($1) },
      Flag("save", file: "file", "Save the fitted model, as safetensors.") {
        $0.save = try fileName($1)
      },
      Flag("csv", file: "file", "Write the loss before and after each iteration, as CSV.") {
        $0.csv = try fileName($1)
      },
      Flag("quiet", "Print no table on the terminal and no notes.") { $0.quiet = true },
    ]
  }
}

/// The flags of the picture of data and curve.
struct FitPictureOptions {
  var plots: [Path] = []
  var format: PictureFormat?
  var size: Figure.Size?
  var band: Double?
  var xScale: Figure.XScale?
  var yScale: Figure.YScale?
  var xTitle: String?
  var yTitle: String?
  var look = LookOptions(prefix: "plot-")

  static var flags: [Flag<Self>] {
    [
      Flag(
        "plot", file: "file",
        "Draw data, curve and residuals; the extension (.png, .svg, .pdf) sets the format. Can be repeated."
      ) { $0.plots.append(try fileName($1)) },
      Flag(
        "band", "percent",
        "Shade the confidence band of the curve and the prediction band of new rows at this level, such as 95."
      ) { $0.band = try percent($1) },
      Flag(
        "plot-format", "format",
        "Format of the picture (png, svg, pdf), whatever its extension; required with '-'."
      ) { $0.format = try choice($1) },
      Flag("plot-size", "WxH", "Width and height in px, each 200 to 8000.") {
        $0.size = try pictureSize($1)
      },
      Flag(
        "plot-xscale", "scale", "Scale of the horizontal axis of a curve: linear or log. [linear]"
      ) {
        $0.xScale = try choice($1)
      },
      Flag(
        "plot-yscale", "scale",
        "Scale of the vertical axis of a curve: linear, log or auto. [linear]"
      ) {
        $0.yScale = try choice($1)
      },
      Flag("plot-xtitle", "text", "Title of the horizontal axis. [the column's name]") {
        $0.xTitle = $1
      },
      Flag("plot-ytitle", "text", "Title of the vertical axis. [the response's name]") {
        $0.yTitle = $1
      },
    ] + LookOptions.flags(prefix: "plot-").map { $0.lifted(\.look) }
  }

  /// The pictures, if the flags do not contradict each other.
  func pictures() throws(Failure) -> [PictureFile] {
    let pictures = try plots.map { path throws(Failure) in
      try PictureFile(path, format: format, option: "--plot", formatOption: "--plot-format")
    }
    let given =
      [
        ("--band", band != nil), ("--plot-format", format != nil), ("--plot-size", size != nil),
        ("--plot-xscale", xScale != nil), ("--plot-yscale", yScale != nil),
        ("--plot-xtitle", xTitle != nil), ("--plot-ytitle", yTitle != nil),
        ("--plot-title", look.title != nil),
      ].filter(\.1).map(\.0) + look.given
    if pictures.isEmpty, let flag = given.first {
      throw Failure(.usage, "\(flag) has no effect without --plot")
    }
    try look.checkPixels(of: pictures.map(\.format), placeOption: "--plot")
    return pictures
  }

  /// Says that an axis is linear though a flag wants it logarithmic.
  func warnOfLinear(_ axis: Figure.Axis) {
    let flag = axis == .horizontal ? "--plot-xscale" : "--plot-yscale"
    Diagnostics.warn(
      "the axis is linear despite \(flag) log, because no value on it is positive")
  }
}

/// The flags of the picture of what was made small.
struct FitLossPictureOptions {
  static let prefix = "plot-loss-"

  var plots: [Path] = []
  var curves = CurveOptions(prefix: prefix)

  static var flags: [Flag<Self>] {
    [
      Flag(
        "plot-loss", file: "file",
        "Draw the loss over the iterations; the extension (.png, .svg, .pdf) sets the format. Can be repeated."
      ) { $0.plots.append(try fileName($1)) }
    ] + CurveOptions.flags(prefix: prefix).map { $0.lifted(\.curves) }
  }

  /// The pictures, if the flags do not contradict each other.
  func pictures() throws(Failure) -> [PictureFile] {
    let pictures = try plots.map { path throws(Failure) in
      try PictureFile(
        path, format: curves.format, option: "--plot-loss", formatOption: "--plot-loss-format")
    }
    try curves.check(
      formats: pictures.map(\.format), placeOption: "--plot-loss", drawsInTerminal: curves.preview)
    return pictures
  }
}
