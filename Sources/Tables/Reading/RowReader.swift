internal import CDecimal

/// What rows are read by: the columns' names, which of them are read, and the format.
struct Header: Sendable {
  let names: [String]
  /// The fields that are read, counted from 0.
  let fields: [Int]
  /// For each field its column among those that are read; -1 if it is passed over.
  let columns: [Int]
  /// For each field how many in a row from it on are read.
  let runs: [Int]
  let format: TableFormat
  /// How many fields a row has at least: nameless columns at the end may be left out.
  let leastFieldCount: Int
  let missingWords: [[UInt8]]
  /// Whether a word for a missing value may be taken for a number, as in `-999`.
  let hasNumberForMissing: Bool

  /// `wanted` are the names of the columns that are read; nil for all.
  ///
  /// A nameless one at the end is read too, since it is no column if it holds nothing.
  init(names: [String], wanted: Set<String>?, leastFieldCount: Int, format: TableFormat) {
    self.names = names
    fields = names.indices.filter { field in
      wanted.map { field >= leastFieldCount || $0.contains(names[field]) } ?? true
    }
    var columns = [Int](repeating: -1, count: names.count)
    for (column, field) in fields.enumerated() { columns[field] = column }
    self.columns = columns
    var runs = columns.map { _ in 0 }
    for field in columns.indices.reversed() where columns[field] >= 0 {
      runs[field] = 1 + (field + 1 < runs.count ? runs[field + 1] : 0)
    }
    self.runs = runs
    self.leastFieldCount = leastFieldCount
    self.format = format
    missingWords = format.missing.map { Array($0.utf8) }
    hasNumberForMissing = missingWords.contains { spelledNumber($0, point: format.decimal) != nil }
  }

  /// Throws if a row has too few fields, or something in more than there are columns.
  @inline(__always)
  func check(
    fieldCount: Int, isTooLong: Bool, ofRowAt start: FieldScanner
  ) throws(TableError) {
    if fieldCount >= leastFieldCount, !isTooLong { return }
    let remedy = Remedy(forRowAt: start, header: self, isTooLong: isTooLong)
    throw TableError(
      .fieldCount(found: fieldCount, expected: names.count, remedy: remedy), file: start.file,
      line: start.line)
  }

  /// Whether a field's text stands for a missing value.
  func isMissing(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.isEmpty || missingWords.contains { $0.count == text.count && text.elementsEqual($0) }
  }

  /// What is wrong with a field that holds no number, or one beyond the largest double.
  func reason(
    ofNoNumber field: FieldScanner.Field, isOverflow: Bool, place: Int
  ) -> TableError.Reason {
    let (text, column) = (field.withText { excerpt($0) }, excerpt(names[place]))
    if isOverflow { return .overflow(text, column: column) }
    let remedy = Remedy(
      for: field.withText { Array($0.prefix(64)) }, format: format, column: place,
      columnCount: names.count)
    return .notANumber(text, column: column, remedy: remedy)
  }
}

/// The rows of a range of bytes as columns.
///
/// Nothing is shared between readers, so that ranges of one file can be read side by side.
struct RowReader {
  /// What has been read of a column: numbers, until the first field that is none; text from there.
  struct Column: Sendable {
    var numbers: [Double] = []
    /// The texts of the rows from `textStart` on.
    var texts: TextCodes?
    var textStart = 0
    /// The first field that is no number, that is missing, that is a word for an infinity or NaN, and
    /// that is not UTF-8.
    var notANumber, missing, notFinite, notUTF8: KeptError?
  }

  /// The columns that are read.
  private(set) var columns: [Column]
  private(set) var rowCount = 0
  /// Whether a field of the first row holds a number and is passed over.
  private(set) var passesNumber = false
  private(set) var lines = LineNumbers()
  /// What ended the reading, if anything did.
  private(set) var failure: TableError?
  /// Where the text ended or the first row that is not this reader's begins.
  private(set) var scanner: FieldScanner
  private let first: FieldScanner
  private let header: Header

  /// A reader of the rows from the scanner's position, which begins a row, to its end.
  init(_ scanner: FieldScanner, header: Header) {
    self.header = header
    self.scanner = scanner
    first = scanner
    columns = header.fields.map { _ in Column() }
  }

