/// Where a column stands in its files, and on which lines its rows are.
struct ColumnLocation {
  let files: [String]
  let field: Int
  let columnCount: Int
  let lines: LineNumbers

  func error(_ reason: TableError.Reason, row: Int) -> TableError {
    TableError(reason, at: lines[row], of: files, field: field)
  }
}

extension Table {
  /// The given rows alone, of which there is at least one; they ascend and count from 0.
  ///
  /// Messages still name the lines of the file. A column whose last word goes with its row is one of numbers from
  /// then on, unless these are blocks of a ``StoredTable``.
  public func keeping(rows: [Int]) -> Table {
    precondition(!rows.isEmpty, "a table has at least one row")
    var lines = LineNumbers()
    for (row, old) in rows.enumerated() { lines.append(row: row, line: self.lines[old]) }
    let columns = self.columns.enumerated().map { index, column in
      column.keeping(
        rows: rows, staysText: isPart && column.isText,
        at: location(ofColumn: index, lines: lines))
    }
    return Table(
      files: files, heading: heading, columns: columns, rowCount: rows.count, lines: lines,
      isPart: isPart)
  }

  /// The same rows, in which those of the given columns hold numbers that were read as words but all spell such.
  public func readingNumbers(in names: Set<String>) -> Table {
    if names.isEmpty { return self }
    return with(
      columns: columns.enumerated().map { index, column in
        if !names.contains(column.name) { return column }
        return column.keeping(
          rows: Array(0..<rowCount), staysText: false, at: location(ofColumn: index, lines: lines))
      })
  }

  /// Where a column stands, and its rows on the given lines.
  func location(ofColumn index: Int, lines: LineNumbers) -> ColumnLocation {
    ColumnLocation(
      files: files, field: heading.fields[index], columnCount: heading.fieldCount, lines: lines)
  }
}

extension Column {
  func markMissing(in isKept: inout [Bool]) {
    if missing == nil { return }
    for row in isKept.indices where isMissing(row: row) { isKept[row] = false }
  }

  /// The given rows alone.
  func keeping(rows: [Int], staysText: Bool, at location: ColumnLocation) -> Column {
    switch content {
    case .numbers(let numbers): with(numbers: rows.map { numbers[$0] }, at: location)
    case .texts(let texts, _, _):
      with(texts: texts.keeping(rows: rows), staysText: staysText, at: location)
    }
  }

  /// A column of which nothing is known but its numbers, of which some may be missing or words.
  init(
    name: String, fault: TableError?, numbers: [Double], hasGaps: Bool, format: TableFormat,
    at location: ColumnLocation
  ) {
    let column = Column(
      name: name, content: .numbers(numbers), faults: Faults(name: fault.map(KeptError.error)),
      format: format, isText: false)
    self = hasGaps ? column.with(numbers: numbers, mayLackMore: true, at: location) : column
  }

  /// A column of which nothing is known but its texts, and what it holds in other rows.
  init(
    name: String, fault: TableError?, texts: TextCodes, nature: Nature, format: TableFormat,
    at location: ColumnLocation
  ) {
    // On no line, so that these texts tell what it is, unless they are all numbers.
    let unknown = TableError(.notANumber("", column: excerpt(name)), file: location.files[0])
    let column = Column(
      name: name, content: .texts(texts, notANumber: unknown, notUTF8: unknown),
      faults: Faults(name: fault.map(KeptError.error)), format: format, isText: nature.isText
    ).with(texts: texts, mayLackMore: true, staysText: nature.isText, at: location)
    guard case .texts(let texts, unknown, let notUTF8) = column.content,
      let word = nature.firstWord
    else {
      self = column
      return
    }
    self.init(
      name: name, content: .texts(texts, notANumber: word, notUTF8: notUTF8),
      faults: column.faults, format: format, isText: nature.isText)
  }

