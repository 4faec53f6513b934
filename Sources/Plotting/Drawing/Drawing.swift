/// A position on the canvas, in px (96 to the inch) from its top left corner; y grows downwards.
struct Point: Hashable, Sendable {
  /// Distance from the left edge.
  var x: Double
  /// Distance from the top edge.
  var y: Double
}

/// An opaque sRGB colour.
struct Color: Hashable, Sendable {
  /// The colour as 0xRRGGBB.
  var rgb: UInt32
  /// A colour from 0xRRGGBB.
  init(_ rgb: UInt32) { self.rgb = rgb }
}

/// How a line is drawn.
struct Stroke: Hashable, Sendable {
  /// The line's colour.
  var color: Color
  /// From 0 (nothing) to 1 (opaque).
  var opacity: Double = 1
  /// The line's width in px.
  var width: Double
  /// Lengths of dashes and gaps in px; solid when empty.
  ///
  /// Dashed lines have flat caps, solid ones round caps; joins are round.
  var dash: [Double] = []
}

/// How one line of text is set.
struct TextStyle: Hashable, Sendable {
  /// The em in px.
  var size: Double
  /// Whether the bold face is used.
  var bold = false
}

/// A run of text in one size, raised above the baseline for an exponent.
struct TextRun: Hashable, Sendable {
  /// What is written: clean Unicode without control characters.
  var text: String
  /// The size and weight.
  var style: TextStyle
  /// How far the run's baseline lies above the line's, in px.
  var rise: Double = 0
}

/// One thing to draw; a picture is a list of them, drawn in order.
///
/// Coordinates are final: snapped, clipped and finite. A renderer draws what it is told.
enum DrawingCall: Hashable, Sendable {
  /// Fills a rectangle.
  case fill(origin: Point, width: Double, height: Double, color: Color, opacity: Double)
  /// Strokes one polyline with two points or more.
  case polyline([Point], Stroke)
  /// Fills a circle.
  case disc(center: Point, radius: Double, color: Color, opacity: Double)
  /// Fills circles of one size as one shape: where they overlap they are no darker.
  case dots([Point], radius: Double, color: Color, opacity: Double)
  /// Fills a closed polygon.
  case polygon([Point], color: Color, opacity: Double)
  /// Draws one line of text whose baseline starts at `origin`.
  ///
  /// `width` is the advance of all runs together, as measured. `isRotated` text runs upwards from
  /// `origin`.
  case text([TextRun], origin: Point, width: Double, color: Color, isRotated: Bool)
}

/// The canvas of a picture and everything drawn on it.
struct Drawing: Hashable, Sendable {
  /// The canvas's width in px.
  var width: Double
  /// The canvas's height in px.
  var height: Double
  /// Device px to one px in a PNG.
  var scale: Double
  /// The colour under everything.
  var paper: Color
  /// The document's title, for SVG and PDF.
  var title: String
  /// One sentence on what the picture shows, for those who cannot see it.
  var summary: String
  /// What to draw, in order.
  var calls: [DrawingCall]

  /// The distance of everything from the canvas's edges, in px.
  static let margin = 12.0
}

/// Measures text as the renderer will set it.
protocol TextMeasuring {
  /// The advance width of a run, in px.
  func width(of run: TextRun) -> Double
  /// Ascent and descent of the style's first font, in px, both positive.
  func extent(of style: TextStyle) -> (ascent: Double, descent: Double)
  /// Whether text is limited to ASCII, as it is on a machine without fonts.
  ///
  /// The layout then writes `-`, `x` and `<=` for `−`, `×` and `≤`.
  var isASCIIOnly: Bool { get }
}
