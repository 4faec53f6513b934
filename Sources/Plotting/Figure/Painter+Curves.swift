extension Painter {
  /// Draws the stretches of a curve that have two points or more.
  mutating func drawCurve(_ curve: Curve, _ stroke: Stroke) {
    for points in curve.stretches where points.count > 1 { polyline(points, stroke) }
  }

  /// Draws a disc at every point of a short curve, and at lone points always.
  mutating func drawPoints(_ curve: Curve, _ series: Series) {
    let stroke = series.stroke(in: colors)
    for points in curve.stretches {
      if points.count == 1 {
        disc(points[0], radius: series.role == .backdrop ? 2 : 4, stroke)
      } else if curve.hasDiscs && series.role != .backdrop {
        for point in points { disc(point, radius: 3, stroke) }
      }
    }
  }

  /// Draws × at the top edge and ▾ at the bottom edge where values lie off the axes.
  mutating func drawEdgeMarks(_ panel: ComposedFigure.DrawnPanel, _ frame: Frame) {
    var (notFinite, notPositive) = (EdgeMarks(), EdgeMarks())
    for (series, curve) in zip(panel.series, panel.curves) where series.role != .average {
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
