/// A curve in px: what is left of it to draw.
struct Curve {
  /// The stretches between gaps; a stretch of one point is a lone point.
  private(set) var stretches: [[Point]] = []
  /// Where values stand that are not finite.
  private(set) var notFinite = EdgeMarks()
  /// Where values stand that are not positive, on a logarithmic axis.
  private(set) var notPositive = EdgeMarks()
  /// How many values the curve shows.
  private(set) var count = 0
  /// Whether the curve is points alone: then every stretch is a lone point.
  let isPoints: Bool
  /// The points of a curve that is many points alone.
  private(set) var cloud: PointCloud?
  /// Whether the curve was fitted, so that its points are only samples.
  let isFitted: Bool
  /// Whether the curve runs up and down so often that a line of ordinary width would be a slab.
  private(set) var isNoise = false

  /// Follows a curve once, thinning it to columns of a width.
  ///
  /// Of points alone, those that would cover each other are left out. A fitted curve is cut at the frame.
  init(
    _ series: Series, xView: View, yView: View, frame: Frame, columnWidth: Double,
    asPoints isPoints: Bool = false
  ) {
    self.isPoints = isPoints
    isFitted = series.role == .fitted
    if isFitted {
      stretches = fittedStretches(of: series, xView: xView, yView: yView, frame: frame)
      return
    }
    let columns = max(1, (frame.width / columnWidth).rounded())
    let start = xView.low * xView.unit
    let span = xView.high * xView.unit - start
    let xFloor = xView.isLogarithmic ? 0 : -Double.infinity
    let floor = yView.isLogarithmic ? 0 : -Double.infinity
    func position(_ index: Int) -> Point {
      Point(
        x: frame.x(xView.fraction(of: series.x[index])),
        y: frame.y(yView.fraction(of: series.y[index])))
    }
    var thinning = Thinning(position: position)
    var points: [Point] = []
    for (index, (x, y)) in zip(series.x, series.y).enumerated() {
      if x.isFinite && x > xFloor && y > floor && y < .infinity {
        count += 1
        if isPoints {
          points.append(position(index))
        } else if xView.isLogarithmic {
          thinning.add(index, y, column: Int(xView.fraction(of: x) * columns))
        } else {
          thinning.add(index, y, column: Int((x * xView.unit - start) / span * columns))
        }
      } else {
        thinning.endStretch()
        guard x.isFinite, x > xFloor else { continue }
        let x = frame.x(xView.fraction(of: x))
        if y.isFinite { notPositive.add(x) } else { notFinite.add(x) }
      }
    }
    guard !isPoints else {
      if count >= PointCloud.least { cloud = PointCloud(points, in: frame) }
      let kept = cloud?.layers.first?.points ?? withoutCovered(points, by: columnWidth)
      stretches = kept.map { [$0] }
      return
    }
    stretches = thinning.finish()
    if count > Self.mostPlainPoints {
      let rises = stretches.map { points in
        zip(points, points.dropFirst()).reduce(0) { $0 + ($1.1.y - $1.0.y).magnitude }
      }
      isNoise = rises.reduce(0, +) > Self.mostPlainRise * frame.width
    }
  }

  /// A curve of no more points, or that rises and falls no more px for each px of width, is no noise.
  private static let (mostPlainPoints, mostPlainRise) = (2000, 60.0)

  /// Whether the curve is short enough for every point to carry a disc.
  var hasDiscs: Bool { count <= 20 && !isFitted }

  /// How the curve is drawn: noise by a thin line that lets others shine through.
  func stroke(of series: Series, in colors: Palette) -> Stroke {
    var stroke = series.stroke(in: colors)
    guard isNoise, series.role != .backdrop else { return stroke }
    stroke.width = 0.5
    stroke.opacity = 0.6
    return stroke
  }

  /// Whether the curve covers a part of `box`.
  func touches(_ box: Frame) -> Bool {
    let (line, disc) = (box.grown(by: hasDiscs ? 3 : 1), box.grown(by: 4))
    return stretches.contains { points in
      points.count == 1
        ? disc.contains(points[0])
        : zip(points, points.dropFirst()).contains { line.isCrossed(from: $0, to: $1) }
    }
  }
}

/// The first point in each cell of `width` px by as many.
private func withoutCovered(_ points: [Point], by width: Double) -> [Point] {
  var cells: Set<Point> = []
  return points.filter { point in
    cells.insert(Point(x: (point.x / width).rounded(), y: (point.y / width).rounded())).inserted
  }
}

/// Where marks stand along an edge of the frame.
struct EdgeMarks {
  private var positions: [Double] = []

  mutating func add(_ x: Double) {
    if let last = positions.last, abs(last - x) < 2 { return }
    positions.append(x)
  }

  mutating func add(_ other: EdgeMarks) { positions += other.positions }

  /// The positions from left to right, those closer than 2 px merged.
  var merged: [Double] {
    positions.sorted().reduce(into: []) { kept, x in
      if let last = kept.last, x - last < 2 { return }
      kept.append(x)
    }
  }
}
