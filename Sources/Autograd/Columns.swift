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
    self.rowCount = rowCount
    columnCount = columns.count
    storage = .allocate(capacity: columns.count * rowCount + Self.roomAfter)
    storage.initialize(repeating: 0)
    for (index, column) in columns.enumerated() {
      for row in 0..<rowCount {
        storage[index * rowCount + row] = Scalar(column[row])
      }
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
