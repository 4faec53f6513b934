import Glibc

extension Table {
  /// Reads a file of delimited fields; `-` is standard input.
  ///
  /// The first line names the columns, unless the format has no header. Fields follow RFC 4180: a field may be in
  /// double quotes, within which a quote is written twice. Ignored are spaces and tabs around a field, a byte-order
  /// mark, empty lines, a Ctrl-Z at the end, and empty fields after the last field of a row. Lines end in LF, CRLF
  /// or CR. A quoted number is a number. Numbers are read as C's `strtod` reads them, to the same bits, with the
  /// decimal mark of the format; there are no hexadecimal numbers, and an exponent may be written with a `d`. Large
  /// files are shared by `threads` threads; neither the table nor an error depends on their number.
  ///
  /// A name that ends in `.tsv` or `.tab` means tabs, and a first line `sep=;` means semicolons, unless the format
  /// has a delimiter. A column without a name, or one of several with the same name, is an error when its values
  /// are asked for. Columns at the end that have no name and no values are ignored.
  ///
  /// A file that is changed while it is read is an error; a file that only grows is not, if there is a moment to
  /// read it.
  ///
  /// `wanted` receives the names of all columns and chooses those that are read; nil reads all. Of the others only
  /// the names are kept.
  ///
  /// The format must not contradict itself: see ``TableFormat/contradiction``.
  public init(
    readingCSV path: Path, format: TableFormat = TableFormat(), threads: Int = 1,
    wanted: (([String]) -> Set<String>)? = nil
  ) throws(TableError) {
    try self.init(
      readingCSV: [path], format: format, threads: threads, wanted: wanted)
  }

  /// Reads files of the same columns, of which there is at least one, as one table: its rows are theirs in order.
  ///
  /// A file may have no rows if another has some. Throws if the first lines of two name other columns.
  public init(
    readingCSV paths: [Path], format: TableFormat = TableFormat(), threads: Int = 1,
    wanted: (([String]) -> Set<String>)? = nil
  ) throws(TableError) {
    precondition(!paths.isEmpty, "a table has at least one file")
    var texts = try paths.map { path throws(TableError) in try OpenText(path) }
    do throws(TableError) {
      try self.init(texts, format: format, threads: threads, wanted: wanted)
    } catch  where error.reason == .changedWhileRead(onlyGrew: true) {
      // A log grows between two looks at it, but seldom while it is copied.
      for (index, path) in paths.enumerated() where !texts[index].isWhole {
        texts[index] = try OpenText(path, mayMap: false)
      }
      try self.init(texts, format: format, threads: threads, wanted: wanted)
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
    try self.init(
      [OpenText(bytes, name: name)], format: format, threads: threads, leastPart: leastPart,
      wanted: wanted)
  }

  /// Reads texts of the same columns, one after the other.
  init(
    _ texts: [OpenText], format: TableFormat, threads: Int, leastPart: Int = 1 << 18,
    wanted: (([String]) -> Set<String>)?
  ) throws(TableError) {
    precondition(format.contradiction == nil, "a format must not contradict itself")
    precondition(threads >= 1 && leastPart >= 1, "reading takes one thread or more")
    let table: Table
    do throws(TableError) {
      var files: [FileRows] = []
      for text in texts {
        files.append(
          try text.reading { bytes throws(TableError) in
            try FileRows(
              bytes, name: text.name, like: files.first, format: format,
              parts: min(threads, max(1, bytes.count / leastPart)), wanted: wanted)
          })
      }
      table = try Table(joining: files)
    } catch {
      // Whatever a change led to, it is the cause.
      for text in texts { try text.checkIsWhole() }
      throw error
    }
    for text in texts { try text.checkIsWhole() }
    self = table
  }

  private init(joining files: [FileRows]) throws(TableError) {
    let first = files[0]
    let textColumns = Set(files.flatMap(\.reader.textColumns))
    for file in files { file.reader.completeTexts(of: textColumns.sorted()) }
    var lines = LineNumbers()
    var rowCount = 0
    for (number, file) in files.enumerated() {
      lines.append(file: number, file.reader.lines, afterRows: rowCount)
      rowCount += file.reader.rowCount
    }
    if rowCount == 0 { throw TableError(.noRows, file: first.name) }
    var names = first.names
    let header = first.header
    let read = PartedReader.joined(
      files.enumerated().map { number, file in file.reader.takeColumns(ofFile: number) })
    var columns = zip(header.fields, read).map { field, column in
      let name = names.names[field]
      return Column(name: name, fault: names.faults[name], read: column, format: header.format)
    }
    while names.names.count > header.leastFieldCount, columns[columns.count - 1].isEmpty {
      columns.removeLast()
      names.names.removeLast()
    }
    let heading = Heading(
      names: names.names, different: names.different,
      read: Array(header.fields.prefix(columns.count)))
    self.init(
      files: files.map(\.name), heading: heading, columns: columns, rowCount: rowCount, lines: lines
    )
    let passesNumber = files.first { $0.reader.rowCount > 0 }?.reader.passesNumber == true
    if header.format.hasHeader, !header.format.hasUnits, !passesNumber { self = blamingUnits }
  }

  /// The table, of which columns of numbers say that the first row may hold units where it holds no number.
  var blamingUnits: Table {
    guard columns.contains(where: { !$0.isText }),
      columns.allSatisfy({ $0.lacksNumber(row: 0) })
    else { return self }
    let line = lines[0]
    return with(columns: columns.map { $0.blamingUnits(on: line) })
  }
}

/// The text of a file, which stays where it is.
final class OpenText {
  let name: String
  private let bytes: FileBytes

