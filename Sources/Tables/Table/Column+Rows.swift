/// Where a column stands in its file, and on which lines its rows are.
struct ColumnLocation {
  let file: String
  let field: Int
  let lines: LineNumbers

  func error(_ reason: TableError.Reason, row: Int) -> TableError {
    TableError(reason, file: file, line: lines[row], field: field)
  }
}

extension Table {
  /// The given rows alone, of which there is at least one; they ascend and count from 0.
  ///
  /// Messages still name the lines of the file.
  public func keeping(rows: [Int]) -> Table {
    precondition(!rows.isEmpty, "a table has at least one row")
    var lines = LineNumbers()
    for (row, old) in rows.enumerated() { lines.append(row: row, line: self.lines[old]) }
    let columns = self.columns.enumerated().map { field, column in
      column.keeping(rows: rows, at: ColumnLocation(file: file, field: field + 1, lines: lines))
    }
    return Table(file: file, columns: columns, rowCount: rows.count, lines: lines)
  }
}

extension Column {
  func markMissing(in isKept: inout [Bool]) {
    if missing == nil { return }
    for row in isKept.indices where isMissing(row: row) { isKept[row] = false }
  }

  /// The given rows alone.
  ///
  /// A column whose last text goes with its row is numbers from then on.
  func keeping(rows: [Int], at location: ColumnLocation) -> Column {
    let firstMissing = missing == nil ? nil : rows.indices.first { isMissing(row: rows[$0]) }
    let missing = firstMissing.map { row in
      location.error(.missingValue(column: excerpt(name)), row: row)
    }
    let content: Content
    switch self.content {
    case .numbers(let numbers): content = .numbers(rows.map { numbers[$0] })
    case .texts(let texts, let notANumber, let notUTF8):
      let kept = texts.keeping(rows: rows)
      let numbers = (0..<kept.levelCount).map { kept.numberInRange(ofLevel: $0, point: point) }
      if let level = numbers.firstIndex(of: nil) {
        content = .texts(
          kept, notANumber: fault(notANumber, level: level, of: kept, at: location),
          notUTF8: notUTF8 == nil ? nil : self.notUTF8(kept, at: location))
      } else {
        content = .numbers(kept.codes.map { $0 < 0 ? missingNumber : numbers[Int($0)] ?? 0 })
      }
    }
    return Column(name: name, content: content, missing: missing, point: point)
  }

  /// The error for the first row with this level, which is `known` if that is its line.
  private func fault(
    _ known: TableError, level: Int, of texts: TextCodes, at location: ColumnLocation
  ) -> TableError {
    let row = texts.firstRow(ofLevel: level)
    if known.line == location.lines[row] { return known }
    let text = texts.withLevel(level) { excerpt($0) }
    let isNumber = texts.number(ofLevel: level, point: point) != nil
    return location.error(
      isNumber
        ? .overflow(text, column: excerpt(name)) : .notANumber(text, column: excerpt(name)),
      row: row)
  }

  private func notUTF8(_ texts: TextCodes, at location: ColumnLocation) -> TableError? {
    let level = (0..<texts.levelCount).first { level in
      texts.withLevel(level) { String(validating: $0, as: UTF8.self) == nil }
    }
    return level.map { level in
      location.error(.textNotUTF8(column: excerpt(name)), row: texts.firstRow(ofLevel: level))
    }
  }
}

extension TextCodes {
  fileprivate func numberInRange(ofLevel level: Int, point: UInt8) -> Double? {
    number(ofLevel: level, point: point).flatMap { number in
      withLevel(level) { isOverflow(number, $0) } ? nil : number
    }
  }

  /// The first row that has a level, as at least one does.
  fileprivate func firstRow(ofLevel level: Int) -> Int {
    guard let row = codes.firstIndex(of: Int32(level)) else {
      preconditionFailure("every level has a row")
    }
    return row
  }
}
