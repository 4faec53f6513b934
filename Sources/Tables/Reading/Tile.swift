/// A few rows on their way into the columns, small enough to stay in cache.
struct Tile: ~Copyable {
  let rows: Int
  private let values: UnsafeMutableBufferPointer<Double>
  /// For each column how many in a row from it on take numbers.
  private let runs: UnsafeMutableBufferPointer<Int>
  private var count = 0

  init(columns: Int, takesNumbers: Bool) {
    rows = max(1, min(64, 8192 / max(1, columns)))
    values = .allocate(capacity: columns * rows)
    values.initialize(repeating: 0)
    runs = .allocate(capacity: columns)
    for column in 0..<columns {
      runs.initializeElement(at: column, to: takesNumbers ? columns - column : 0)
    }
  }

  deinit {
    values.deallocate()
    runs.deallocate()
  }

  var isFull: Bool { count == rows }

  /// Whether whatever looks like a number in a column is one.
  @inline(__always)
  borrowing func takesNumbers(column: Int) -> Bool { runs[column] > 0 }

  mutating func refuseNumbers(column: Int) {
    var first = column
    while first >= 0, runs[first] > column - first {
      runs[first] = column - first
      first -= 1
    }
  }

  /// Reads plain numbers from the scanner's field on into successive columns, `count` at most; gives how many.
  @inline(__always)
  mutating func readNumbers(
    _ scanner: inout FieldScanner, column: Int, atMost count: Int
  ) -> Int {
    guard runs[column] > 0, let start = values.baseAddress else { return 0 }
    return scanner.readNumbers(
      min(count, runs[column]), into: start + (column * rows + self.count), stride: rows)
  }

  @inline(__always)
  mutating func set(_ value: Double, column: Int) { values[column * rows + count] = value }

  mutating func endRow() { count += 1 }

  mutating func removeAll() { count = 0 }

  subscript(column: Int) -> Slice<UnsafeMutableBufferPointer<Double>> {
    values[column * rows..<column * rows + count]
  }
}
