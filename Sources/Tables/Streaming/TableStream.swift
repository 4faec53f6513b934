import Glibc

/// A table that is read block by block and written with more columns, in constant memory.
///
/// It is read like a ``Table``, except that the caller says beforehand what each column holds. The output is the input,
/// byte for byte, with fields appended to each row, and can be read with the same format. Comments and empty lines
/// stay where they are. A file that grows is read up to its end.
public struct TableStream: ~Copyable {
  /// The longest row, in bytes: a quote that is never closed must not fill the memory.
  public static let longestRow = 64 << 20
  private static let partBytes = 1 << 20
  private static let mostParts = 4

  /// The file's name in messages.
  public let name: String
  /// The different names of all columns in the file's order; that of nameless ones is empty.
  public let columnNames: [String]
  private let format: TableFormat
  private let names: ColumnNames
  private let parts: Int
  private let leastPart: Int
  private var bytes: ByteStream
  private let marks: Marks
  /// What stands above the rows: up to the end of the names, from there to the end of the units, and on.
  private let head: [[UInt8]]
  /// The number of the first byte of rows that has not been read, before the first block.
  private var headCount: Int
  /// The line of the next row.
  private var line: Int
  /// Whether the bytes that are there have been looked at, so that others are needed.
  private var needsMore = false
  private var isOver = false
  private var failure: TableError?

  /// Opens a file, `-` being standard input, and reads what stands above its rows.
  ///
  /// The format must not contradict itself. Throws ``TableError/Reason/empty`` if there are no names.
  public init(
    readingCSV path: Path, format: TableFormat = TableFormat(), threads: Int = 1
  ) throws(TableError) {
    precondition(format.contradiction == nil, "a format must not contradict itself")
    precondition(threads >= 1, "reading takes one thread or more")
    let file = path == Path("-") ? nil : path
    try self.init(
      file, name: file?.description ?? "standard input", format: format,
      parts: min(threads, Self.mostParts), partBytes: Self.partBytes)
  }

  init(
    _ file: Path?, name: String, format: TableFormat, parts: Int, partBytes: Int,
    leastPart: Int = 1 << 16
  ) throws(TableError) {
    var bytes = try ByteStream(file, name: name, capacity: parts * partBytes)
    let (head, lines, count) = try Self.head(of: &bytes, name: name, format: format)
    self.name = name
    self.parts = parts
    self.leastPart = leastPart
    self.head = lines
    headCount = count
    names = head.names
    columnNames = head.names.different
    self.format = head.format
    marks = Marks(head.format)
    line = head.scanner.line
    self.bytes = bytes
  }

  /// What stands above the rows, its lines, and how many bytes they have.
  typealias Head = (head: FileHead, lines: [[UInt8]], count: Int)

  /// Reads what stands above the rows of a stream.
  static func head(
    of bytes: inout ByteStream, name: String, format: TableFormat
  ) throws(TableError) -> Head {
    var found: Head?
    while found == nil {
      try bytes.fill()
      if bytes.isAtEnd { bytes.dropFinalControlZ() }
      let (end, isAtEnd) = (bytes.endOfLines, bytes.isAtEnd)
      if end == 0, !isAtEnd {
        if bytes.count == bytes.room { try bytes.growForLongRow(name: name, line: 1) }
        continue
      }
      do throws(TableError) {
        found = try bytes.withBytes(upTo: end) { text throws(TableError) in
          if let kind = ForeignKind(beginning: text) {
            throw TableError(.notText(kind), file: name)
          }
          return try Self.head(of: text, name: name, format: format, isWhole: isAtEnd)
        }
      } catch {
        let mayBeCut = error.reason == .empty || error.reason == .unterminatedQuote
        guard mayBeCut, !isAtEnd else { throw error }
      }
      if found == nil, bytes.count == bytes.room {
        try bytes.growForLongRow(name: name, line: 1)
      }
    }
    guard let found else { preconditionFailure("the head was read") }
    return found
  }

