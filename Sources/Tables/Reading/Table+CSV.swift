import Glibc

extension Table {
  /// Reads a file of delimited fields; `-` is standard input.
  ///
  /// The first line names the columns, unless the format has no header. Fields follow RFC 4180: one may
  /// stand in double quotes, within which a quote is written twice. Spaces and tabs around a field are
  /// ignored, as are a byte-order mark and empty lines at the end; lines end in LF, CRLF or CR. A quoted
  /// number is a number. Numbers are written as C's `strtod` reads them, with the format's decimal mark,
  /// except that there are no hexadecimal ones, and have the same bits. Large files are shared by
  /// `threads` threads; neither the table nor an error depends on how many.
  ///
  /// The format must not contradict itself: see ``TableFormat/contradiction``.
  public init(
    readingCSV path: String, format: TableFormat = TableFormat(), threads: Int = 1
  ) throws(TableError) {
    let name = path == "-" ? "standard input" : path
    let bytes = try FileBytes.contents(ofFile: path == "-" ? nil : path, name: name)
    try self.init(bytes, name: name, format: format, threads: threads)
  }

  /// Reads delimited text from memory; `name` stands for the file in messages.
  public init(
    csv bytes: some Collection<UInt8>, name: String, format: TableFormat = TableFormat(),
    threads: Int = 1
  ) throws(TableError) {
    try self.init(
      FileBytes(bytes, name: name), name: name, format: format, threads: threads)
  }

  /// Reads text of which no part smaller than `leastPart` bytes gets a thread of its own.
  init(
    _ bytes: borrowing FileBytes, name: String, format: TableFormat, threads: Int,
    leastPart: Int = 1 << 18
  ) throws(TableError) {
    precondition(format.contradiction == nil, "a format must not contradict itself")
    precondition(threads >= 1 && leastPart >= 1, "reading takes one thread or more")
    self = try bytes.withBytes { bytes throws(TableError) in
      if let kind = ForeignKind(beginning: bytes) { throw TableError(.notText(kind), file: name) }
      do throws(TableError) {
        let parts = min(threads, max(1, bytes.count / leastPart))
        return try Table(bytes, name: name, format: format, parts: parts)
      } catch {
        // Whatever a zero byte led to, it is the cause.
        guard let line = lineOfZero(in: bytes) else { throw error }
        throw TableError(.notText(.binary), file: name, line: line)
      }
    }
  }

  private init(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, format: TableFormat, parts: Int
  ) throws(TableError) {
    guard let start = bytes.baseAddress else { preconditionFailure("file bytes have an address") }
    let mark = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    var scanner = FieldScanner(
      file: name, marks: Marks(format), position: start + mark, end: start + bytes.count, line: 1)
    let names = try readHeader(&scanner, format: format)
    let header = Header(names: names, format: format)
    var reader = PartedReader(scanner, header: header, parts: parts)
    try reader.readRows()
    if reader.rowCount == 0 { throw TableError(.noRows, file: name) }
    let columns = zip(names, reader.takeColumns()).map {
      Column(name: $0, read: $1, point: format.decimal)
    }
    self.init(file: name, columns: columns, rowCount: reader.rowCount, lines: reader.lines)
  }
}

private let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// The line of the first zero byte, nil if there is none.
private func lineOfZero(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
  guard let start = bytes.baseAddress, let zero = memchr(start, 0, bytes.count) else { return nil }
  let before = bytes[..<(UnsafeRawPointer(zero) - UnsafeRawPointer(start))]
  return 1 + before.count { $0 == UInt8(ascii: "\n") }
}

/// The columns' names; the scanner moves to the first row.
private func readHeader(
  _ scanner: inout FieldScanner, format: TableFormat
) throws(TableError) -> [String] {
  repeat { scanner.skipBlanks() } while scanner.passComment()
  if isLineEnd(scanner.position[0]) {
    var rest = scanner
    while !rest.isAtEnd, isLineEnd(rest.position[0]) {
      rest.passLineBreak()
      repeat { rest.skipBlanks() } while rest.passComment()
    }
    throw rest.isAtEnd
      ? TableError(.empty, file: scanner.file)
      : TableError(.emptyLine, file: scanner.file, line: scanner.line)
  }
  if let found = otherDelimiter(from: scanner.position, format: format) {
    let mark = format.comment == nil ? Remedy.commentMark([scanner.position[0]]) : nil
    throw TableError(
      mark.map(TableError.Reason.commentForHeader) ?? .otherDelimiter(found), file: scanner.file,
      line: scanner.line)
  }
  if format.hasHeader { return try readNames(&scanner) }
  var ahead = scanner
  var names: [String] = []
  repeat {
    _ = try ahead.nextField()
    names.append("x\(names.count + 1)")
  } while ahead.passFieldEnd()
  return names
}

/// The names in the line at the scanner's position, which moves to the line after it.
private func readNames(_ scanner: inout FieldScanner) throws(TableError) -> [String] {
  let firstLine = scanner.line
  var names: [String] = []
  var fieldOfName: [String: Int] = [:]
  var duplicate: TableError?
  var areNumbers = true
  repeat {
    scanner.skipBlanks()
    let line = scanner.line
    let here = scanner
    let field = try scanner.nextField()
    guard let name = field.text else { throw here.error(.invalidName) }
    if name.isEmpty { throw here.error(.emptyName) }
    names.append(name)
    areNumbers = areNumbers && field.number(point: scanner.marks.point) != nil
    if let first = fieldOfName[name], duplicate == nil {
      duplicate = here.error(.duplicateName(excerpt(name), firstField: first), line: line)
    }
    fieldOfName[name] = names.count
  } while scanner.passFieldEnd()
  if areNumbers { throw TableError(.noHeader, file: scanner.file, line: firstLine) }
  if let duplicate { throw duplicate }
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
  return found.map { Character(Unicode.Scalar(candidates[$0])) }
}
