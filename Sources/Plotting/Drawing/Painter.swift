/// Collects drawing calls.
struct Painter {
  let typesetter: Typesetter
  let grid: PixelGrid
  let colors: Palette
  private(set) var calls: [DrawingCall] = []

  init(typesetter: Typesetter, grid: PixelGrid, colors: Palette) {
    self.typesetter = typesetter
    self.grid = grid
    self.colors = colors
  }

  /// Draws a line of 1 px that covers whole pixels.
  mutating func hairline(from a: Point, to b: Point, color: Color) {
    calls.append(.polyline([a, b], Stroke(color: color, width: grid.width(1))))
  }

  mutating func polyline(_ points: [Point], _ stroke: Stroke) {
    calls.append(.polyline(points, stroke))
  }

  mutating func disc(_ center: Point, radius: Double, _ stroke: Stroke) {
    calls.append(
      .disc(center: center, radius: radius, color: stroke.color, opacity: stroke.opacity))
  }

  mutating func dots(_ centers: [Point], radius: Double, color: Color, opacity: Double) {
    guard !centers.isEmpty else { return }
    calls.append(.dots(centers, radius: radius, color: color, opacity: opacity))
  }

  mutating func polygon(_ points: [Point], color: Color, opacity: Double = 1) {
    calls.append(.polygon(points, color: color, opacity: opacity))
  }

  mutating func fill(_ frame: Frame, color: Color, opacity: Double) {
    calls.append(
      .fill(
        origin: Point(x: frame.left, y: frame.top), width: frame.width, height: frame.height,
        color: color, opacity: opacity))
  }

  /// Writes a line whose baseline starts at `origin`.
  mutating func text(_ line: TextLine, at origin: Point, color: Color, isRotated: Bool = false) {
    guard !line.runs.isEmpty else { return }
    calls.append(
      .text(line.runs, origin: origin, width: line.width, color: color, isRotated: isRotated))
  }

  /// Writes lines one below the other, the first's top at `top`, each centred on `center`.
  mutating func texts(
    _ lines: [TextLine], _ style: TextStyle, center: Double, top: Double, color: Color
  ) {
    var baseline = top + typesetter.measurer.extent(of: style).ascent
    for line in lines {
      text(line, at: Point(x: center - line.width / 2, y: baseline), color: color)
      baseline += typesetter.height(of: style)
    }
  }
}
