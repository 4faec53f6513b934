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
  /// All columns must have the same length; without columns there are no rows. A double beyond float32 becomes
  /// infinite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(_ columns: [[Double]]) {
    let rowCount = columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == rowCount }, "columns must have the same length")
    self.init(rowCount: rowCount, columnCount: columns.count) { index, values in
      for row in 0..<rowCount { values[row] = Scalar(columns[index][row]) }
    }
  }

  /// Columns of zeros that `fill` then fills one by one.
  public init<E: Error>(
    rowCount: Int, columnCount: Int,
    fill: (_ column: Int, _ values: UnsafeMutableBufferPointer<Scalar>) throws(E) -> Void
  ) throws(E) {
    self.init(rowCount: rowCount, columnCount: columnCount)
    for column in 0..<columnCount {
      try fill(column, UnsafeMutableBufferPointer(rebasing: self[column]))
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
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

  /// A number that differs, almost surely, for other values or sizes.
  public var fingerprint: UInt64 {
    var fingerprint = Fingerprint(columnCount: columnCount)
    fingerprint.add(self, 0..<rowCount)
    return fingerprint.value
  }

  /// Columns of zeros.
  public static func zeros(rowCount: Int, columnCount: Int) -> Columns {
    Columns(rowCount: rowCount, columnCount: columnCount)
  }

  /// Copies rows of other columns, in the order given, to these, from a row on.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func copy(
    _ rows: ArraySlice<Int>, of source: borrowing Columns, to first: Int = 0
  ) {
    precondition(
      first + rows.count <= rowCount && columnCount == source.columnCount, "there must be room")
    precondition(rows.allSatisfy { $0 >= 0 && $0 < source.rowCount }, "the rows must be there")
    for column in 0..<columnCount {
      let (own, other) = (column * rowCount + first, column * source.rowCount)
      for (index, row) in rows.enumerated() { storage[own + index] = source.storage[other + row] }
    }
  }

  /// Copies rows of other columns that follow each other to these, from a row on.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func copy(
    _ rows: Range<Int>, of source: borrowing Columns, to first: Int
  ) {
    precondition(
      first + rows.count <= rowCount && columnCount == source.columnCount, "there must be room")
    precondition(rows.upperBound <= source.rowCount, "the rows must be there")
    for column in 0..<columnCount {
      let other = source.storage[
        column * source.rowCount + rows.lowerBound..<column * source.rowCount + rows.upperBound]
      _ = UnsafeMutableBufferPointer(rebasing: storage[(column * rowCount + first)...])
        .update(fromContentsOf: other)
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

/// A number that differs, almost surely, for other values or sizes, of rows that arrive in parts.
///
/// It is made like FNV-1a of Fowler, Noll and Vo, word by word and column by column.
public struct Fingerprint {
  private var rowCount: UInt64 = 0
  private var hashes: [UInt64]

  /// That of no rows.
  public init(columnCount: Int) {
    hashes = [UInt64](repeating: Self.start, count: columnCount)
  }

  private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

  private static func mix(_ word: UInt64, into hash: UInt64) -> UInt64 {
    let product = (hash ^ word) &* 0x100_0000_01B3
    // Products carry to the left alone: without this the signs of two values could change unseen.
    return product ^ product >> 32
  }

  /// Takes the next rows into account, which are some of these columns'.
  public mutating func add<Scalar: Precision>(
    _ columns: borrowing Columns<Scalar>, _ rows: Range<Int>
  ) {
    rowCount += UInt64(rows.count)
    for column in hashes.indices {
      var hash = hashes[column]
      for row in rows { hash = Self.mix(Double(columns[column, row]).bitPattern, into: hash) }
      hashes[column] = hash
    }
  }

  /// The number of the rows so far.
  public var value: UInt64 {
    hashes.reduce(Self.mix(rowCount, into: Self.start)) { Self.mix($1, into: $0) }
  }
}
