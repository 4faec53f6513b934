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
    var firstColumn = 0
    var current: Column?
    var crowd = Crowd()
    func closeColumn() {
      guard let column = current else { return }
      if points.isEmpty { firstColumn = column.number }
      for index in column.kept { points.append(place(index)) }
      current = nil
    }
    func closeStretch() {
      guard let lastColumn = current?.number else { return }
      closeColumn()
      let column = firstColumn == lastColumn ? lastColumn : nil
      if column == nil || column != crowd.column {
        stretches += crowd.kept
        crowd = Crowd(column: column)
      }
      crowd.add(points)
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
    stretches += crowd.kept
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

/// Stretches of a curve that lie in one column, one after the other.
///
/// Of many, the first, the lowest, the highest and the last are kept: a curve with a gap at every
/// second value would else be as many discs.
private struct Crowd {
  /// The column of all stretches; none if there is one stretch that spans several.
  var column: Int?
  private var stretches: [[Point]] = []

  init(column: Int? = nil) { self.column = column }

  mutating func add(_ points: [Point]) { stretches.append(points) }

  var kept: [[Point]] {
    guard stretches.count > 4 else { return stretches }
    let tops = stretches.map { $0.reduce(Double.infinity) { min($0, $1.y) } }
    let bottoms = stretches.map { $0.reduce(-Double.infinity) { max($0, $1.y) } }
    let indices = tops.indices
    let highest = indices.min { tops[$0] < tops[$1] } ?? 0
    let lowest = indices.max { bottoms[$0] < bottoms[$1] } ?? 0
    return Set([0, highest, lowest, stretches.count - 1]).sorted().map { stretches[$0] }
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