  /// The same with nothing where a column of numbers has one of the usual words for a missing value.
  func readingUsualWords(at location: ColumnLocation) -> Column {
    switch content {
    case .numbers(let numbers):
      guard faults.notFinite != nil else { return self }
      return with(
        numbers: numbers.map { NumberWord($0)?.isNaN == true ? missingNumber : $0 },
        mayLackMore: true, at: location)
    case .texts(let texts, _, _):
      let usual = (0..<texts.levelCount).filter { texts.isUsualForMissing(level: $0) }
      if isText || usual.isEmpty { return self }
      return with(
        texts: texts.keeping(rows: Array(texts.codes.indices), without: usual), mayLackMore: true,
        at: location)
    }
  }

  /// The same column with other numbers.
  func with(
    numbers: [Double], mayLackMore: Bool = false, at location: ColumnLocation
  ) -> Column {
    var faults = Faults(name: faults.name)
    if mayLackMore || self.faults.missing != nil {
      faults.missing = numbers.firstIndex(where: \.isMissing).map { row in
        .error(location.error(.missingValue(column: excerpt(name)), row: row))
      }
    }
    if mayLackMore || self.faults.notFinite != nil {
      faults.notFinite = numbers.firstIndex { NumberWord($0) != nil }.map { row in
        let text = NumberWord(numbers[row])?.text ?? ""
        return .error(location.error(.notFinite(text, column: excerpt(name)), row: row))
      }
    }
    return Column(
      name: name, content: .numbers(numbers), faults: faults, format: format, isText: false)
  }

  /// The same column with other texts, or with numbers if all of them are, unless it stays one of texts.
  private func with(
    texts: TextCodes, mayLackMore: Bool = false, staysText: Bool = false,
    at location: ColumnLocation
  ) -> Column {
    guard case .texts(_, let notANumber, let notUTF8) = content else { return self }
    let numbers = (0..<texts.levelCount).map { texts.cell(ofLevel: $0, point: format.decimal) }
    let word = numbers.firstIndex(of: nil)
    if word == nil, !staysText {
      return with(
        numbers: texts.codes.map { $0 < 0 ? missingNumber : numbers[Int($0)] ?? 0 },
        mayLackMore: true, at: location)
    }
    var faults = faults
    if mayLackMore || faults.missing != nil {
      faults.missing = texts.codes.firstIndex { $0 < 0 }.map { row in
        .error(location.error(.missingValue(column: excerpt(name)), row: row))
      }
    }
    return Column(
      name: name,
      content: .texts(
        texts,
        notANumber: word.map { fault(notANumber, level: $0, of: texts, at: location) }
          ?? notANumber,
        notUTF8: notUTF8 == nil ? nil : self.notUTF8(texts, at: location)),
      faults: faults, format: format, isText: isText)
  }

  /// The error for the first row with this level, which is `known` if that is its line.
  private func fault(
    _ known: TableError, level: Int, of texts: TextCodes, at location: ColumnLocation
  ) -> TableError {
    let row = texts.firstRow(ofLevel: level)
    if known.place == location.lines[row] { return known }
    let text = texts.withLevel(level) { excerpt($0) }
    if texts.number(ofLevel: level, point: format.decimal) != nil {
      return location.error(.overflow(text, column: excerpt(name)), row: row)
    }
    let remedy =
      texts.withLevel(level) {
        Remedy(
          for: Array($0.prefix(64)), format: format, column: location.field - 1,
          columnCount: location.columnCount)
      } ?? (isText ? nil : texts.withLevel(level, Remedy.init(missing:)))
    return location.error(
      .notANumber(text, column: excerpt(name), remedy: remedy), row: row)
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
  /// What a column of numbers has for a level, nil if that is no number in range.
  fileprivate func cell(ofLevel level: Int, point: UInt8) -> Double? {
    number(ofLevel: level, point: point).flatMap { number in
      withLevel(level) { text in
        if isOverflow(number, text) { return nil }
        return number.isFinite ? number : NumberWord(text).encoded
      }
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
