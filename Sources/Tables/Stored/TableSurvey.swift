import Glibc

/// Goes once through the rows of files, and finds their blocks and what their columns hold.
struct TableSurvey {
  private let format: TableFormat
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
    let header: Header
    /// The file as it was opened; nil for what is no regular file.
    let watched: WatchedFile?
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

  /// What has been found of a column so far.
  fileprivate struct Found {
    var tally = Tally()
    var firstWord: TableError?
    /// Whether there are blocks of numbers, and of texts.
    var (hasNumbers, hasTexts) = (false, false)
    var isEmpty = true

    var isText: Bool { hasTexts && tally.isText }
  }

  /// The files, and the blocks of each.
  func texts(
    _ paths: [Path]
  ) throws(TableError) -> (shape: TableShape, texts: [StoredText], firstRows: [Int]) {
    var blocks = paths.map { _ in [StoredText.Block]() }
    var firstRows = [0]
    let found = try forEachBlock(of: paths) { block throws(TableError) in
      blocks[block.file].append(block.place)
      firstRows.append(firstRows[firstRows.count - 1] + block.place.rowCount)
    }
    var texts: [StoredText] = []
    var isFirst = true
    for (number, file) in found.files.enumerated() {
      guard let watched = file.watched else {
        throw TableError(.readOnlyOnce, file: file.name)
      }
      texts.append(
        StoredText(
          watched, number: number, name: file.name, header: file.header, blocks: blocks[number],
          isFirst: isFirst))
      isFirst = isFirst && blocks[number].isEmpty
    }
    return (found.shape, texts, firstRows)
  }

  /// Reads all rows, and gives `body` one block after the other.
  ///
  /// The given columns, counted among those that are read, hold text whatever a block looks like.
  func forEachBlock(
    of paths: [Path], textColumns: Set<Int> = [], _ body: (Block) throws(TableError) -> Void
  ) throws(TableError) -> Result {
    var files: [File] = []
    var first: (names: ColumnNames, header: Header)?
    var found: [Found] = []
    var passesNumber: Bool?
    for (number, path) in paths.enumerated() {
      let name = path == Path("-") ? "standard input" : "\(path)"
      var stream = try ByteStream(
        path == Path("-") ? nil : path, name: name, capacity: max(1 << 16, parts * partBytes))
      let watched = WatchedFile(reading: stream.descriptor)
      var offset = watched == nil ? 0 : Int(lseek(stream.descriptor, 0, SEEK_CUR))
      let (head, _, headCount) = try TableStream.head(of: &stream, name: name, format: format)
      if let first { try head.checkColumns(like: first.names, of: files[0].name, in: name) }
      let header = Header(
        names: head.names.names, wanted: wanted?(head.names.different),
        leastFieldCount: max(1, head.names.leastCount), format: head.format)
      if first == nil {
        first = (head.names, header)
        found = header.fields.map { _ in Found() }
      }
      files.append(File(name: name, header: header, watched: watched))
      var line = head.scanner.line
      let marks = Marks(head.format)
      offset += headCount
      stream.removeFirst(headCount)
      // Whether a field in quotes goes on behind the lines that were looked at last.
      var mayBeCut = false
      while try stream.hasLines(name: name, line: line) {
        let end = mayBeCut ? stream.endOfLines : stream.endOfLines(upTo: parts * partBytes)
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
          for (column, read) in block.columns.enumerated() { found[column].add(read, format) }
          passesNumber = passesNumber ?? part.passesNumber
          try body(block)
        }
        (offset, line) = (offset + part.count, part.line)
        stream.removeFirst(part.count)
      }
      if let change = watched?.change {
        throw TableError(.changedWhileRead(onlyGrew: change == .growth), file: name)
      }
    }
    guard let (firstNames, header) = first else {
      preconditionFailure("a table has at least one file")
    }
    guard let passesNumber else { throw TableError(.noRows, file: files[0].name) }
    var (names, fields) = (firstNames, header.fields)
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
  /// Whether there are whole lines, or the rest of the file; waits for them.
  fileprivate mutating func hasLines(name: String, line: Int) throws(TableError) -> Bool {
    while true {
      try fill()
      if isAtEnd { dropFinalControlZ() }
      if endOfLines > 0 || isAtEnd { return endOfLines > 0 }
      if count == room { try growForLongRow(name: name, line: line) }
    }
  }
}

extension WatchedFile {
  /// What a stream reads from, if it is a regular file.
  fileprivate init?(reading descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(fcntl(descriptor, F_DUPFD_CLOEXEC, 0), status)
  }
}