  /// What stands above the rows of a text, nil if more may belong to it.
  private static func head(
    of text: UnsafeBufferPointer<UInt8>, name: String, format: TableFormat, isWhole: Bool
  ) throws(TableError) -> Head? {
    let head = try FileHead(text, name: name, format: format)
    guard let start = text.baseAddress else { preconditionFailure("a stream has an address") }
    if format.hasUnits, head.unitsEnd == nil, !isWhole { return nil }
    let count = head.scanner.position - start
    let ends = [head.namesEnd, head.unitsEnd].compactMap(\.self).map { $0 - start }
    let lines = zip([0] + ends, ends).map { Array(text[$0..<$1]) }
    return (head, lines + [Array(text[(ends.last ?? 0)..<count])], count)
  }

  /// Why the values of a column cannot be asked for, be it that several have its name; nil if they can.
  public func fault(of names: [String]) -> TableError? {
    for name in names {
      if let fault = self.names.faults[name] { return fault }
    }
    return nil
  }

  /// The lines above the rows, with the names of additional columns.
  public func head(adding added: [String]) -> [UInt8] {
    if head.count == 1 { return head[0] }
    var fields = AddedFields(format)
    for name in added { fields.append(name) }
    var written = head[0].inserted(fields.bytes)
    if head.count == 3 {
      fields.removeAll()
      for _ in added { fields.appendEmpty() }
      written += head[1].inserted(fields.bytes)
    }
    return written + head[head.count - 1]
  }

  /// The next rows with more fields behind theirs, in pieces; nil when there are no more.
  ///
  /// `add` is called side by side, with some rows at a time, and adds the fields of each; where it throws, it has
  /// added those of the rows before the one at fault. The first fault, its or the file's, is thrown when the
  /// rows before it have been given. Lines that come slowly do not wait for others.
  public mutating func next(
    _ wanted: StreamedColumns,
    add: @escaping @Sendable (RowTile, inout AddedFields) throws(TableError) -> Void
  ) throws(TableError) -> [[UInt8]]? {
    if let failure { throw failure }
    bytes.removeFirst(headCount)
    headCount = 0
    while !isOver {
      if needsMore { try bytes.fill() }
      needsMore = true
      if bytes.isAtEnd { bytes.dropFinalControlZ() }
      let end = bytes.endOfLines
      if bytes.isAtEnd, end == 0 { break }
      if end > 0 {
        let taken = try take(upTo: end, wanted, add)
        if !taken.isEmpty || failure != nil { return taken }
      }
      if bytes.count == bytes.room { try bytes.growForLongRow(name: name, line: line) }
    }
    return nil
  }

  /// Reads the rows of the first bytes, and forgets these.
  private mutating func take(
    upTo end: Int, _ wanted: StreamedColumns,
    _ add: @escaping @Sendable (RowTile, inout AddedFields) throws(TableError) -> Void
  ) throws(TableError) -> [[UInt8]] {
    let header = Header(
      names: names.names, wanted: nil, leastFieldCount: max(1, names.leastCount), format: format)
    let reader = TileReader(wanted, header: header, marks: marks)
    let isWhole = bytes.isAtEnd && end == bytes.count
    let (name, line, marks) = (name, line, marks)
    let parts = max(1, min(parts, end / leastPart))
    let result = bytes.withBytes(upTo: end) { text in
      let whole = BlockReader(reader, text, name: name, marks: marks, line: line, parts: parts)
      return whole.read(add: add, isLast: isWhole)
    }
    failure = result.failure
    self.line = result.line
    bytes.removeFirst(result.count)
    if isWhole, failure == nil { isOver = true }
    return result.output
  }
}

extension ByteStream {
  /// Makes more room for a row that may be longer than there is.
  mutating func growForLongRow(name: String, line: Int) throws(TableError) {
    if room >= TableStream.longestRow { throw TableError(.longRow, file: name, line: line) }
    grow(to: min(2 * room, TableStream.longestRow))
  }
}

extension [UInt8] {
  /// The line with more before its line break.
  fileprivate func inserted(_ more: [UInt8]) -> [UInt8] {
    var end = count
    if end > 0, self[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    if end > 0, self[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return self[..<end] + more + self[end...]
  }
}
