internal import Glibc

extension Painter {
  /// Draws what stands in a frame: bands, the points under a fitted curve, curves, and their points.
  ///
  /// A small frame has points and lines of `size` times the ordinary.
  mutating func drawContents(
    _ panel: ComposedFigure.DrawnPanel, _ frame: Frame, size: Double = 1
  ) {
    for band in panel.bands {
      for points in band.polygons {
        polygon(points, color: colors.curves[0], opacity: band.opacity)
      }
    }
    let drawn = zip(panel.series, panel.curves)
    for (series, curve) in drawn where series.role == .observed {
      drawPoints(curve, series, size: size)
    }
    for (series, curve) in drawn {
      var stroke = curve.stroke(of: series, in: colors)
      stroke.width *= size
      if series.role == .fitted, panel.curves.contains(where: { $0.cloud != nil }) {
        // A rim of paper tells the curve from the cloud below it.
        drawCurve(curve, Stroke(color: colors.paper, opacity: 0.8, width: stroke.width + 2.5))
      }
      drawCurve(curve, stroke)
    }
    for (series, curve) in drawn where series.role != .observed {
      drawPoints(curve, series, size: size)
    }
    drawEdgeMarks(panel, frame)
  }

  /// Draws the stretches of a curve that have two points or more.
  private mutating func drawCurve(_ curve: Curve, _ stroke: Stroke) {
    for points in curve.stretches where points.count > 1 { polyline(points, stroke) }
  }

  /// Draws a disc at every point of a short curve, and at lone points always.
  private mutating func drawPoints(_ curve: Curve, _ series: Series, size: Double) {
    if series.role == .reference { return }
    let stroke = series.stroke(in: colors)
    if series.role == .fitted { return }
    if curve.isPoints {
      drawPointsAlone(curve, series, stroke.color, size: size)
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
  private mutating func drawPointsAlone(
    _ curve: Curve, _ series: Series, _ color: Color, size: Double
  ) {
    let isMany = curve.count >= PointCloud.least
    let share = series.role == .backdrop ? 0.4 : 1
    let opacity = (isMany ? PointCloud.opacity : 0.75) * share
    let radius = isMany ? PointCloud.radius : 3.0 * size
    if let cloud = curve.cloud, !series.isValidation {
      for layer in cloud.layers {
        dots(layer.points, radius: cloud.radius, color: color, opacity: layer.opacity * share)
      }
      return
    }
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
  private mutating func drawEdgeMarks(_ panel: ComposedFigure.DrawnPanel, _ frame: Frame) {
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
