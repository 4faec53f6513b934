/// What a file says above its rows.
struct FileHead {
  /// The columns' names.
  let names: ColumnNames
  /// How the file is written, with the delimiter that it names itself if none was given.
  let format: TableFormat
  /// The line of the names, or of the first row where there are none.
  let namesLine: Int
  /// A scanner of the rows, where they begin or what is passed over before them.
  let scanner: FieldScanner
  /// Where the line after the names begins, and the one after the units; nil if there are none.
  private(set) var namesEnd: TextPointer?
  private(set) var unitsEnd: TextPointer?

  /// Reads what stands above the rows of a whole text, or of one that ends with a whole line.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, format: TableFormat
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
    guard scanner.passToRow() else { throw TableError(.empty, file: name) }
    namesLine = scanner.line
    names = try readHeader(&scanner, format: format)
    if format.hasHeader { namesEnd = scanner.position }
    if format.hasUnits, scanner.passToRow() {
      scanner.passLine()
      unitsEnd = scanner.position
    }
    self.format = format
    self.scanner = scanner
  }

  /// Throws unless the file has the columns of the first of several.
  func checkColumns(
    like first: ColumnNames, of firstFile: String, in file: String
  ) throws(TableError) {
    let (found, expected) = (names.names, first.names)
    if found.count != expected.count {
      throw TableError(
        .otherColumnCount(found.count, expected: expected.count, first: firstFile), file: file,
        line: namesLine)
    }
    guard let field = found.indices.first(where: { found[$0] != expected[$0] }) else { return }
    throw TableError(
      .otherColumn(excerpt(found[field]), expected: excerpt(expected[field]), first: firstFile),
      file: file, line: namesLine, field: field + 1)
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

/// The names of columns, which are empty where a column has none.
struct ColumnNames {
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

/// The columns' names, from a scanner at the line of them, which moves to the first row.
private func readHeader(
  _ scanner: inout FieldScanner, format: TableFormat
) throws(TableError) -> ColumnNames {
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
