internal import Glibc

/// Many points, thinned to a few thousand dots that show where they lie and how densely.
///
/// Points that fall in one cell of a fine grid become one dot at the place of the first. A dot is the more
/// opaque the more points lie around it, on a logarithmic scale, so that dense parts stay told apart.
struct PointCloud {
  /// Dots drawn over those of the layers below.
  struct Layer {
    let opacity: Double
    let points: [Point]
  }

  /// The layers, the lowest first; each holds some of the dots of the one below and makes them darker, so
  /// that no rim shows where one ends.
  let layers: [Layer]
  /// The radius of the dots, in px.
  let radius: Double

  /// As many points are a cloud.
  static let least = 2000
  /// The radius of a dot in px, where they are no more than can be drawn, and how opaque one alone is.
  static let radius = 1.5
  static let opacity = 0.3

  /// How opaque dots are at most: what lies below is seen through them.
  private static let mostOpacity = 0.7
  private static let layerCount = 4
  /// No more dots are drawn than this, by cells that grow.
  private static let mostDots = 12_000

  /// A cloud of points, all of which lie in `frame`.
  init(_ points: [Point], in frame: Frame) {
    var cell = 1.0
    var dots = Self.dots(points, in: frame, cell: cell)
    while dots.count > Self.mostDots {
      cell *= 1.5
      dots = Self.dots(points, in: frame, cell: cell)
    }
    radius = max(Self.radius, 0.8 * cell)
    // The few dots that are yet darker say nothing of the rest.
    let depths = dots.map(\.depth).sorted()
    let deepest = depths.isEmpty ? 1 : depths[(depths.count - 1) * 49 / 50]
    let most = min(Self.mostOpacity, 1 - pow(1 - Self.opacity, deepest))
    let top = Double(Self.layerCount - 1)
    func level(of depth: Double) -> Int {
      deepest > 1 ? Int((top * min(log(depth) / log(deepest), 1)).rounded()) : 0
    }
    var below = 0.0
    layers = (0..<Self.layerCount).compactMap { number in
      let points = dots.filter { level(of: $0.depth) >= number }.map(\.point)
      let together = Self.opacity + (most - Self.opacity) * Double(number) / top
      defer { below = together }
      guard !points.isEmpty else { return nil }
      return Layer(opacity: 1 - (1 - together) / (1 - below), points: points)
    }
  }

  /// A dot for each cell that has points, and about how many points cover its place.
  private static func dots(
    _ points: [Point], in frame: Frame, cell: Double
  ) -> [(point: Point, depth: Double)] {
    // A rim of empty cells spares the neighbours at the edges a test.
    let columns = Int(frame.width / cell) + 3
    let rows = Int(frame.height / cell) + 3
    func index(of point: Point) -> Int {
      (Int((point.y - frame.top) / cell) + 1) * columns + Int((point.x - frame.left) / cell) + 1
    }
    var counts = [Int32](repeating: 0, count: columns * rows)
    var firsts: [Point] = []
    for point in points {
      let cell = index(of: point)
      if counts[cell] == 0 { firsts.append(point) }
      counts[cell] += 1
    }
    // A place is covered by the points in a dot's area around it.
    let share = Double.pi * radius * radius / (9 * cell * cell)
    return firsts.map { point in
      let middle = index(of: point)
      let around = [-columns, 0, columns].reduce(0.0) { sum, row in
        sum + Double((-1...1).reduce(0) { $0 + counts[middle + row + $1] })
      }
      return (point, max(1, around * share))
    }
  }
}
