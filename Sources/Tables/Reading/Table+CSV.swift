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
    let head = try FileHead(bytes, name: name, format: format)
    let format = head.format
    var names = head.names
    let header = Header(
      names: names.names, wanted: wanted?(names.different),
      leastFieldCount: max(1, names.leastCount),
      format: format)
    var reader = PartedReader(head.scanner, header: header, parts: parts)
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

/// The line of the first zero byte, nil if there is none.
private func lineOfZero(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
  guard let start = bytes.baseAddress, let zero = memchr(start, 0, bytes.count) else { return nil }
  let before = bytes[..<(UnsafeRawPointer(zero) - UnsafeRawPointer(start))]
  return 1 + before.count { $0 == UInt8(ascii: "\n") }
}
