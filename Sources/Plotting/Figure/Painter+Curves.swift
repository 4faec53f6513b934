extension Painter {
  /// Draws the stretches of a curve that have two points or more.
  mutating func drawCurve(_ trace: Trace, _ stroke: Stroke) {
    for points in trace.stretches where points.count > 1 { polyline(points, stroke) }
  }

  /// Draws a disc at every point of a short curve, and at lone points always.
  mutating func drawPoints(_ trace: Trace, _ series: Series) {
    let stroke = series.stroke(in: colors)
    for points in trace.stretches {
      if points.count == 1 {
        disc(points[0], radius: series.role == .backdrop ? 2 : 4, stroke)
      } else if trace.hasDiscs && series.role != .backdrop {
        for point in points { disc(point, radius: 3, stroke) }
      }
    }
  }

  /// Draws × at the top edge and ▾ at the bottom edge where values have no place on the axes.
  mutating func drawEdgeMarks(_ panel: Composition.TracedPanel, _ frame: Frame) {
    var (notFinite, notPositive) = (EdgeMarks(), EdgeMarks())
    for (series, trace) in zip(panel.series, panel.traces) where series.role != .average {
      notFinite.add(trace.notFinite)
      notPositive.add(trace.notPositive)
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
