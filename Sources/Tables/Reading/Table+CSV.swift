import Glibc

extension Table {
  /// Reads a file of delimited fields; `-` is standard input.
  ///
  /// The first line names the columns, unless the format has no header. Fields follow RFC 4180: one may
  /// stand in double quotes, within which a quote is written twice. Spaces and tabs around a field are
  /// ignored, as are a byte-order mark, empty lines, a Ctrl-Z at the end and empty fields after a row's
  /// last; lines end in LF, CRLF or CR. A quoted number is a number. Numbers are written as C's `strtod`
  /// reads them, with the format's decimal mark, except that there are no hexadecimal ones and that an
  /// exponent may have a `d`, and have the same bits. Large files are shared by `threads` threads; neither
  /// the table nor an error depends on how many.
  ///
  /// A name that ends in `.tsv` or `.tab` means tabs, and a first line `sep=;` means semicolons, unless the
  /// format has a delimiter. A nameless column, or one of several of the same name, is an error when its
  /// values are asked for; nameless columns at the end that hold nothing are no columns.
  ///
  /// A file that is written to while it is read is an error, unless all that happens is that it grows, and there is
  /// a moment to read it.
  ///
  /// `wanted` is given the names of all columns, and chooses those that are read; nil for all. Of the others
  /// nothing but the names is kept.
  ///
  /// The format must not contradict itself: see ``TableFormat/contradiction``.
  public init(
    readingCSV path: Path, format: TableFormat = TableFormat(), threads: Int = 1,
    wanted: (([String]) -> Set<String>)? = nil
  ) throws(TableError) {
    let file = path == Path("-") ? nil : path
    let name = file?.description ?? "standard input"
    do throws(TableError) {
      let bytes = try FileBytes.contents(of: file, name: name)
      try self.init(bytes, name: name, format: format, threads: threads, wanted: wanted)
    } catch  where error.reason == .changedWhileRead(onlyGrew: true) {
      // A log grows between two looks at it, but seldom while it is copied.
      let bytes = try FileBytes.contents(of: file, name: name, mayMap: false)
      try self.init(bytes, name: name, format: format, threads: threads, wanted: wanted)
    }
  }

  /// Reads a file whose name is text.
  public init(
    readingCSV path: String, format: TableFormat = TableFormat(), threads: Int = 1
  ) throws(TableError) {
    try self.init(readingCSV: Path(path), format: format, threads: threads)
  }

  /// Reads delimited text from memory; `name` stands for the file in messages.
  public init(
    csv bytes: some Collection<UInt8>, name: String, format: TableFormat = TableFormat(),
    threads: Int = 1, wanted: (([String]) -> Set<String>)? = nil
  ) throws(TableError) {
    try self.init(
      FileBytes(bytes, name: name), name: name, format: format, threads: threads, wanted: wanted)
  }

  /// Reads text of which no part smaller than `leastPart` bytes gets a thread of its own.
  init(
    _ bytes: consuming FileBytes, name: String, format: TableFormat, threads: Int,
    leastPart: Int = 1 << 18, wanted: (([String]) -> Set<String>)? = nil
  ) throws(TableError) {
    bytes.dropFinalControlZ()
    precondition(format.contradiction == nil, "a format must not contradict itself")
    precondition(threads >= 1 && leastPart >= 1, "reading takes one thread or more")
    let table: Table
    do throws(TableError) {
      table = try Self.read(
        bytes, name: name, format: format, threads: threads, leastPart: leastPart, wanted: wanted)
    } catch {
      // Whatever a change led to, it is the cause.
      try bytes.checkIsWhole(name: name)
      throw error
    }
    try bytes.checkIsWhole(name: name)
    self = table
  }

  private static func read(
    _ bytes: borrowing FileBytes, name: String, format: TableFormat, threads: Int, leastPart: Int,
    wanted: (([String]) -> Set<String>)?
  ) throws(TableError) -> Table {
    try bytes.withBytes { bytes throws(TableError) in
      if let kind = ForeignKind(beginning: bytes) { throw TableError(.notText(kind), file: name) }
      do throws(TableError) {
        let parts = min(threads, max(1, bytes.count / leastPart))
        return try Table(bytes, name: name, format: format, parts: parts, wanted: wanted)
      } catch {
        // Whatever a zero byte led to, it is the cause.
        guard let line = lineOfZero(in: bytes) else { throw error }
        throw TableError(.notText(.binary), file: name, line: line)
      }
    }
  }