  /// Where the first row begins, if any does.
  var start: TextPointer { first.position }
  /// Where rows stop being this reader's.
  var end: TextPointer { first.end }
  /// The number of bytes between.
  var length: Int { end - start }

  /// Reads all rows, or up to the first that has a failure.
  ///
  /// Room is made for the rows of `length` bytes.
  mutating func readRows(reservingFor length: Int) {
    do throws(TableError) {
      try read(reservingFor: length)
    } catch {
      failure = error
    }
  }

  private mutating func read(reservingFor length: Int) throws(TableError) {
    let takesNumbers = !header.hasNumberForMissing && !scanner.marks.pointDelimits
    var tile = Tile(columns: columns.count, takesNumbers: takesNumbers)
    while scanner.passToRow() {
      lines.append(row: rowCount, line: LineNumber(line: scanner.line))
      try readRow(into: &tile)
      rowCount += 1
      if tile.isFull {
        if rowCount == tile.rows { reserve(of: scanner.position - first.position, in: length) }
        flush(&tile)
      }
    }
    flush(&tile)
  }

  @inline(__always)
  private mutating func readRow(into tile: inout Tile) throws(TableError) {
    let start = scanner
    let marks = scanner.marks
    let hasWindow = scanner.position - first.position >= Int(BP_WINDOW)
    var field = 0
    var isTooLong = false
    repeat {
      scanner.skipBlanks()
      if hasWindow, let read = readNumbers(from: field, into: &tile) {
        field += read - 1
      } else if field >= header.names.count {
        // Delimiters at a line's end have nothing between them.
        let isEmpty = try scanner.nextField().bytes.isEmpty
        isTooLong = isTooLong || !isEmpty
      } else if header.columns[field] < 0 {
        try passField()
      } else if tile.takesNumbers(column: header.columns[field]),
        let number = scanDecimal(scanner.position, point: marks.point), number.value.isFinite,
        marks.isFieldEnd(number.end[0])
      {
        tile.set(number.value, column: header.columns[field])
        scanner.position = number.end
      } else {
        try readField(of: header.columns[field], into: &tile)
      }
      field += 1
    } while scanner.passFieldEnd()
    try header.check(fieldCount: field, isTooLong: isTooLong, ofRowAt: start)
    for field in field..<max(field, header.names.count) where header.columns[field] >= 0 {
      let name = header.names[field]
      setMissing(column: header.columns[field], in: &tile) {
        TableError(
          .missingValue(column: excerpt(name)), file: start.file, line: start.line,
          field: field + 1)
      }
    }
    tile.endRow()
  }

  /// Reads plain numbers, as most are, from a field on; gives how many, nil if the field holds none.
  @inline(__always)
  private mutating func readNumbers(from field: Int, into tile: inout Tile) -> Int? {
    guard field < header.runs.count, header.runs[field] > 0 else { return nil }
    let read = tile.readNumbers(
      &scanner, column: header.columns[field], atMost: header.runs[field])
    return read > 0 ? read : nil
  }

  /// Passes a field of a column that is not read.
  private mutating func passField() throws(TableError) {
    let field = try scanner.nextField()
    if rowCount > 0 || passesNumber { return }
    passesNumber = field.withText { text in
      !header.isMissing(text) && (scanner.number(field) != nil || isMarkedNumber(text))
    }
  }

  private mutating func setMissing(
    column: Int, in tile: inout Tile, _ error: () -> TableError
  ) {
    if columns[column].missing == nil { columns[column].missing = .error(error()) }
    tile.set(missingNumber, column: column)
    columns[column].texts?.appendMissing()
  }

