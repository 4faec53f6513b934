internal import Glibc

/// The lowest point of a figure, ringed in its curve's colour, with its value and its x beside it.
struct MinimumMark {
  private let center: Point
  private let label: TextLine
  private let box: Frame
  private let stroke: Stroke

  private static let radius = 6.0

  /// The mark of a figure that wants one: the lowest validation loss, or else the lowest loss.
  init?(_ axes: FigureAxes, typesetter: Typesetter, frame: Frame, avoiding curves: [Curve]) {
    guard axes.figure.marksMinimum, let lowest = axes.lowest else { return nil }
    let colors = axes.figure.theme.colors
    let place = lowest.place
    stroke = Stroke(color: lowest.series.stroke(in: colors).color, width: 1.5)
    let center = Point(
      x: frame.x(axes.xView.fraction(of: place.x)),
      y: frame.y(axes.panels[0].view.fraction(of: place.y)))
    let axis = axes.figure.xTitle
    let text =
      DecimalNumber(place.y, figures: 4).rich
      + RichText(cleaning: axis.isEmpty ? " at " : " at \(axis) ")
      + DecimalNumber(place.x, figures: 15).rich
    let inside = frame.grown(by: -8)
    let label = typesetter.lineLosingMiddle(text, .label, within: inside.width)
    let height = typesetter.height(of: .label)
    let reach = MinimumMark.radius + 3
    let width = label.width
    let lefts = [center.x + reach, center.x - reach - width, inside.right - width]
    let (above, below) = (center.y - reach - height, center.y + reach)
    let tops = (0..<6).flatMap { row in
      [above - height * Double(row), below + height * Double(row)]
    }
    let boxes = tops.flatMap { top in
      lefts.map { Frame(left: $0, top: top, right: $0 + width, bottom: top + height) }
    }.filter { inside.contains($0) }
    guard let first = boxes.first else { return nil }
    self.center = center
    self.label = label
    box = boxes.first { box in !curves.contains { $0.touches(box) } } ?? first
  }

  /// Whether the ring or its label reach into `other`.
  func overlaps(_ other: Frame) -> Bool {
    let ring = Frame(left: center.x, top: center.y, right: center.x, bottom: center.y)
    return box.overlaps(other) || ring.grown(by: MinimumMark.radius + 1).overlaps(other)
  }

  func drawRing(_ painter: inout Painter) {
    painter.polyline(painter.circle(around: center, radius: MinimumMark.radius), stroke)
    if let tie { painter.polyline(tie, Stroke(color: stroke.color, width: 1)) }
  }

  /// The line from the ring to its label; none if the label begins at the ring.
  private var tie: [Point]? {
    let end = Point(
      x: min(max(center.x, box.left), box.right), y: min(max(center.y, box.top), box.bottom))
    let (dx, dy) = (end.x - center.x, end.y - center.y)
    let distance = hypot(dx, dy)
    let reach = MinimumMark.radius / max(distance, 1)
    guard distance > MinimumMark.radius + 2 else { return nil }
    return [Point(x: center.x + dx * reach, y: center.y + dy * reach), end]
  }

  func drawLabel(_ painter: inout Painter) {
    let ascent = painter.typesetter.measurer.extent(of: .label).ascent
    painter.text(label, at: Point(x: box.left, y: box.top + ascent), color: painter.colors.text)
  }
}

extension FigureAxes {
  /// The lowest point of the first panel's validation curves, or else of all its curves.
  fileprivate var lowest: (place: Point, series: Series)? {
    let panel = panels[0]
    let measured = zip(panel.panel.series, panel.statistics).filter {
      !$0.role.isDrawnOver && $1.yRange != nil
    }
    let validation = measured.filter { $0.0.isValidation }
    return (validation.isEmpty ? measured : validation)
      .map { series, statistics in
        (Point(x: series.x[statistics.lowest], y: series.y[statistics.lowest]), series)
      }
      .min { $0.0.y < $1.0.y }
  }
}