  private init(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, format: TableFormat, parts: Int,
    wanted: (([String]) -> Set<String>)?
  ) throws(TableError) {
    guard let start = bytes.baseAddress else { preconditionFailure("file bytes have an address") }
    let mark = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    let end = start + bytes.count
    var format = format
    var scanner = FieldScanner(
      file: name, marks: Marks(format), position: start + mark, end: end, line: 1)
    for _ in 0..<format.skippedLines {
      if scanner.isAtEnd { break }
      scanner.passLine()
    }
    let named = passDelimiterLine(&scanner, format: format) ?? delimiter(ofFile: name)
    format.delimiter = format.delimiter ?? named
    scanner = FieldScanner(
      file: name, marks: Marks(format), position: scanner.position, end: end, line: scanner.line)
    var names = try readHeader(&scanner, format: format)
    if format.hasUnits, scanner.passToRow() { scanner.passLine() }
    let header = Header(
      names: names.names, wanted: wanted?(names.different),
      leastFieldCount: max(1, names.leastCount),
      format: format)
    var reader = PartedReader(scanner, header: header, parts: parts)
    try reader.readRows()
    if reader.rowCount == 0 { throw TableError(.noRows, file: name) }
    var columns = zip(header.fields, reader.takeColumns()).map { field, column in
      let name = names.names[field]
      return Column(name: name, fault: names.faults[name], read: column, format: format)
    }
    while names.names.count > header.leastFieldCount, columns[columns.count - 1].isEmpty {
      columns.removeLast()
      names.names.removeLast()
    }
    let heading = Heading(
      names: names.names, different: names.different,
      read: Array(header.fields.prefix(columns.count)))
    self.init(
      file: name, heading: heading, columns: columns, rowCount: reader.rowCount, lines: reader.lines
    )
    if format.hasHeader, !format.hasUnits, !reader.passesNumber { blameUnits() }
  }

  /// Where the first row holds no number, says of columns of numbers that it may hold units.
  private mutating func blameUnits() {
    guard columns.contains(where: { !$0.isText }),
      columns.allSatisfy({ $0.lacksNumber(row: 0) })
    else { return }
    let line = line(ofRow: 0)
    self = Table(
      file: file, heading: heading, columns: columns.map { $0.blamingUnits(onLine: line) },
      rowCount: rowCount, lines: lines)
  }
}

/// What a file's name says of its delimiter; nil if nothing.
private func delimiter(ofFile name: String) -> TableFormat.Delimiter? {
  let name = name.lowercased()
  return name.hasSuffix(".tsv") || name.hasSuffix(".tab") ? .character(UInt8(ascii: "\t")) : nil
}

/// Passes a line such as `sep=;`, in which Excel says what delimits, and gives it; nil if there is none.
private func passDelimiterLine(
  _ scanner: inout FieldScanner, format: TableFormat
) -> TableFormat.Delimiter? {
  var end = scanner.position
  while !isLineEnd(end[0]) { end += 1 }
  var line = UnsafeBufferPointer(start: scanner.position, count: end - scanner.position)[...]
  let quote = UInt8(ascii: "\"")
  if line.count > 2, line.first == quote, line.last == quote { line = line.dropFirst().dropLast() }
  guard line.count == 5, let mark = line.last,
    String(decoding: line.dropLast(), as: UTF8.self).lowercased() == "sep=",
    mark == UInt8(ascii: "\t") || format.isMark(mark)
  else { return nil }
  scanner.passLine()
  return .character(mark)
}

private let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// The line of the first zero byte, nil if there is none.
private func lineOfZero(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
  guard let start = bytes.baseAddress, let zero = memchr(start, 0, bytes.count) else { return nil }
  let before = bytes[..<(UnsafeRawPointer(zero) - UnsafeRawPointer(start))]
  return 1 + before.count { $0 == UInt8(ascii: "\n") }
}

/// The names of columns, which are empty where a column has none.
private struct ColumnNames {
  var names: [String] = []
  /// Why values cannot be asked for by a name.
  var faults: [String: TableError] = [:]
  /// How many columns there are up to the last for which the first line has something.
  var leastCount = 0

