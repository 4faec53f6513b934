import Glibc

/// Goes once through the rows of files, and finds their blocks and what their columns hold.
struct TableSurvey {
  let format: TableFormat
  private let parts: Int
  private let partBytes: Int
  private let wanted: (([String]) -> Set<String>)?

  /// A survey that reads `parts` parts of some bytes side by side, each of them a block.
  init(
    format: TableFormat, parts: Int, partBytes: Int, wanted: (([String]) -> Set<String>)?
  ) {
    self.format = format
    self.parts = parts
    self.partBytes = partBytes
    self.wanted = wanted
  }

  /// One of the files.
  struct File {
    let name: String
    let names: ColumnNames
    let header: Header
    /// The file as it was opened; nil for what is no regular file.
    let watched: WatchedFile?
    /// Where what stands above the rows ends, and the line there.
    let start: (offset: Int, line: Int)
  }

  /// A file whose head has been read.
  struct OpenFile: ~Copyable {
    let file: File
    /// What follows the head.
    var stream: ByteStream
  }

  /// A block, as it was read.
  struct Block {
    /// Which of the files it is in.
    let file: Int
    let place: StoredText.Block
    let columns: [RowReader.Column]
    let lines: LineNumbers
  }

  /// What is found of all blocks.
  struct Result {
    var shape: TableShape
    var files: [File]
    /// The columns of words of which some blocks were read as numbers, counted among those that are read.
    var textsReadAsNumbers: Set<Int>
  }

  /// What has been found of some blocks.
  struct Findings {
    /// Of the columns that are read.
    var columns: [Found]
    /// Whether a field of the first row holds a number and is passed over; nil where there is no row yet.
    var passesNumber: Bool?
    var blockCount = 0
  }

  /// What has been found of a column so far.
  struct Found {
    var tally = Tally()
    var firstWord: TableError?
    /// The number of the block with the first word.
    var firstWordBlock: Int?
    /// Whether there are blocks of numbers, and of texts.
    var (hasNumbers, hasTexts) = (false, false)
    var isEmpty = true

    var isText: Bool { hasTexts && tally.isText }
  }

  /// The blocks of files, and what their columns hold.
  struct Texts {
    let shape: TableShape
    let texts: [StoredText]
    /// The number of the first row of each block, and the number of all rows.
    let firstRows: [Int]
  }

  /// Finds the blocks of files, all of which can be read again.
  func texts(_ paths: [Path]) throws(TableError) -> Texts {
    var blocks: [PlacedBlock] = []
    let found = try forEachBlock(of: paths) { block throws(TableError) in
      blocks.append(PlacedBlock(file: block.file, place: block.place))
    }
    return Texts(
      shape: found.shape, texts: try Self.texts(of: found.files, blocks),
      firstRows: Self.firstRows(of: blocks))
  }

  /// Where a block is.
  struct PlacedBlock {
    let file: Int
    var place: StoredText.Block
  }

  /// Files that stay open, with their blocks.
  static func texts(of files: [File], _ blocks: [PlacedBlock]) throws(TableError) -> [StoredText] {
    var texts: [StoredText] = []
    var rest = blocks[...]
    for (number, file) in files.enumerated() {
      guard let watched = file.watched else {
        throw TableError(.readOnlyOnce, file: file.name)
      }
      let own = rest.prefix { $0.file == number }
      texts.append(
        StoredText(
          watched, number: number, name: file.name, header: file.header, blocks: own.map(\.place),
          isFirst: rest.startIndex == 0))
      rest = rest.dropFirst(own.count)
    }
    return texts
  }

  static func firstRows(of blocks: [PlacedBlock]) -> [Int] {
    blocks.reduce(into: [0]) { rows, block in
      rows.append(rows[rows.count - 1] + block.place.rowCount)
    }
  }

