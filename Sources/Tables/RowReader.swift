/// The rows of a range of bytes as columns.
///
/// Nothing is shared between readers, so that ranges of one file can be read side by side.
struct RowReader {
  private(set) var columns: [Column]
  private(set) var rowCount = 0
  private(set) var lines = LineNumbers()
  private let names: [String]

  /// What has been read of a column: numbers until the first field that is none.
  struct Column {
    var numbers: [Double] = []
    var fault: TableError?
  }

  init(names: [String]) {
    self.names = names
    columns = names.map { _ in Column() }
  }

  /// Reads rows to the end of the text.
  mutating func readRows(_ given: FieldScanner) throws(TableError) {
    var scanner = given
    var emptyLine: Int?
    let first = scanner.place
    var tile = Tile(columns: names.count)
    while true {
      scanner.skipBlanks()
      if scanner.isAtEnd { break }
      if isLineEnd(scanner.place[0]) {
        emptyLine = emptyLine ?? scanner.line
        scanner.passLineBreak()
        continue
      }
      if let emptyLine { throw TableError(.emptyLine, file: scanner.file, line: emptyLine) }
      lines.append(row: rowCount, line: scanner.line)
      try readRow(&scanner, into: &tile)
      rowCount += 1
      if tile.isFull {
        if rowCount == tile.rows {
          reserve(rowCount, of: scanner.place - first, in: scanner.end - first)
        }
        flush(&tile)
      }
    }
    flush(&tile)
  }

  @inline(__always)
  private mutating func readRow(
    _ scanner: inout FieldScanner, into tile: inout Tile
  ) throws(TableError) {
    let line = scanner.line
    var field = 0
    repeat {
      scanner.skipBlanks()
      if field < names.count, let number = scanDecimal(scanner.place), number.value.isFinite,
        isFieldEnd(number.end[0])
      {
        tile.set(number.value, column: field)
        scanner.place = number.end
      } else {
        try readField(&scanner, into: &tile)
      }
      field += 1
    } while scanner.passFieldEnd()
    if field != names.count {
      throw TableError(
        .fieldCount(found: field, expected: names.count), file: scanner.file, line: line)
    }
    tile.endRow()
  }

  /// Reads a field of any kind.
  private mutating func readField(
    _ scanner: inout FieldScanner, into tile: inout Tile
  ) throws(TableError) {
    let line = scanner.line
    let column = scanner.fieldsBefore
    let field = try scanner.nextField()
    guard column < names.count, columns[column].fault == nil else { return }
    let name = excerpt(names[column])
    let reason: TableError.Reason
    if field.bytes.isEmpty {
      reason = .missingValue(column: name)
    } else if let number = field.number {
      let isOverflow = number.isInfinite && field.bytes.contains(where: isDigit)
      if !isOverflow { return tile.set(number, column: column) }
      reason = .overflow(excerpt(field.bytes), column: name)
    } else {
      reason = .notANumber(excerpt(field.bytes), column: name)
    }
    let place = TableError(reason, file: scanner.file, line: line, field: column + 1)
    columns[column] = Column(fault: place)
  }

  /// Makes room for the rows of `total` bytes, given that `count` rows took `taken`.
  private mutating func reserve(_ count: Int, of taken: Int, in total: Int) {
    let estimate = Int(1.02 * Double(total) / Double(taken) * Double(count)) + count
    for column in columns.indices where columns[column].fault == nil {
      columns[column].numbers.reserveCapacity(estimate)
      columns[column].numbers.withUnsafeMutableBytes { numbers in
        guard let start = numbers.baseAddress else { return }
        adviseHugePages(start, byteCount: estimate * MemoryLayout<Double>.stride)
      }
    }
  }

  private mutating func flush(_ tile: inout Tile) {
    for column in columns.indices where columns[column].fault == nil {
      columns[column].numbers.append(contentsOf: tile[column])
    }
    tile.removeAll()
  }
}

/// A few rows on their way into the columns, small enough to stay in cache.
private struct Tile: ~Copyable {
  let rows: Int
  private let values: UnsafeMutableBufferPointer<Double>
  private var count = 0

  init(columns: Int) {
    rows = max(1, min(64, 8192 / columns))
    values = .allocate(capacity: columns * rows)
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }

  var isFull: Bool { count == rows }

  @inline(__always)
  mutating func set(_ value: Double, column: Int) { values[column * rows + count] = value }

  mutating func endRow() { count += 1 }

  mutating func removeAll() { count = 0 }

  subscript(column: Int) -> Slice<UnsafeMutableBufferPointer<Double>> {
    values[column * rows..<column * rows + count]
  }
}