  init(_ bytes: consuming FileBytes, name: String) {
    bytes.dropFinalControlZ()
    self.bytes = bytes
    self.name = name
  }

  /// The text of a file, `-` being standard input.
  convenience init(_ path: Path, mayMap: Bool = true) throws(TableError) {
    let file = path == Path("-") ? nil : path
    let name = file?.description ?? "standard input"
    self.init(try FileBytes.contents(of: file, name: name, mayMap: mayMap), name: name)
  }

  /// Lends the text to `body`; its address is the same each time.
  func reading<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(TableError) -> Result
  ) throws(TableError) -> Result {
    try bytes.withBytes { bytes throws(TableError) in
      if let kind = ForeignKind(beginning: bytes) { throw TableError(.notText(kind), file: name) }
      do throws(TableError) { return try body(bytes) } catch {
        // Whatever a zero byte led to, it is the cause.
        guard let line = lineOfZero(in: bytes) else { throw error }
        throw TableError(.notText(.binary), file: name, line: line)
      }
    }
  }

  /// Whether the file is what it was when it was opened.
  var isWhole: Bool { (try? checkIsWhole()) != nil }

  /// Throws if the file is not what it was when it was opened.
  func checkIsWhole() throws(TableError) { try bytes.checkIsWhole(name: name) }
}

/// The rows of one of a table's files.
private struct FileRows {
  let name: String
  let names: ColumnNames
  let header: Header
  let reader: PartedReader

  /// Reads a text, which stays where it is, with the columns of `first` if there is one.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, like first: FileRows?, format: TableFormat,
    parts: Int, wanted: (([String]) -> Set<String>)?
  ) throws(TableError) {
    let head = try FileHead(bytes, name: name, format: format)
    self.name = name
    names = head.names
    if let first { try head.checkColumns(like: first.names, of: first.name, in: name) }
    header = Header(
      names: names.names, wanted: wanted?(names.different),
      leastFieldCount: max(1, names.leastCount), format: head.format)
    var reader = PartedReader(head.scanner, header: header, parts: parts)
    try reader.readRows()
    self.reader = reader
  }
}

/// The line of the first zero byte, nil if there is none.
func lineOfZero(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
  guard let start = bytes.baseAddress, let zero = memchr(start, 0, bytes.count) else { return nil }
  let before = bytes[..<(UnsafeRawPointer(zero) - UnsafeRawPointer(start))]
  return 1 + before.count { $0 == UInt8(ascii: "\n") }
}