  /// Reads all rows, and gives `body` one block after the other.
  ///
  /// The given columns, counted among those that are read, hold text whatever a block looks like.
  func forEachBlock(
    of paths: [Path], textColumns: Set<Int> = [], _ body: (Block) throws(TableError) -> Void
  ) throws(TableError) -> Result {
    var files: [File] = []
    var findings: Findings?
    for (number, path) in paths.enumerated() {
      var opened = try open(path, like: files.first, capacity: bufferSize)
      let file = opened.file
      files.append(file)
      var found = findings ?? Findings(file.header)
      _ = try readRows(
        of: number, files, from: &opened.stream, at: file.start, textColumns: textColumns,
        findings: &found, body)
      findings = found
      try file.checkIsWhole()
    }
    guard let findings else { preconditionFailure("a table has at least one file") }
    return try result(of: files, findings)
  }

  /// How many bytes are in memory at a time, unless a row is longer.
  var bufferSize: Int { max(1 << 16, parts * partBytes) }

  /// Opens a file, of which the columns must be those of `first` if there is one.
  func open(
    _ path: Path, like first: File?, capacity: Int
  ) throws(TableError) -> OpenFile {
    let name = path == Path("-") ? "standard input" : "\(path)"
    var stream = try ByteStream(path == Path("-") ? nil : path, name: name, capacity: capacity)
    let watched = try stream.watchedFile(name: name)
    let offset = watched == nil ? 0 : Int(lseek(stream.descriptor, 0, SEEK_CUR))
    let (head, _, headCount) = try TableStream.head(of: &stream, name: name, format: format)
    if let first { try head.checkColumns(like: first.names, of: first.name, in: name) }
    let header = Header(
      names: head.names.names, wanted: wanted?(head.names.different),
      leastFieldCount: max(1, head.names.leastCount), format: head.format)
    let start = (offset + headCount, head.scanner.line)
    stream.removeFirst(headCount)
    return OpenFile(
      file: File(name: name, names: head.names, header: header, watched: watched, start: start),
      stream: stream)
  }

  /// Reads the rows of the file of that number, from where the stream is on, and gives their blocks to `body`.
  ///
  /// Those are read whose lines begin before the byte `stop`. Gives where they end, and the line there.
  func readRows(
    of number: Int, _ files: [File], from stream: inout ByteStream,
    at start: (offset: Int, line: Int), upTo stop: Int = .max, textColumns: Set<Int> = [],
    findings: inout Findings, _ body: (Block) throws(TableError) -> Void
  ) throws(TableError) -> (offset: Int, line: Int) {
    let (name, header) = (files[number].name, files[number].header)
    let marks = Marks(header.format)
    var (offset, line) = start
    // Whether a field in quotes goes on behind the lines that were looked at last.
    var mayBeCut = false
    while offset < stop, try stream.hasLines(name: name, line: line) {
      let end =
        mayBeCut
        ? stream.endOfRow(before: stop - offset, marks) ?? stream.endOfLines
        : stream.endOfLines(upTo: min(parts * partBytes, stop - offset))
      let isWhole = stream.isAtEnd && end == stream.count
      let part: (blocks: [Block], count: Int, line: Int, passesNumber: Bool)?
      part = try stream.withBytes(upTo: end) { text throws(TableError) in
        guard let start = text.baseAddress else { preconditionFailure("a stream has an address") }
        let scanner = FieldScanner(
          file: name, marks: marks, position: start, end: start + end, line: line)
        var reader = PartedReader(
          scanner, header: header, parts: min(parts, 1 + (end - 1) / partBytes))
        do throws(TableError) { try reader.readRows() } catch {
          // The rest of a field in quotes may be still to come.
          if error.reason == .unterminatedQuote, !isWhole { return nil }
          // Whatever a zero byte led to, it is the cause.
          guard let zero = lineOfZero(in: text) else { throw error }
          throw TableError(.notText(.binary), file: name, line: line + zero - 1)
        }
        reader.completeTexts(of: textColumns.union(reader.textColumns).sorted())
        let passesNumber = reader.passesNumber
        let blocks = reader.takeBlocks(ofFile: number, at: offset, from: start)
        return (blocks, reader.end - start, reader.line, passesNumber)
      }
      guard let part else {
        if mayBeCut { try stream.growForLongRow(name: name, line: line) }
        mayBeCut = true
        continue
      }
      mayBeCut = false
      for block in part.blocks {
        findings.add(block, passesNumber: part.passesNumber, format)
        try body(block)
      }
      (offset, line) = (offset + part.count, part.line)
      stream.removeFirst(part.count)
    }
    return (offset, line)
  }