  /// Reads a field of any kind.
  private mutating func readField(
    of column: Int, into tile: inout Tile
  ) throws(TableError) {
    let line = scanner.line
    let place = scanner.fieldsBefore
    let field = try scanner.nextField()
    let fault = { [file = scanner.file] (reason: TableError.Reason) in
      TableError(reason, file: file, line: line, field: place + 1)
    }
    let name = header.names[place]
    if field.withText(header.isMissing) {
      return setMissing(column: column, in: &tile) { fault(.missingValue(column: excerpt(name))) }
    }
    if columns[column].texts == nil {
      let number = scanner.number(field)
      let isOverflow = number.map { Tables.isOverflow($0, field.bytes) } ?? false
      if let number, !isOverflow {
        guard number.isFinite else {
          if columns[column].notFinite == nil {
            let text = field.withText { String(decoding: $0, as: UTF8.self) }
            columns[column].notFinite = .error(fault(.notFinite(text, column: excerpt(name))))
          }
          return tile.set(NumberWord(field.bytes).encoded, column: column)
        }
        return tile.set(number, column: column)
      }
      let reason = header.reason(ofNoNumber: field, isOverflow: isOverflow, place: place)
      columns[column].numbers = []
      columns[column].texts = TextCodes()
      columns[column].textStart = rowCount
      columns[column].notANumber = .error(fault(reason))
      tile.refuseNumbers(column: column)
    }
    if field.withText({ columns[column].texts?.append($0) ?? false }), field.text == nil {
      columns[column].notUTF8 =
        columns[column].notUTF8 ?? .error(fault(.textNotUTF8(column: excerpt(name))))
    }
  }

  /// Makes the given columns hold the text of every row, reading those rows again that lack it.
  mutating func completeTexts(of indices: [Int]) {
    let ends = indices.map { columns[$0].texts == nil ? rowCount : columns[$0].textStart }
    let rows = ends.max() ?? 0
    var texts = indices.map { _ in TextCodes() }
    var textIndices = [Int?](repeating: nil, count: columns.count)
    for (textIndex, column) in indices.enumerated() { textIndices[column] = textIndex }
    var scanner = first
    var row = 0
    while row < rows, scanner.passToRow() {
      var fieldCount = 0
      repeat {
        defer { fieldCount += 1 }
        // It was read before, and so has no fault.
        guard let field = try? scanner.nextField() else { return }
        guard fieldCount < header.names.count, header.columns[fieldCount] >= 0,
          let textIndex = textIndices[header.columns[fieldCount]], row < ends[textIndex]
        else { continue }
        field.withText { text in
          if header.isMissing(text) {
            texts[textIndex].appendMissing()
          } else {
            texts[textIndex].append(text)
          }
        }
      } while scanner.passFieldEnd()
      for column in header.columns.dropFirst(fieldCount) where column >= 0 {
        if let textIndex = textIndices[column], row < ends[textIndex] {
          texts[textIndex].appendMissing()
        }
      }
      row += 1
    }
    for (index, text) in zip(indices, texts) {
      columns[index].texts = columns[index].texts.map(text.appending) ?? text
      columns[index].textStart = 0
      columns[index].numbers = []
    }
  }

  /// The columns, which are gone from here, with errors in a file of that number, on lines after so many.
  mutating func takeColumns(afterLines lines: Int, ofFile number: Int) -> [Column] {
    var taken: [Column] = []
    swap(&taken, &columns)
    func placed(_ error: KeptError?) -> KeptError? { error?.after(lines: lines).inFile(number) }
    for column in taken.indices {
      taken[column].notANumber = placed(taken[column].notANumber)
      taken[column].missing = placed(taken[column].missing)
      taken[column].notFinite = placed(taken[column].notFinite)
      taken[column].notUTF8 = placed(taken[column].notUTF8)
    }
    return taken
  }

  /// Makes room for the rows of `total` bytes, given that those so far took `taken`.
  private mutating func reserve(of taken: Int, in total: Int) {
    let estimate = Int(1.02 * Double(total) / Double(taken) * Double(rowCount)) + rowCount
    for column in columns.indices where columns[column].texts == nil {
      columns[column].numbers.reserveCapacity(estimate)
      columns[column].numbers.withUnsafeMutableBytes { numbers in
        guard let start = numbers.baseAddress else { return }
        adviseHugePages(start, byteCount: estimate * MemoryLayout<Double>.stride)
      }
    }
  }

  private mutating func flush(_ tile: inout Tile) {
    for column in columns.indices where columns[column].texts == nil {
      columns[column].numbers.append(contentsOf: tile[column])
    }
    tile.removeAll()
  }
}

/// Whether a number became infinite by being read, and is not infinite as its text has it.
func isOverflow(_ number: Double, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
  number.isInfinite && text.contains(where: isDigit)
}
