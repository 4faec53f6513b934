import ArgumentParser
import Plotting

/// How a command spells the options of its pictures: `--size` on `plot`, `--plot-size` on `train`.
protocol OptionSpelling: SendableMetatype {
  static var prefix: String { get }
}

/// The spelling of commands that make nothing but pictures.
enum PlainSpelling: OptionSpelling {
  static let prefix = ""
}

/// The spelling of commands for which pictures are one thing among others.
enum PlotSpelling: OptionSpelling {
  static let prefix = "plot-"
}

/// How a picture looks, whatever it shows.
struct LookOptions<Spelling: OptionSpelling>: ParsableArguments {
  @Option(
    name: name("scale"), parsing: .unconditional,
    help: ArgumentHelp("Pixels of a PNG to one px, 1 to 4. [2]", valueName: "number"),
    transform: scale)
  var scale = 2.0

  @Option(
    name: name("theme"), parsing: .unconditional,
    help: ArgumentHelp("Colours, light or dark. [light]", valueName: "theme"),
    transform: { text in try choice(text) })
  var theme = Figure.Theme.light

  @Option(
    name: name("title"), parsing: .unconditional,
    help: ArgumentHelp("Text above the picture. [none]", valueName: "text"))
  var title: String?

  static func name(_ long: String) -> NameSpecification { .customLong(Spelling.prefix + long) }

  static func scale(_ text: String) throws -> Double {
    guard let value = finiteNumber(text), (1...4).contains(value) else {
      throw ValidationError("give a number from 1 to 4")
    }
    return value
  }
}

/// The format and size of a picture that has a size of its own, and how it looks.
struct PictureOptions<Spelling: OptionSpelling>: ParsableArguments {
  @Option(
    name: name("format"), parsing: .unconditional,
    help: ArgumentHelp(
      "Format of the picture (png, svg, pdf), whatever its extension; needed with '-'.",
      valueName: "format"),
    transform: { text in try choice(text) })
  var format: PictureFormat?

  @Option(
    name: name("size"), parsing: .unconditional,
    help: ArgumentHelp("Width and height in px, each 200 to 8000. [640x480]", valueName: "WxH"),
    transform: size)
  var size = Figure.Size(width: 640, height: 480)

  @OptionGroup var look: LookOptions<Spelling>

  static func name(_ long: String) -> NameSpecification { LookOptions<Spelling>.name(long) }

  static func size(_ text: String) throws -> Figure.Size {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1],
      (200...8000).contains(width), (200...8000).contains(height)
    else { throw ValidationError("give width and height in px, each 200 to 8000, as in 640x480") }
    return Figure.Size(width: Double(width), height: Double(height))
  }
}

/// How curves are drawn.
struct CurveOptions<Spelling: OptionSpelling>: ParsableArguments {
  /// What can be marked on a curve.
  enum Mark: String, CaseIterable {
    case min
  }

  @OptionGroup var picture: PictureOptions<Spelling>

  @Option(
    name: PictureOptions<Spelling>.name("yscale"), parsing: .unconditional,
    help: ArgumentHelp(
      "Loss axis: linear, log, or auto (log where a linear one would show a corner). [linear]",
      valueName: "scale"),
    transform: { text in try choice(text) })
  var yScale = Figure.YScale.linear

  @Option(
    name: PictureOptions<Spelling>.name("smooth"), parsing: .unconditional,
    help: ArgumentHelp(
      "Draw the exponential moving average of this weight over a faint curve. [none]",
      valueName: "weight"),
    transform: weight)
  var smoothing: Double?

  @Option(
    name: PictureOptions<Spelling>.name("mark"), parsing: .unconditional,
    help: ArgumentHelp("Mark a point: min, the lowest. [none]", valueName: "point"),
    transform: { text in try choice(text) })
  var mark: Mark?

  @Flag(
    name: PictureOptions<Spelling>.name("preview"), help: "Draw the curves in the terminal as well."
  )
  var preview = false

  /// The figure of some runs, as the options say.
  func figure(of runs: [Figure.Run], xTitle: String = "epoch", yTitle: String = "Loss") -> Figure {
    var figure = Figure(
      runs: runs, xTitle: xTitle, yTitle: yTitle, yScale: yScale, smoothing: smoothing)
    figure.size = picture.size
    figure.scale = picture.look.scale
    figure.theme = picture.look.theme
    figure.title = picture.look.title
    figure.marksMinimum = mark == .min
    return figure
  }

  static func weight(_ text: String) throws -> Double {
    guard let value = finiteNumber(text), value >= 0, value < 1 else {
      throw ValidationError("give a weight from 0 to below 1")
    }
    return value
  }
}