  /// What is found of all blocks, of which there is at least one.
  func result(of files: [File], _ findings: Findings) throws(TableError) -> Result {
    guard let passesNumber = findings.passesNumber else {
      throw TableError(.noRows, file: files[0].name)
    }
    let (header, found) = (files[0].header, findings.columns)
    var (names, fields) = (files[0].names, header.fields)
    while names.names.count > header.leastFieldCount, found[fields.count - 1].isEmpty {
      names.names.removeLast()
      fields.removeLast()
    }
    let natures = found.prefix(fields.count).map {
      Column.Nature(isText: $0.isText, firstWord: $0.firstWord)
    }
    return Result(
      shape: TableShape(
        files: files.map(\.name), names: names, format: header.format, fields: fields,
        natures: natures,
        mayHaveUnits: header.format.hasHeader && !header.format.hasUnits && !passesNumber),
      files: files,
      textsReadAsNumbers: Set(natures.indices.filter { found[$0].isText && found[$0].hasNumbers }))
  }
}

extension TableSurvey.File {
  /// Throws if somebody has written to the file.
  func checkIsWhole() throws(TableError) {
    if let change = watched?.change {
      throw TableError(.changedWhileRead(onlyGrew: change == .growth), file: name)
    }
  }
}

extension TableSurvey.Findings {
  /// Nothing of the columns that a header reads.
  init(_ header: Header) { columns = header.fields.map { _ in TableSurvey.Found() } }

  /// Takes a block into account.
  fileprivate mutating func add(
    _ block: TableSurvey.Block, passesNumber: Bool, _ format: TableFormat
  ) {
    for (column, read) in block.columns.enumerated() {
      if read.notANumber != nil, columns[column].firstWord == nil {
        columns[column].firstWordBlock = blockCount
      }
      columns[column].add(read, format)
    }
    self.passesNumber = self.passesNumber ?? passesNumber
    blockCount += 1
  }
}

extension TableSurvey.Found {
  /// Takes a block of the column into account.
  fileprivate mutating func add(_ column: RowReader.Column, _ format: TableFormat) {
    if let texts = column.texts {
      let own = texts.tally(point: format.decimal)
      tally.numbers += own.numbers
      tally.words += own.words
      hasTexts = true
      isEmpty = isEmpty && texts.levelCount == 0
      firstWord = firstWord ?? column.notANumber?.error
      return
    }
    hasNumbers = true
    if column.missing == nil, column.notFinite == nil {
      tally.numbers += column.numbers.count
      isEmpty = isEmpty && column.numbers.isEmpty
      return
    }
    for number in column.numbers where !number.isMissing {
      isEmpty = false
      if NumberWord(number)?.isNaN != true { tally.numbers += 1 }
    }
  }
}

extension ByteStream {
  /// What it reads from, if that is a regular file.
  fileprivate borrowing func watchedFile(name: String) throws(TableError) -> WatchedFile? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return try WatchedFile(duplicating: descriptor, status, name: name)
  }

  /// Whether there are whole lines, or the rest of the file; waits for them.
  fileprivate mutating func hasLines(name: String, line: Int) throws(TableError) -> Bool {
    while true {
      try fill()
      if isAtEnd { dropFinalControlZ() }
      if endOfLines > 0 || isAtEnd { return endOfLines > 0 }
      if count == room { try growForLongRow(name: name, line: line) }
    }
  }

  /// Where the last row ends that begins before the byte `stop` of the whole lines that are there; nil if it goes on
  /// behind them, or more rows do that begin before.
  fileprivate mutating func endOfRow(before stop: Int, _ marks: Marks) -> Int? {
    if endOfLines <= stop { return nil }
    return withBytes(upTo: endOfLines) { text in
      guard let start = text.baseAddress else { preconditionFailure("a stream has an address") }
      var scanner = FieldScanner(
        file: "", marks: marks, position: start, end: start + text.count, line: 0)
      while scanner.position - start < stop, scanner.passToRow() {
        repeat {
          guard (try? scanner.nextField()) != nil else { return nil }
        } while scanner.passFieldEnd()
      }
      return scanner.position - start < stop ? nil : scanner.position - start
    }
  }
}