  /// The different names.
  var different: [String] {
    // Names that come again have a fault, and so have empty ones.
    if faults.isEmpty { return names }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}

/// The columns' names; the scanner moves to the first row.
private func readHeader(
  _ scanner: inout FieldScanner, format: TableFormat
) throws(TableError) -> ColumnNames {
  guard scanner.passToRow() else { throw TableError(.empty, file: scanner.file) }
  if let found = otherDelimiter(from: scanner.position, format: format) {
    let mark = format.comment == nil ? Remedy.commentMark([scanner.position[0]]) : nil
    throw TableError(
      mark.map(TableError.Reason.commentForHeader) ?? .otherDelimiter(found), file: scanner.file,
      line: scanner.line)
  }
  if format.hasHeader { return try readNames(&scanner) }
  var ahead = scanner
  var names = ColumnNames()
  repeat {
    // Empty fields at the end may be delimiters with nothing after them.
    let isEmpty = try ahead.nextField().bytes.isEmpty
    names.names.append("x\(names.names.count + 1)")
    if !isEmpty { names.leastCount = names.names.count }
  } while ahead.passFieldEnd()
  return names
}

/// The names in the line at the scanner's position, which moves to the line after it.
private func readNames(_ scanner: inout FieldScanner) throws(TableError) -> ColumnNames {
  let firstLine = scanner.line
  var names = ColumnNames()
  var fieldOfName: [String: Int] = [:]
  var hasWord = false
  var count = 0
  repeat {
    scanner.skipBlanks()
    let line = scanner.line
    let here = scanner
    let field = try scanner.nextField()
    guard let name = field.text else { throw here.error(.invalidName) }
    count += 1
    if name.isEmpty {
      names.faults[name] = names.faults[name] ?? here.error(.emptyName)
      continue
    }
    while names.names.count < count - 1 { names.names.append("") }
    names.names.append(name)
    // A nameless column before numbers is the index of a table whose columns are numbered.
    hasWord = hasWord || names.names[0].isEmpty || scanner.number(field) == nil
    if let first = fieldOfName[name] {
      let reason = TableError.Reason.duplicateName(excerpt(name), firstField: first)
      names.faults[name] = names.faults[name] ?? here.error(reason, line: line)
    } else {
      fieldOfName[name] = count
    }
  } while scanner.passFieldEnd()
  names.leastCount = names.names.count
  if names.leastCount == 0, let fault = names.faults[""] { throw fault }
  if !hasWord { throw TableError(.noHeader, file: scanner.file, line: firstLine) }
  while names.names.count < count { names.names.append("") }
  var ahead = scanner
  if names.leastCount == 1, count > 1, ahead.passToRow(), let found = ahead.namesInLine {
    throw TableError(
      .fieldCount(found: found, expected: 1, remedy: .laterHeader), file: scanner.file,
      line: ahead.line)
  }
  return names
}

/// What separates the fields of a first line in which no delimiter stands outside quotes; nil if
/// nothing does.
private func otherDelimiter(from start: TextPointer, format: TableFormat) -> Character? {
  let marks = Marks(format)
  // A space may be part of a name, a bar too, and a decimal comma part of a number.
  var candidates = Remedy.delimiters.prefix { $0 != UInt8(ascii: "|") } + [UInt8(ascii: ",")]
  if !format.hasHeader { candidates.removeAll { $0 == format.decimal } }
  var found: Int?
  var isQuoted = false
  var position = start
  while position[0] != 0, isQuoted || !isLineEnd(position[0]) {
    let byte = position[0]
    position += 1
    if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
    if isQuoted { continue }
    if byte == marks.delimiter || byte == marks.otherDelimiter {
      // Blanks at the end of a line delimit nothing.
      while marks.blanksDelimit, marks.isBlank(position[0]) { position += 1 }
      if !marks.blanksDelimit || !isLineEnd(position[0]) { return nil }
    } else if let rank = candidates.firstIndex(of: byte) {
      found = min(rank, found ?? rank)
    }
  }
  guard let found else { return nil }
  if Remedy.commentMark([start[0]]) == nil,
    isTitle(endingAt: position, marks: marks, other: candidates[found])
  {
    return nil
  }
  return Character(Unicode.Scalar(candidates[found]))
}

/// Whether the line below the one that ends at a position has a delimiter, and `other` does not separate
/// anything there: then the line above is a title.
private func isTitle(endingAt end: TextPointer, marks: Marks, other: UInt8) -> Bool {
  var position = end
  while position[0] != 0, isLineEnd(position[0]) || marks.isBlank(position[0]) { position += 1 }
  var hasDelimiter = false
  while !isLineEnd(position[0]) {
    if position[0] == other { return false }
    hasDelimiter = hasDelimiter || marks.isFieldEnd(position[0])
    position += 1
  }
  return hasDelimiter
}
