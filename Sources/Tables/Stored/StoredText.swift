internal import CDecimal

/// A file of delimited fields whose blocks of rows are known by where they begin.
final class StoredText: Sendable {
  /// Some rows that follow each other, as long as they are in the file.
  struct Block: Sendable {
    let offset, byteCount: Int
    /// The line on which they begin.
    var line: Int
    let rowCount: Int
  }

  let blocks: [Block]
  /// Which of the table's files it is.
  private let number: Int
  private let isFirst: Bool
  private let name: String
  private let header: Header
  private let file: WatchedFile

  /// The rows of an open file.
  init(
    _ file: WatchedFile, number: Int, name: String, header: Header, blocks: [Block], isFirst: Bool
  ) {
    self.blocks = blocks
    self.number = number
    self.isFirst = isFirst
    self.name = name
    self.header = header
    self.file = file
  }

  /// The rows of a block.
  func table(ofBlock index: Int, _ shape: TableShape) throws(TableError) -> Table {
    let (read, lines) = try columns(
      ofBlock: index, texts: shape.natures.indices.filter { shape.natures[$0].isText })
    let columns = zip(zip(shape.fields, read), shape.natures).map { column, nature in
      let name = shape.names.names[column.0]
      return Column(
        name: name, fault: shape.names.faults[name], read: column.1, format: shape.format,
        nature: nature)
    }
    return shape.table(
      columns, rowCount: blocks[index].rowCount, lines: lines, isFirst: isFirst && index == 0)
  }

  /// The columns of a block as they are read; the given ones, and those with a word, hold texts.
  func columns(
    ofBlock index: Int, texts: [Int] = []
  ) throws(TableError) -> (columns: [RowReader.Column], lines: LineNumbers) {
    let block = blocks[index]
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(
      capacity: block.byteCount + Int(BP_WINDOW))
    defer { bytes.deallocate() }
    bytes.initialize(repeating: 0)
    var isWhole: Bool
    do throws(TableError) {
      isWhole = try file.read(bytes, count: block.byteCount, at: block.offset, name: name)
    } catch {
      throw file.change == nil ? error : changed
    }
    isWhole = isWhole && file.change == nil
    guard isWhole, let start = bytes.baseAddress.map({ UnsafePointer($0) }) else { throw changed }
    let scanner = FieldScanner(
      file: name, marks: Marks(header.format), position: start, end: start + block.byteCount,
      line: 0)
    var reader = RowReader(scanner, header: header)
    reader.readRows(reservingFor: block.byteCount)
    guard reader.failure == nil, reader.rowCount == block.rowCount else { throw changed }
    let words = reader.columns.indices.filter { reader.columns[$0].texts != nil }
    reader.completeTexts(of: Set(texts).union(words).sorted())
    let lines = LineNumbers(reader.lines, afterLines: block.line, ofFile: number)
    return (reader.takeColumns(afterLines: block.line, ofFile: number), lines)
  }

  private var changed: TableError {
    TableError(.changedWhileRead(onlyGrew: false), file: name)
  }
}

extension [StoredText] {
  /// The file that has one of all blocks, and the block's number there.
  func place(ofBlock block: Int) -> (text: StoredText, block: Int) {
    var first = 0
    for text in self {
      if block < first + text.blocks.count { return (text, block - first) }
      first += text.blocks.count
    }
    preconditionFailure("the block must be there")
  }
}
