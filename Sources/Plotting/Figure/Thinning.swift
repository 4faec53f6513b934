/// Leaves out the points of a curve that would not be seen.
///
/// In each column of the picture the first, lowest, highest and last point are kept, which draws
/// the same picture as all points (M4; Jugel et al. 2014). A column of four points or fewer keeps
/// them all.
struct Thinning {
  /// The position of the point at an index.
  private let position: (Int) -> Point
  /// The stretches that are finished, but for those in `columnStretches`.
  private var stretches: [[Point]] = []
  private var columnStretches = ColumnStretches()
  /// The kept points of the stretch that is under way, but for those in `column`.
  private var points: [Point] = []
  private var firstColumn = 0
  private var column: Column?

  init(position: @escaping (Int) -> Point) { self.position = position }

  /// Adds the next point of a stretch.
  mutating func add(_ index: Int, _ value: Double, column number: Int) {
    if number == column?.number {
      column?.add(index, value)
    } else {
      closeColumn()
      column = Column(number: number, index: index, value: value)
    }
  }

  /// Ends the stretch that is under way, if there is one.
  mutating func endStretch() {
    guard let lastColumn = column?.number else { return }
    closeColumn()
    let only = firstColumn == lastColumn ? lastColumn : nil
    if only == nil || only != columnStretches.column {
      stretches += columnStretches.kept
      columnStretches = ColumnStretches(column: only)
    }
    columnStretches.add(points)
    points = []
  }

  /// Ends the curve and returns its stretches.
  mutating func finish() -> [[Point]] {
    endStretch()
    return stretches + columnStretches.kept
  }

  private mutating func closeColumn() {
    guard let column else { return }
    if points.isEmpty { firstColumn = column.number }
    for index in column.kept { points.append(position(index)) }
    self.column = nil
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
private struct ColumnStretches {
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
