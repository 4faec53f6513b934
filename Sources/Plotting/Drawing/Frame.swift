/// The rectangle in which curves are drawn; its edges lie on the pixel grid.
struct Frame: Hashable, Sendable {
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double

  var width: Double { right - left }
  var height: Double { bottom - top }

  /// The position of a fraction of the horizontal view.
  func x(_ fraction: Double) -> Double { left + clamped(fraction) * width }

  /// The position of a fraction of the vertical view.
  func y(_ fraction: Double) -> Double { bottom - clamped(fraction) * height }

  /// The rectangle with every edge moved outwards.
  func grown(by margin: Double) -> Frame {
    Frame(
      left: left - margin, top: top - margin, right: right + margin, bottom: bottom + margin)
  }

  func contains(_ point: Point) -> Bool {
    left <= point.x && point.x <= right && top <= point.y && point.y <= bottom
  }

  func contains(_ other: Frame) -> Bool {
    left <= other.left && other.right <= right && top <= other.top && other.bottom <= bottom
  }

  func overlaps(_ other: Frame) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }

  /// Whether the line from `a` to `b` has a point in the rectangle.
  func isCrossed(from a: Point, to b: Point) -> Bool { clipped(from: a, to: b) != nil }

  /// The piece of the line from `a` to `b` that lies in the rectangle (Liang and Barsky 1984).
  func clipped(from a: Point, to b: Point) -> (start: Point, end: Point)? {
    var (enters, leaves) = (0.0, 1.0)
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let edges = [
      (-dx, a.x - left), (dx, right - a.x), (-dy, a.y - top), (dy, bottom - a.y),
    ]
    for (slope, distance) in edges {
      if slope == 0 {
        if distance < 0 { return nil }
      } else if slope < 0 {
        enters = max(enters, distance / slope)
      } else {
        leaves = min(leaves, distance / slope)
      }
    }
    guard enters <= leaves else { return nil }
    return (
      enters > 0 ? Point(x: a.x + enters * dx, y: a.y + enters * dy) : a,
      leaves < 1 ? Point(x: a.x + leaves * dx, y: a.y + leaves * dy) : b
    )
  }

  private func clamped(_ fraction: Double) -> Double { min(max(fraction, 0), 1) }
}

/// Where the pixels of the device lie.
struct PixelGrid: Hashable, Sendable {
  /// Device px to one px; 1 for vector formats.
  let scale: Double
  /// The width of a column in which many points are thought to be one: a device px, or half a
  /// px in vector formats.
  let column: Double

  init(vector: Bool, scale: Double) {
    self.scale = vector ? 1 : scale
    column = vector ? 0.5 : 1 / scale
  }

  /// The width nearest to `width` that covers whole pixels.
  func width(_ width: Double) -> Double { max(1, (width * scale).rounded()) / scale }

  /// The centre nearest to `position` for a line of that width that covers whole pixels.
  func snap(_ position: Double, width: Double = 1) -> Double {
    let isOdd = Int((self.width(width) * scale).rounded()) % 2 == 1
    let device = position * scale
    return (isOdd ? device.rounded(.down) + 0.5 : device.rounded()) / scale
  }
}
