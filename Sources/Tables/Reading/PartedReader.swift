/// The rows of a text, read by several readers side by side.
///
/// The text is cut where lines begin. A cut may lie within a quoted field, which only the rows before
/// it can tell: each part's reader says where its last row ended, and a part that does not begin there
/// is read again from there. So what comes out is what one reader would give.
struct PartedReader {
  private(set) var rowCount = 0
  private(set) var lines = LineNumbers()
  private let readers: Slots<RowReader>
  /// The lines before each part.
  private var linesBefore: [Int] = []
  /// Where the rows end that have been read, and the line there.
  private(set) var end: TextPointer
  private(set) var line: Int
  private let whole: FieldScanner
  private let header: Header

  /// A reader of the rows from the scanner's position to its end in up to so many parts.
  init(_ scanner: FieldScanner, header: Header, parts: Int) {
    whole = scanner
    (end, line) = (scanner.position, scanner.line)
    self.header = header
    var starts = [scanner.position]
    let length = scanner.end - scanner.position
    for part in stride(from: 1, to: parts, by: 1) {
      let start = lineStart(from: scanner.position + length / parts * part, to: scanner.end)
      if start > starts[starts.count - 1], start < scanner.end { starts.append(start) }
    }
    let ends = starts.dropFirst() + [scanner.end]
    readers = Slots(
      zip(starts, ends).map { RowReader(scanner.part(from: $0, to: $1, line: 0), header: header) })
  }

  /// Reads all rows; throws the first thing that is wrong with one.
  ///
  /// A column that turns out to hold text lacks it for the rows before: see ``completeTexts(of:)``.
  mutating func readRows() throws(TableError) {
    let length = whole.end - whole.position
    concurrently(readers.count) { [readers] part in
      // The rows of the others will be put behind the first part's.
      readers[part].readRows(reservingFor: part == 0 ? length : readers[part].length)
    }
    try checkParts()
  }

  /// The columns that hold text in some row.
  var textColumns: [Int] {
    header.fields.indices.filter { column in
      (0..<readers.count).contains { readers[$0].columns[column].texts != nil }
    }
  }

  /// Makes columns hold the text of every row.
  func completeTexts(of columns: [Int]) {
    if columns.isEmpty { return }
    concurrently(readers.count) { [readers] part in readers[part].completeTexts(of: columns) }
  }

  /// Finds the line that each part begins on, and reads those again that do not begin with a row.
  private mutating func checkParts() throws(TableError) {
    for part in 0..<readers.count {
      let partEnd = readers[part].end
      linesBefore.append(line)
      if readers[part].start != end {
        readers[part] = RowReader(
          whole.part(from: min(end, partEnd), to: partEnd, line: 0), header: header)
        if end >= partEnd { continue }
        readers[part].readRows(reservingFor: partEnd - end)
      }
      if let failure = readers[part].failure { throw failure.after(lines: line) }
      lines.append(contentsOf: readers[part].lines, afterRows: rowCount, afterLines: line)
      rowCount += readers[part].rowCount
      end = readers[part].scanner.position
      line += readers[part].scanner.line
      // Only a zero byte ends the rows earlier.
      if end < partEnd { throw TableError(.notText(.binary), file: whole.file, line: line) }
    }
  }

  /// Whether a field of the first row holds a number and is passed over.
  var passesNumber: Bool { readers[0].passesNumber }

  /// The columns of all parts, joined; they are gone from this reader.
  func takeColumns(ofFile number: Int) -> [RowReader.Column] {
    Self.joined(
      (0..<readers.count).map { part in
        readers[part].takeColumns(afterLines: linesBefore[part], ofFile: number)
      })
  }

  /// The parts that have rows, each as a block of a text that begins at `text`, and there at a file's byte of that
  /// number; their columns are gone from this reader.
  func takeBlocks(
    ofFile number: Int, at offset: Int, from text: TextPointer
  ) -> [TableSurvey.Block] {
    (0..<readers.count).compactMap { part in
      let (start, end) = (readers[part].start, readers[part].scanner.position)
      let rowCount = readers[part].rowCount
      if rowCount == 0 { return nil }
      let line = linesBefore[part]
      return TableSurvey.Block(
        file: number,
        place: StoredText.Block(
          offset: offset + (start - text), byteCount: end - start, line: line, rowCount: rowCount),
        columns: readers[part].takeColumns(afterLines: line, ofFile: number),
        lines: LineNumbers(readers[part].lines, afterLines: line, ofFile: number))
    }
  }

  /// The columns of parts that follow each other.
  static func joined(_ parts: consuming [[RowReader.Column]]) -> [RowReader.Column] {
    if parts.count == 1 { return parts[0] }
    let threads = max(1, min(parts.count, parts[0].count))
    let columns = Slots(parts[0].indices.map { column in parts.map { $0[column] } })
    // Now each column's memory is its slot's alone, and can grow in place.
    parts = []
    concurrently(threads) { thread in
      for column in stride(from: thread, to: columns.count, by: threads) {
        columns[column] = [RowReader.Column(joining: &columns[column])]
      }
    }
    return (0..<columns.count).map { columns[$0][0] }
  }
}

extension RowReader.Column {
  /// The rows of all parts, which are left empty.
  fileprivate init(joining parts: inout [RowReader.Column]) {
    self = parts[0]
    parts[0] = RowReader.Column()
    for part in parts.indices.dropFirst() {
      numbers.append(contentsOf: parts[part].numbers)
      if let more = parts[part].texts { texts?.append(contentsOf: more) }
      notANumber = notANumber ?? parts[part].notANumber
      missing = missing ?? parts[part].missing
      notFinite = notFinite ?? parts[part].notFinite
      notUTF8 = notUTF8 ?? parts[part].notUTF8
      parts[part] = RowReader.Column()
    }
  }
}

/// The first position from `start` on where a line begins, or `end`.
func lineStart(from start: TextPointer, to end: TextPointer) -> TextPointer {
  var position = start
  while position < end {
    let before = position[-1]
    if before == UInt8(ascii: "\n") { return position }
    if before == UInt8(ascii: "\r"), position[0] != UInt8(ascii: "\n") { return position }
    position += 1
  }
  return end
}
