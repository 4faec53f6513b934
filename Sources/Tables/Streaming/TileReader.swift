/// A reader of rows whose columns are known beforehand, tile by tile.
struct TileReader: Sendable {
  /// The rows' format and names.
  let header: Header
  let wanted: StreamedColumns
  /// For each wanted column its field.
  let fields: [Int]
  /// For each field its wanted column; -1 if it is passed over.
  private let columns: [Int]
  /// For each wanted column of texts their codes; nil for one of numbers.
  private let levels: [TextCodes?]
  private let takesNumbers: Bool

  /// The names must be among the header's.
  init(_ wanted: StreamedColumns, header: Header, marks: Marks) {
    self.header = header
    self.wanted = wanted
    fields = wanted.columns.map { column in
      guard let field = header.names.firstIndex(of: column.name) else {
        preconditionFailure("the stream has the columns that are read")
      }
      return field
    }
    var columns = [Int](repeating: -1, count: header.names.count)
    for (column, field) in fields.enumerated() { columns[field] = column }
    self.columns = columns
    levels = wanted.columns.map { column in
      guard case .text(let levels) = column.kind else { return nil }
      var codes = TextCodes()
      for level in levels { Array(level.utf8).withUnsafeBufferPointer { _ = codes.append($0) } }
      return codes
    }
    takesNumbers = !header.hasNumberForMissing && !marks.pointDelimits
  }

  /// Reads rows until the tile is full or no more begin before the scanner's end.
  ///
  /// Where it throws, the tile has the rows before the one at fault, at which the scanner is left.
  func readRows(_ scanner: inout FieldScanner, into tile: inout RowTile) throws(TableError) {
    while !tile.isFull, scanner.passToRow() {
      let start = scanner
      do throws(TableError) { try readRow(&scanner, into: &tile) } catch {
        scanner = start
        tile.dropUnfinishedRow()
        throw error
      }
    }
  }

  @inline(__always)
  private func readRow(
    _ scanner: inout FieldScanner, into tile: inout RowTile
  ) throws(TableError) {
    let start = scanner
    let marks = scanner.marks
    var field = 0
    var isTooLong = false
    var fieldsEnd = scanner.position
    repeat {
      scanner.skipBlanks()
      if field >= columns.count {
        // Delimiters at a line's end have nothing between them.
        let isEmpty = try scanner.nextField().bytes.isEmpty
        isTooLong = isTooLong || !isEmpty
      } else {
        let column = columns[field]
        if column < 0 {
          _ = try scanner.nextField()
        } else if takesNumbers, levels[column] == nil,
          let number = scanDecimal(scanner.position, point: marks.point), number.value.isFinite,
          marks.isFieldEnd(number.end[0])
        {
          tile.set(number.value, column: column)
          scanner.position = number.end
        } else {
          try readField(of: column, &scanner, into: &tile)
        }
        fieldsEnd = scanner.position
      }
      field += 1
    } while scanner.passFieldEnd()
    try header.check(fieldCount: field, isTooLong: isTooLong, ofRowAt: start)
    let isCut = field > columns.count
    tile.endRow(
      RowTile.Place(
        fieldsEnd: fieldsEnd, rest: isCut ? lineBreak(before: scanner.position) : fieldsEnd,
        fieldCount: min(field, columns.count), line: start.line))
  }

  /// Reads a field of any kind.
  private func readField(
    of column: Int, _ scanner: inout FieldScanner, into tile: inout RowTile
  ) throws(TableError) {
    let before = scanner
    let field = try scanner.nextField()
    let name = wanted.columns[column].name
    if field.withText(header.isMissing) {
      return try setMissing(name, at: before, in: &tile)
    }
    if let levels = levels[column] {
      let code = field.withText { levels.code(ofKnown: $0) }
      if code == nil, !wanted.allowsUnknown { throw before.error(unknown(field, column)) }
      return tile.set(Double(code ?? -1), column: column)
    }
    let number = scanner.number(field)
    let isOverflow = number.map { Tables.isOverflow($0, field.bytes) } ?? false
    if let number, number.isFinite { return tile.set(number, column: column) }
    let text = field.withText { String(decoding: $0.prefix(64), as: UTF8.self) }
    if wanted.allowsMissing, !isOverflow, isUsualForMissing(text) {
      return try setMissing(name, at: before, in: &tile)
    }
    if number != nil, !isOverflow { throw before.error(.notFinite(text, column: excerpt(name))) }
    throw before.error(
      header.reason(ofNoNumber: field, isOverflow: isOverflow, place: before.fieldsBefore))
  }

  private func setMissing(
    _ name: String, at scanner: FieldScanner, in tile: inout RowTile
  ) throws(TableError) {
    guard wanted.allowsMissing else {
      throw scanner.error(.missingValue(column: excerpt(name)))
    }
    tile.setMissing()
  }

  private func unknown(_ field: FieldScanner.Field, _ column: Int) -> TableError.Reason {
    guard let text = field.text, case .text(let levels) = wanted.columns[column].kind else {
      return .textNotUTF8(column: excerpt(wanted.columns[column].name))
    }
    return .unknownText(
      excerpt(text), column: excerpt(wanted.columns[column].name), known: levels.map { excerpt($0) }
    )
  }
}

/// Where the line break begins that ends before a position, if one does.
private func lineBreak(before position: TextPointer) -> TextPointer {
  if position[-1] == UInt8(ascii: "\n") {
    return position[-2] == UInt8(ascii: "\r") ? position - 2 : position - 1
  }
  return position[-1] == UInt8(ascii: "\r") ? position - 1 : position
}
