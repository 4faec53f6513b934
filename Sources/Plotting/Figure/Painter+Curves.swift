internal import Glibc

extension Painter {
  /// Draws the stretches of a curve that have two points or more.
  mutating func drawCurve(_ curve: Curve, _ stroke: Stroke) {
    for points in curve.stretches where points.count > 1 { polyline(points, stroke) }
  }

  /// Draws a disc at every point of a short curve, and at lone points always.
  mutating func drawPoints(_ curve: Curve, _ series: Series) {
    if series.role == .reference { return }
    let stroke = series.stroke(in: colors)
    if curve.isPoints {
      drawPointsAlone(curve, series, stroke.color)
      return
    }
    for points in curve.stretches {
      if points.count == 1 {
        disc(points[0], radius: series.role == .backdrop ? 2 : 4, stroke)
      } else if curve.hasDiscs && series.role != .backdrop {
        for point in points { disc(point, radius: 3, stroke) }
      }
    }
  }

  /// Draws the points of a curve without lines, smaller and fainter where they are many.
  private mutating func drawPointsAlone(_ curve: Curve, _ series: Series, _ color: Color) {
    let isMany = curve.count >= 2000
    let opacity = (isMany ? 0.3 : 0.75) * (series.role == .backdrop ? 0.4 : 1)
    let radius = isMany ? 1.5 : 3.0
    for points in curve.stretches {
      if series.isValidation {
        let stroke = Stroke(color: color, opacity: opacity, width: isMany ? 0.75 : 1.5)
        polyline(circle(around: points[0], radius: radius), stroke)
      } else {
        disc(points[0], radius: radius, Stroke(color: color, opacity: opacity, width: 0))
      }
    }
  }

  /// The corners of a circle, from the right and back to it.
  func circle(around center: Point, radius: Double) -> [Point] {
    (0...32).map { corner in
      let angle = Double(corner) * .pi / 16
      return Point(x: center.x + radius * cos(angle), y: center.y + radius * sin(angle))
    }
  }

  /// Draws × at the top edge and ▾ at the bottom edge where values lie off the axes.
  mutating func drawEdgeMarks(_ panel: ComposedFigure.DrawnPanel, _ frame: Frame) {
    var (notFinite, notPositive) = (EdgeMarks(), EdgeMarks())
    for (series, curve) in zip(panel.series, panel.curves) where !series.role.isDrawnOver {
      notFinite.add(curve.notFinite)
      notPositive.add(curve.notPositive)
    }
    let arm = 3.5
    for x in notFinite.merged {
      for slope in [-1.0, 1.0] {
        polyline(
          [
            Point(x: x - arm, y: frame.top - slope * arm),
            Point(x: x + arm, y: frame.top + slope * arm),
          ],
          Stroke(color: colors.warning, width: 2))
      }
    }
    for x in notPositive.merged {
      polygon(
        [
          Point(x: x - 4.5, y: frame.bottom - 7), Point(x: x + 4.5, y: frame.bottom - 7),
          Point(x: x, y: frame.bottom),
        ],
        color: colors.warning)
    }
  }
}
