import Glibc

extension Table {
  /// Reads a comma-separated file; `-` is standard input.
  ///
  /// The first line names the columns. Fields follow RFC 4180: one may stand in double quotes, within
  /// which a quote is written twice. Spaces and tabs around a field are ignored, as are a byte-order
  /// mark and empty lines at the end; lines end in LF, CRLF or CR. A quoted number is a number. Numbers
  /// are written as C's `strtod` reads them, except that there are no hexadecimal ones, and have the
  /// same bits.
  public init(readingCSV path: String) throws(TableError) {
    let name = path == "-" ? "standard input" : path
    try self.init(FileBytes.contents(ofFile: path == "-" ? nil : path, name: name), name: name)
  }

  /// Reads comma-separated text from memory; `name` stands for the file in messages.
  public init(csv bytes: some Collection<UInt8>, name: String) throws(TableError) {
    try self.init(FileBytes(bytes, name: name), name: name)
  }

  private init(_ bytes: borrowing FileBytes, name: String) throws(TableError) {
    self = try bytes.withBytes { bytes throws(TableError) in try Table(bytes, name: name) }
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(TableError) {
    guard let start = bytes.baseAddress else { preconditionFailure("file bytes have an address") }
    for (magic, kind) in foreignBeginnings where bytes.starts(with: magic) {
      throw TableError(.notText(kind), file: name)
    }
    if let zero = memchr(start, 0, bytes.count) {
      let before = bytes[..<(UnsafeRawPointer(zero) - UnsafeRawPointer(start))]
      let line = 1 + before.count { $0 == UInt8(ascii: "\n") }
      throw TableError(.notText("binary data"), file: name, line: line)
    }
    if bytes.allSatisfy({ $0 == UInt8(ascii: " ") || (0x09...0x0D).contains($0) }) {
      throw TableError(.empty, file: name)
    }
    let mark = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    var scanner = FieldScanner(file: name, place: start + mark, end: start + bytes.count, line: 1)
    let names = try readHeader(&scanner)
    var reader = RowReader(names: names)
    try reader.readRows(scanner)
    if reader.rowCount == 0 { throw TableError(.noRows, file: name) }
    let columns = zip(names, reader.columns).map { name, column in
      Column(name: name, numbers: column.fault.map { .failure($0) } ?? .success(column.numbers))
    }
    self.init(file: name, columns: columns, rowCount: reader.rowCount, lines: reader.lines)
  }
}

private let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// How files begin that are handed in by mistake.
private let foreignBeginnings: [([UInt8], String)] = [
  ([0x1F, 0x8B], "a gzip file"),
  ([0x50, 0x4B, 3, 4], "a zip archive or spreadsheet"),
  ([0xFF, 0xFE], "UTF-16"),
  ([0xFE, 0xFF], "UTF-16"),
]

/// The names in the first line; the scanner moves to the line after it.
private func readHeader(_ scanner: inout FieldScanner) throws(TableError) -> [String] {
  if let found = otherDelimiter(from: scanner.place) {
    throw TableError(.otherDelimiter(found), file: scanner.file, line: scanner.line)
  }
  var names: [String] = []
  var fieldOfName: [String: Int] = [:]
  var duplicate: TableError?
  var areNumbers = true
  repeat {
    let line = scanner.line
    let field = try scanner.nextField()
    guard let name = field.text else { throw scanner.error(.invalidName, line: line) }
    if name.isEmpty { throw scanner.error(.emptyName, line: line) }
    names.append(name)
    areNumbers = areNumbers && field.number != nil
    if let first = fieldOfName[name], duplicate == nil {
      duplicate = scanner.error(.duplicateName(excerpt(name), firstField: first), line: line)
    }
    fieldOfName[name] = names.count
  } while scanner.passFieldEnd()
  if areNumbers { throw TableError(.noHeader, file: scanner.file, line: 1) }
  if let duplicate { throw duplicate }
  return names
}

/// What separates the fields of a first line that has no comma outside quotes; nil if nothing does.
private func otherDelimiter(from start: TextPointer) -> Character? {
  var found: Character?
  var isQuoted = false
  var place = start
  while place[0] != 0, isQuoted || !isLineEnd(place[0]) {
    switch place[0] {
    case UInt8(ascii: "\""): isQuoted.toggle()
    case UInt8(ascii: ",") where !isQuoted: return nil
    case UInt8(ascii: ";") where !isQuoted: found = ";"
    case UInt8(ascii: "\t") where !isQuoted && found == nil: found = "\t"
    default: break
    }
    place += 1
  }
  return found
}
