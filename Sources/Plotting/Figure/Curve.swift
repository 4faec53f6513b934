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

  /// Follows a curve once, thinning it to columns of a width.
  init(_ series: Series, xView: View, yView: View, frame: Frame, columnWidth: Double) {
    let columns = max(1, (frame.width / columnWidth).rounded())
    let start = xView.low * xView.unit
    let span = xView.high * xView.unit - start
    let floor = yView.isLogarithmic ? 0 : -Double.infinity
    var thinning = Thinning { index in
      Point(
        x: frame.x(xView.fraction(of: series.x[index])),
        y: frame.y(yView.fraction(of: series.y[index])))
    }
    for (index, (x, y)) in zip(series.x, series.y).enumerated() {
      if x.isFinite && y > floor && y < .infinity {
        count += 1
        thinning.add(index, y, column: Int((x * xView.unit - start) / span * columns))
      } else {
        thinning.endStretch()
        guard x.isFinite else { continue }
        let x = frame.x(xView.fraction(of: x))
        if y.isFinite { notPositive.add(x) } else { notFinite.add(x) }
      }
    }
    stretches = thinning.finish()
  }

  /// Whether the curve is short enough for every point to carry a disc.
  var hasDiscs: Bool { count <= 20 }

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
