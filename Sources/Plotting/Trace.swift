/// A curve in px: what is left of it to draw.
struct Trace {
  /// The stretches between gaps; a stretch of one point is a lone point.
  private(set) var stretches: [[Point]] = []
  /// Where values stand that are not finite.
  private(set) var notFinite = EdgeMarks()
  /// Where values stand that are not positive, on a logarithmic axis.
  private(set) var notPositive = EdgeMarks()
  /// How many values the curve shows.
  private(set) var count = 0

  /// Follows a curve once, keeping in each column the first, lowest, highest and last point.
  ///
  /// The picture is the same as with all points (M4; Jugel et al. 2014). A column of four points
  /// or fewer keeps them all.
  init(_ series: Series, xView: View, yView: View, frame: Frame, columnWidth: Double) {
    let columns = max(1, (frame.width / columnWidth).rounded())
    let start = xView.low * xView.unit
    let span = xView.high * xView.unit - start
    let floor = yView.isLogarithmic ? 0 : -Double.infinity
    func place(_ index: Int) -> Point {
      Point(
        x: frame.x(xView.fraction(of: series.x[index])),
        y: frame.y(yView.fraction(of: series.y[index])))
    }
    var points: [Point] = []
    var current: Column?
    func closeColumn() {
      guard let column = current else { return }
      for index in column.kept { points.append(place(index)) }
      current = nil
    }
    func closeStretch() {
      closeColumn()
      guard !points.isEmpty else { return }
      stretches.append(points)
      points = []
    }
    for (index, (x, y)) in zip(series.x, series.y).enumerated() {
      guard x.isFinite && y > floor && y < .infinity else {
        closeStretch()
        guard x.isFinite else { continue }
        let x = frame.x(xView.fraction(of: x))
        if y.isFinite { notPositive.add(x) } else { notFinite.add(x) }
        continue
      }
      count += 1
      let column = Int((x * xView.unit - start) / span * columns)
      if column == current?.number {
        current?.add(index, y)
      } else {
        closeColumn()
        current = Column(number: column, index: index, value: y)
      }
    }
    closeStretch()
  }

  /// Whether the curve is short enough for every point to carry a disc.
  var hasDiscs: Bool { count <= 20 }

  /// Whether the curve covers a part of `box`.
  func touches(_ box: Frame) -> Bool {
    let box = box.grown(by: hasDiscs ? 3 : 1)
    return stretches.contains { points in
      points.count == 1
        ? box.contains(points[0])
        : zip(points, points.dropFirst()).contains { box.isCrossed(from: $0, to: $1) }
    }
  }
}

/// The points of a curve that fall in one column, without a gap.
private struct Column {
  let number: Int
  let first: Int
  private var last: Int
  private var lowest: (index: Int, value: Double)
  private var highest: (index: Int, value: Double)

  init(number: Int, index: Int, value: Double) {
    self.number = number
    first = index
    last = index
    lowest = (index, value)
    highest = (index, value)
  }

  mutating func add(_ index: Int, _ value: Double) {
    last = index
    if value < lowest.value { lowest = (index, value) }
    if value > highest.value { highest = (index, value) }
  }

  /// The indices of the points to keep, in their order.
  var kept: [Int] {
    guard last - first >= 4 else { return Array(first...last) }
    let between = [min(lowest.index, highest.index), max(lowest.index, highest.index)]
    return [first] + between.filter { $0 != first && $0 != last } + [last]
  }
}

/// Places along an edge of the frame at which marks stand.
struct EdgeMarks {
  private var places: [Double] = []

  mutating func add(_ x: Double) {
    if let last = places.last, abs(last - x) < 2 { return }
    places.append(x)
  }

  mutating func add(_ other: EdgeMarks) { places += other.places }

  /// The places from left to right, those closer than 2 px merged.
  var merged: [Double] {
    places.sorted().reduce(into: []) { kept, x in
      if let last = kept.last, x - last < 2 { return }
      kept.append(x)
    }
  }
}
