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
  var scale: Double?

  @Option(
    name: name("theme"), parsing: .unconditional,
    help: ArgumentHelp("Colours, light or dark. [light]", valueName: "theme"),
    transform: { text in try choice(text) })
  var theme: Figure.Theme?

  @Option(
    name: name("title"), parsing: .unconditional,
    help: ArgumentHelp("Text above the picture.", valueName: "text"))
  var title: String?

  /// What was given that pictures alone have, by its flag.
  var given: [String] {
    [("scale", scale != nil), ("theme", theme != nil)].filter(\.1).map { Self.flag($0.0) }
  }

  /// Complains of pixels where no PNG is made; `placeOption` is the flag that names pictures.
  func checkPixels(of formats: [PictureFormat], placeOption: String) throws(ValidationError) {
    if scale != nil, !formats.contains(.png) {
      throw ValidationError("\(Self.flag("scale")) is of PNGs, and no \(placeOption) makes one")
    }
  }

  static func flag(_ long: String) -> String { "--" + Spelling.prefix + long }

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
  var size: Figure.Size?

  @OptionGroup var look: LookOptions<Spelling>

  /// What was given that pictures alone have, by its flag.
  var given: [String] {
    [("format", format != nil), ("size", size != nil)].filter(\.1)
      .map { LookOptions<Spelling>.flag($0.0) } + look.given
  }

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
  var yScale: Figure.YScale?

  @Option(
    name: PictureOptions<Spelling>.name("smooth"), parsing: .unconditional,
    help: ArgumentHelp(
      "Draw the exponential moving average of this weight over a faint curve.",
      valueName: "weight"),
    transform: weight)
  var smoothing: Double?

  @Option(
    name: PictureOptions<Spelling>.name("mark"), parsing: .unconditional,
    help: ArgumentHelp("Mark a point: min, the lowest.", valueName: "point"),
    transform: { text in try choice(text) })
  var mark: Mark?

  @Flag(
    name: PictureOptions<Spelling>.name("preview"), help: "Draw the curves in the terminal as well."
  )
  var preview = false

  /// Complains of what was given that nothing would show.
  ///
  /// `formats` are those of the pictures, `placeOption` the flag that names them; without pictures the
  /// curves may be drawn in the terminal all the same.
  func check(
    formats: [PictureFormat], placeOption: String, drawsInTerminal: Bool
  ) throws(ValidationError) {
    if formats.isEmpty, let flag = picture.given.first {
      throw ValidationError("\(flag) says how to draw, but no \(placeOption) says where")
    }
    try picture.look.checkPixels(of: formats, placeOption: placeOption)
    let ofCurves = [
      ("title", picture.look.title != nil), ("yscale", yScale != nil),
      ("smooth", smoothing != nil), ("mark", mark != nil),
    ]
    if formats.isEmpty, !drawsInTerminal, let (name, _) = ofCurves.first(where: \.1) {
      let flag = LookOptions<Spelling>.flag
      throw ValidationError(
        "\(flag(name)) says how to draw, but neither \(placeOption) nor \(flag("preview")) says where"
      )
    }
  }

  /// The figure of some runs, as the options say.
  func figure(of runs: [Figure.Run], xTitle: String = "epoch", yTitle: String = "Loss") -> Figure {
    var figure = Figure(
      runs: runs, xTitle: xTitle, yTitle: yTitle, yScale: yScale ?? .linear, smoothing: smoothing)
    if let size = picture.size { figure.size = size }
    if let scale = picture.look.scale { figure.scale = scale }
    if let theme = picture.look.theme { figure.theme = theme }
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
