@testable import Plotting

/// Measures every character as 0.6 em, and those that fill a square as 1 em.
struct FakeMeasurer: TextMeasuring {
  var isASCIIOnly = false

  func width(of run: TextRun) -> Double {
    run.text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 1 : 0.6) } * run.style.size
  }

  func extent(of style: TextStyle) -> (ascent: Double, descent: Double) {
    (0.93 * style.size, 0.24 * style.size)
  }
}

/// One text of a drawing and the box that its ink fills.
struct RecordedText {
  let text: String
  let box: Frame
  let size: Double
  let color: Color
  let isRotated: Bool
}

extension Figure {
  /// The figure as a test sees it.
  func recorded(vector: Bool = false) throws -> Drawing {
    try drawing(vector: vector, measuring: FakeMeasurer())
  }

  /// One run whose epochs count from 0.
  init(losses: [Double], validation: [Double]? = nil, yScale: YScale = .linear) {
    self.init(runs: [Run(losses: losses, validation: validation)], yScale: yScale)
  }
}

extension Figure.Run {
  init(_ name: String = "", losses: [Double], validation: [Double]? = nil) {
    self.init(
      name: name, epochs: losses.indices.map(Double.init), losses: losses,
      validationLosses: validation)
  }
}

extension Drawing {
  var texts: [RecordedText] {
    calls.compactMap { call in
      guard case .text(let runs, let origin, let width, let color, let isRotated) = call else {
        return nil
      }
      let size = runs[0].style.size
      let (up, down) = (0.9 * size, 0.2 * size)
      let box =
        isRotated
        ? Frame(
          left: origin.x - up, top: origin.y - width, right: origin.x + down, bottom: origin.y)
        : Frame(
          left: origin.x, top: origin.y - up, right: origin.x + width, bottom: origin.y + down)
      let text = runs.map { ($0.rise > 0 ? "^" : "") + $0.text }.joined()
      return RecordedText(text: text, box: box, size: size, color: color, isRotated: isRotated)
    }
  }

  func polylines(in color: Color) -> [(points: [Point], stroke: Stroke)] {
    calls.compactMap {
      guard case .polyline(let points, let stroke) = $0, stroke.color == color else { return nil }
      return (points, stroke)
    }
  }

  /// The pieces of the first curve's colour that are not the legend's swatches.
  var curves: [(points: [Point], stroke: Stroke)] { curves(0) }

  func curves(_ index: Int, of palette: Palette = .light) -> [(points: [Point], stroke: Stroke)] {
    polylines(in: palette.curves[index]).filter { piece in
      guard piece.points.count == 2 else { return true }
      let (a, b) = (piece.points[0], piece.points[1])
      return a.y != b.y || abs(b.x - a.x - Legend.swatch) > 1e-9
    }
  }

  var discs: [(center: Point, radius: Double)] {
    calls.compactMap {
      guard case .disc(let center, let radius, _, _) = $0 else { return nil }
      return (center, radius)
    }
  }

  /// The centres of the dots of a cloud: those of its lowest layer, which has all.
  var dots: [Point] {
    for case .dots(let centers, _, _, _) in calls { return centers }
    return []
  }

  /// The frame, from its left and its bottom edge.
  var frame: Frame {
    let edges = polylines(in: Palette.light.frame) + polylines(in: Palette.dark.frame)
    return Frame(
      left: edges[0].points[0].x, top: edges[0].points[0].y, right: edges[1].points[1].x,
      bottom: edges[1].points[1].y)
  }

  /// The box of the legend, if it has one.
  var legendBox: Frame? {
    for case .fill(let origin, let width, let height, _, _) in calls {
      return Frame(
        left: origin.x, top: origin.y, right: origin.x + width, bottom: origin.y + height)
    }
    return nil
  }

  /// Every point that is drawn at.
  var points: [Point] {
    calls.flatMap { call -> [Point] in
      switch call {
      case .fill(let origin, let width, let height, _, _):
        [origin, Point(x: origin.x + width, y: origin.y + height)]
      case .polyline(let points, _): points
      case .polygon(let points, _, _): points
      case .dots(let centers, let radius, _, _):
        centers.flatMap { center in
          [
            Point(x: center.x - radius, y: center.y - radius),
            Point(x: center.x + radius, y: center.y + radius),
          ]
        }
      case .disc(let center, let radius, _, _):
        [
          Point(x: center.x - radius, y: center.y - radius),
          Point(x: center.x + radius, y: center.y + radius),
        ]
      case .text: []
      }
    }
  }
}
