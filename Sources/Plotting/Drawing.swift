/// A place on the canvas, in px (96 to the inch) from its top left corner; y grows downwards.
public struct Point: Hashable, Sendable {
  /// Distance from the left edge.
  public var x: Double
  /// Distance from the top edge.
  public var y: Double
  /// A point at `x` and `y`.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// An opaque sRGB colour.
public struct Color: Hashable, Sendable {
  /// The colour as 0xRRGGBB.
  public var rgb: UInt32
  /// A colour from 0xRRGGBB.
  public init(_ rgb: UInt32) { self.rgb = rgb }
}

/// How a line is drawn.
public struct Stroke: Hashable, Sendable {
  /// The line's colour.
  public var color: Color
  /// From 0 (nothing) to 1 (opaque).
  public var opacity: Double = 1
  /// The line's width in px.
  public var width: Double
  /// Lengths of dashes and gaps in px; solid when empty.
  ///
  /// Dashed lines have flat caps, solid ones round caps; joins are round.
  public var dash: [Double] = []
}

/// How one line of text is set.
public struct TextStyle: Hashable, Sendable {
  /// The em in px.
  public var size: Double
  /// Whether the bold face is used.
  public var bold = false
}

/// A run of text in one size, raised above the baseline for an exponent.
public struct TextRun: Hashable, Sendable {
  /// What is written: clean Unicode without control characters.
  public var text: String
  /// The size and weight.
  public var style: TextStyle
  /// How far the run's baseline lies above the line's, in px.
  public var rise: Double = 0
}

/// One thing to draw; a picture is a list of them, drawn in order.
///
/// Coordinates are final: snapped, clipped and finite. A renderer draws what it is told.
public enum DrawingCall: Hashable, Sendable {
  /// Fills a rectangle.
  case fill(origin: Point, width: Double, height: Double, color: Color, opacity: Double)
  /// Strokes one polyline with two points or more.
  case polyline([Point], Stroke)
  /// Fills a circle.
  case disc(center: Point, radius: Double, color: Color, opacity: Double)
  /// Fills a closed polygon.
  case polygon([Point], color: Color)
  /// Draws one line of text whose baseline starts at `origin`.
  ///
  /// `width` is the advance of all runs together, as measured. `turned` text runs upwards from
  /// `origin`.
  case text([TextRun], origin: Point, width: Double, color: Color, turned: Bool)
}

/// The canvas of a picture and everything drawn on it.
public struct Drawing: Hashable, Sendable {
  /// The canvas's width in px.
  public var width: Double
  /// The canvas's height in px.
  public var height: Double
  /// Device px to one px in a PNG.
  public var scale: Double
  /// The colour under everything.
  public var paper: Color
  /// The document's title, for SVG and PDF.
  public var title: String
  /// One sentence on what the picture shows, for those who cannot see it.
  public var summary: String
  /// What to draw, in order.
  public var calls: [DrawingCall]
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
