/// A few rows on their way into the columns, small enough to stay in cache.
struct Tile: ~Copyable {
  let rows: Int
  private let values: UnsafeMutableBufferPointer<Double>
  private let accepts: UnsafeMutableBufferPointer<Bool>
  private var count = 0

  init(columns: Int, takesNumbers: Bool) {
    rows = max(1, min(64, 8192 / max(1, columns)))
    values = .allocate(capacity: columns * rows)
    values.initialize(repeating: 0)
    accepts = .allocate(capacity: columns)
    accepts.initialize(repeating: takesNumbers)
  }

  deinit {
    values.deallocate()
    accepts.deallocate()
  }

  var isFull: Bool { count == rows }

  /// Whether whatever looks like a number in a column is one.
  @inline(__always)
  borrowing func takesNumbers(column: Int) -> Bool { accepts[column] }

  mutating func refuseNumbers(column: Int) { accepts[column] = false }

  @inline(__always)
  mutating func set(_ value: Double, column: Int) { values[column * rows + count] = value }

  mutating func endRow() { count += 1 }

  mutating func removeAll() { count = 0 }

  subscript(column: Int) -> Slice<UnsafeMutableBufferPointer<Double>> {
    values[column * rows..<column * rows + count]
  }
}
