/// Values of one precision, column by column: row `r` of column `c` is at `c * rowCount + r`.
///
/// A data set in the precision of a run, narrowed from the table's doubles once.
public struct Columns<Scalar: Precision>: ~Copyable {
  /// How many rows each column has.
  public let rowCount: Int
  /// How many columns there are.
  public let columnCount: Int
  private let storage: UnsafeMutableBufferPointer<Scalar>

  /// Rounds each double once.
  ///
  /// All columns have the same length.
  public init(_ columns: [[Double]]) {
    let rowCount = columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == rowCount }, "columns must have the same length")
    self.init(rowCount: rowCount, columnCount: columns.count) { index, values in
      for row in 0..<rowCount { values[row] = Scalar(columns[index][row]) }
    }
  }

  /// Makes room for so many rows and columns, which `fill` fills one by one, from zeros.
  public init<E: Error>(
    rowCount: Int, columnCount: Int,
    fill: (_ column: Int, _ values: UnsafeMutableBufferPointer<Scalar>) throws(E) -> Void
  ) throws(E) {
    self.init(rowCount: rowCount, columnCount: columnCount)
    for column in 0..<columnCount {
      try fill(column, UnsafeMutableBufferPointer(rebasing: self[column]))
    }
  }

  private init(rowCount: Int, columnCount: Int) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    storage = .allocate(capacity: columnCount * rowCount + Self.roomAfter)
    storage.initialize(repeating: 0)
  }

  /// The values of a column.
  private subscript(column: Int) -> Slice<UnsafeMutableBufferPointer<Scalar>> {
    storage[column * rowCount..<(column + 1) * rowCount]
  }

  /// The value in a row of a column.
  public subscript(column: Int, row: Int) -> Scalar {
    precondition(column < columnCount && row < rowCount, "the value must be there")
    return storage[column * rowCount + row]
  }

  /// The same columns with the given rows, in that order.
  public borrowing func rows(_ rows: [Int]) -> Columns {
    Columns(rowCount: rows.count, columnCount: columnCount) { column, values in
      for (place, row) in rows.enumerated() { values[place] = storage[column * rowCount + row] }
    }
  }

  /// Kernels read a few values after the last row, and forget them.
  private static var roomAfter: Int { 64 }

  deinit { storage.deallocate() }

  /// The address of a value, for kernels that read whole blocks.
  func address(column: Int, row: Int) -> UnsafeMutableRawPointer? {
    storage.baseAddress.map { UnsafeMutableRawPointer($0 + (column * rowCount + row)) }
  }
}
