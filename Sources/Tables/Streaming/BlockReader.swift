import Glibc

/// The rows of a block of a stream, read by several readers side by side and written with more fields.
///
/// As in a ``PartedReader``, a part whose first row began before it is read again from where it begins.
struct BlockReader {
  typealias Add = @Sendable (RowTile, inout AddedFields) throws(TableError) -> Void

  /// What has become of a block.
  struct Result {
    var output: [[UInt8]] = []
    /// How many bytes have been read, and the line after them.
    var count = 0
    var line: Int
    /// What ended the reading, if anything did.
    var failure: TableError?
  }

  private let reader: TileReader
  private let start: TextPointer
  private let end: TextPointer
  /// A zero byte, which no text has.
  private let zero: TextPointer?
  private let whole: FieldScanner
  private let parts: Int

  /// A reader of whole lines, or of the last of a file, which begin at `line`.
  init(
    _ reader: TileReader, _ text: UnsafeBufferPointer<UInt8>, name: String, marks: Marks,
    line: Int, parts: Int
  ) {
    guard let start = text.baseAddress else { preconditionFailure("a stream has an address") }
    self.reader = reader
    self.start = start
    zero = memchr(start, 0, text.count).map {
      start + (UnsafeRawPointer($0) - UnsafeRawPointer(start))
    }
    // The row with the zero is none.
    end = zero.map { beginOfLine(at: $0, from: start) } ?? start + text.count
    whole = FieldScanner(file: name, marks: marks, position: start, end: end, line: line)
    self.parts = parts
  }

  /// Reads the rows; a quote that the block does not close is left, unless it is the `isLast`.
  func read(add: @escaping Add, isLast: Bool) -> Result {
    var starts = [start]
    for part in stride(from: 1, to: parts, by: 1) {
      let begin = lineStart(from: start + (end - start) / parts * part, to: end)
      if begin > starts[starts.count - 1], begin < end { starts.append(begin) }
    }
    let ends = starts.dropFirst() + [end]
    let slots = Slots(
      zip(starts, ends).map { PartReader(reader, whole.part(from: $0, to: $1, line: 0)) })
    concurrently(slots.count) { part in slots[part].read(add) }
    var result = Result(line: whole.line)
    var position = start
    for part in 0..<slots.count {
      let end = slots[part].end
      if slots[part].start != position {
        if position >= end { continue }
        slots[part] = PartReader(reader, whole.part(from: position, to: end, line: 0))
        slots[part].read(add)
      }
      result.output.append(slots[part].output)
      position = slots[part].scanner.position
      if let failure = slots[part].failure {
        let isCut = failure.reason == .unterminatedQuote && (!isLast || zero != nil)
        if !isCut { result.failure = failure.after(lines: result.line) }
      }
      result.line += slots[part].scanner.line
      if slots[part].failure != nil { break }
    }
    result.count = position - start
    result.output.removeAll(where: \.isEmpty)
    if let zero, result.failure == nil {
      let before = UnsafeBufferPointer(start: start, count: zero - start)
      let line = whole.line + before.count { $0 == UInt8(ascii: "\n") }
      result.failure = TableError(.notText(.binary), file: whole.file, line: line)
    }
    return result
  }
}

/// Where the line begins in which a position is.
private func beginOfLine(at position: TextPointer, from start: TextPointer) -> TextPointer {
  var begin = position
  while begin > start, !isLineEnd(begin[-1]) { begin -= 1 }
  return begin
}

/// The rows of a part of a block.
private struct PartReader {
  private let reader: TileReader
  private let first: FieldScanner
  /// Where the first row begins that has not been read.
  private(set) var scanner: FieldScanner
  private(set) var output: [UInt8] = []
  private(set) var failure: TableError?

  init(_ reader: TileReader, _ scanner: FieldScanner) {
    self.reader = reader
    first = scanner
    self.scanner = scanner
  }

  var start: TextPointer { first.position }
  var end: TextPointer { first.end }

  mutating func read(_ add: BlockReader.Add) {
    var tile = RowTile(reader.wanted.columns, fields: reader.fields, file: scanner.file)
    var added = AddedFields(reader.header.format)
    output.reserveCapacity((end - start) * 5 / 4)
    while failure == nil {
      tile.removeAll()
      added.removeAll()
      let from = scanner.position
      do throws(TableError) { try reader.readRows(&scanner, into: &tile) } catch {
        failure = error
      }
      if tile.rowCount > 0 {
        do throws(TableError) { try add(tile, &added) } catch { failure = error }
      }
      write(from, tile, added)
      if !tile.isFull { return }
    }
  }

  /// Writes the bytes from a position on, with the fields that were added.
  ///
  /// After a failure that is the rows before it, else all up to where the scanner is.
  private mutating func write(_ from: TextPointer, _ tile: RowTile, _ added: AddedFields) {
    var from = from
    let spelling = FieldSpelling(reader.header.format)
    func bytes(to end: TextPointer) -> UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(start: from, count: end - from)
    }
    added.bytes.withUnsafeBufferPointer { fields in
      var first = 0
      for (row, end) in added.ends.enumerated() {
        let place = tile.places[row]
        output.append(contentsOf: bytes(to: place.fieldsEnd))
        for _ in place.fieldCount..<max(place.fieldCount, reader.header.names.count) {
          output.append(spelling.delimiter)
          output.append(contentsOf: spelling.empty)
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: fields[first..<end]))
        first = end
        from = place.rest
      }
    }
    if added.ends.count < tile.rowCount {
      // The rest of the last row's line.
      var end = from
      if !added.ends.isEmpty { while !isLineEnd(end[0]) { end += 1 } }
      if !added.ends.isEmpty, end[0] == UInt8(ascii: "\r") { end += 1 }
      if !added.ends.isEmpty, end[0] == UInt8(ascii: "\n") { end += 1 }
      output.append(contentsOf: bytes(to: end))
    } else {
      output.append(contentsOf: bytes(to: scanner.position))
    }
  }
}
