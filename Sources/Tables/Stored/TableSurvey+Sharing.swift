extension TableSurvey {
  /// Finds the blocks of files together with other processes, each of which reads a range of the bytes; nil if one of
  /// them has failed.
  ///
  /// A range may begin within a field in quotes, which only the rows before it can tell. So each process says where
  /// its rows began and ended, and one that did not begin where those before it ended goes again from there.
  func texts(_ paths: [Path], by sharing: Sharing) throws(TableError) -> Texts? {
    var files: [File] = []
    guard let parts = parts(of: paths, &files, by: sharing) else { return nil }
    var blocks: [PlacedBlock] = []
    var findings = Findings(files[0].header)
    var line = 0
    for var part in parts {
      part.count(afterLines: part.begin.offset > 0 ? line : 0)
      line = part.line
      blocks += part.blocks
      findings.add(part.findings)
    }
    let texts = try Self.texts(of: files, blocks)
    try findings.findWords(in: texts)
    return Texts(
      shape: try result(of: files, findings).shape, texts: texts,
      firstRows: Self.firstRows(of: blocks))
  }

  /// What each process has found in its range of the bytes; nil if one has failed, or reads other files.
  private func parts(of paths: [Path], _ files: inout [File], by sharing: Sharing) -> [Part]? {
    let known = sharing.gather { () throws(TableError) -> [[Int]] in
      for path in paths {
        files.append(try open(path, like: files.first, capacity: 1 << 16).file)
      }
      return [format.spelling.utf8.map(Int.init)]
        + (try files.map { file throws(TableError) in
          guard let status = file.watched?.status else {
            throw TableError(.readOnlyOnce, file: file.name)
          }
          return [status.size, status.seconds, status.nanoseconds] + file.header.fields
        })
    }
    guard let known else { return nil }
    if known.contains(where: { $0 != known[0] }) {
      sharing.stop()
      return nil
    }
    let sizes = known[0].dropFirst().map { $0[0] }
    func place(ofByte byte: Int) -> TextPlace {
      var offset = byte
      for (number, size) in sizes.enumerated() {
        if offset < size {
          return TextPlace(file: number, offset: offset > files[number].start.offset ? offset : 0)
        }
        offset -= size
      }
      return TextPlace(file: sizes.count, offset: 0)
    }
    let range = sharing.part(of: sizes.reduce(0, +))
    let stop = place(ofByte: range.upperBound)
    var own = part(of: files, from: place(ofByte: range.lowerBound), isLine: false, upTo: stop)
    while let all = sharing.gather({ own }) {
      let wrong = all.indices.dropFirst().first { all[$0].begin != all[$0 - 1].end }
      if all[..<(wrong ?? all.count)].contains(where: \.hasFailed) { break }
      if wrong == nil { return all }
      if sharing.rank > 0, case let before = all[sharing.rank - 1], own.begin != before.end,
        !before.hasFailed
      {
        own = part(of: files, from: before.end, isLine: true, upTo: stop)
      }
    }
    sharing.stop()
    return nil
  }

  /// Reads the rows whose lines begin between two places; the first one is passed to a line's beginning unless it is
  /// one.
  private func part(
    of files: [File], from start: TextPlace, isLine: Bool, upTo stop: TextPlace
  ) -> Part {
    var part = Part(begin: start, end: start, findings: Findings(files[0].header))
    do throws(TableError) {
      if !isLine, start.offset > 0 { part.begin = try place(ofLineFrom: start, in: files) }
      part.end = part.begin
      while part.end < stop { try readRows(of: files, upTo: stop, into: &part) }
    } catch {
      part.hasFailed = true
    }
    return part
  }

  /// Where the first line begins from a place on.
  private func place(
    ofLineFrom place: TextPlace, in files: [File]
  ) throws(TableError) -> TextPlace {
    // A line that begins here ends with the byte before.
    var stream = try files[place.file].stream(from: place.offset - 1, capacity: 1 << 16)
    let offset = place.offset - 1 + (try stream.removeLine())
    return place.moved(to: offset, isLast: stream.isAtEnd && stream.count == 0)
  }

  /// Reads the rows of one file from the end of a part on.
  private func readRows(
    of files: [File], upTo stop: TextPlace, into part: inout Part
  ) throws(TableError) {
    let place = part.end
    let file = files[place.file]
    let start = place.offset == 0 ? file.start : (offset: place.offset, line: part.line)
    var stream = try file.stream(from: start.offset, capacity: bufferSize)
    var blocks: [PlacedBlock] = []
    let end = try readRows(
      of: place.file, files, from: &stream, at: start,
      upTo: place.file == stop.file ? stop.offset : .max, findings: &part.findings
    ) { block throws(TableError) in
      blocks.append(PlacedBlock(file: block.file, place: block.place))
    }
    try file.checkIsWhole()
    part.blocks += blocks
    part.line = end.line
    part.end = place.moved(to: end.offset, isLast: stream.isAtEnd && stream.count == 0)
  }
}

/// A place in one of several files where a row may begin: 0 is where the file's rows do, and its end is the next
/// one's 0.
private struct TextPlace: Hashable, Comparable, ByteCodable {
  let file, offset: Int

  init(file: Int, offset: Int) { (self.file, self.offset) = (file, offset) }

  static func < (one: TextPlace, other: TextPlace) -> Bool {
    (one.file, one.offset) < (other.file, other.offset)
  }

  /// Another byte of the file, or its end.
  func moved(to offset: Int, isLast: Bool) -> TextPlace {
    isLast ? TextPlace(file: file + 1, offset: 0) : TextPlace(file: file, offset: offset)
  }

  init(from bytes: inout ByteReader) throws(BytesEnd) {
    (file, offset) = (try bytes.integer(), try bytes.integer())
  }

  func write(to bytes: inout ByteWriter) {
    bytes.put(file)
    bytes.put(offset)
  }
}

/// What one of several processes has found.
private struct Part: ByteCodable {
  var begin: TextPlace
  /// Where its rows end, and the line there, which counts from the part's beginning in the file in which it began.
  var end: TextPlace
  var line = 0
  var hasFailed = false
  var blocks: [TableSurvey.PlacedBlock] = []
  var findings: TableSurvey.Findings

  init(begin: TextPlace, end: TextPlace, findings: TableSurvey.Findings) {
    (self.begin, self.end, self.findings) = (begin, end, findings)
  }

  /// Says how many lines are before the part in the file in which it begins.
  mutating func count(afterLines lines: Int) {
    if end.file == begin.file { line += lines }
    for index in blocks.indices where blocks[index].file == begin.file {
      blocks[index].place.line += lines
    }
  }

  init(from bytes: inout ByteReader) throws(BytesEnd) {
    (begin, end) = (try TextPlace(from: &bytes), try TextPlace(from: &bytes))
    line = try bytes.integer()
    hasFailed = try bytes.integer() == 1
    blocks = try [TableSurvey.PlacedBlock](from: &bytes)
    findings = try TableSurvey.Findings(from: &bytes)
  }

  func write(to bytes: inout ByteWriter) {
    begin.write(to: &bytes)
    end.write(to: &bytes)
    bytes.put(line)
    bytes.put(hasFailed ? 1 : 0)
    blocks.write(to: &bytes)
    findings.write(to: &bytes)
  }
}

extension TableSurvey.File {
  /// What the file holds from a byte on.
  fileprivate func stream(from offset: Int, capacity: Int) throws(TableError) -> ByteStream {
    guard let watched else { throw TableError(.readOnlyOnce, file: name) }
    return ByteStream(watched, from: offset, name: name, capacity: capacity)
  }
}

extension TableSurvey.Findings: ByteCodable {
  /// Takes what was found of the blocks after these into account.
  fileprivate mutating func add(_ later: TableSurvey.Findings) {
    for (column, found) in later.columns.enumerated() {
      columns[column].tally.numbers += found.tally.numbers
      columns[column].tally.words += found.tally.words
      columns[column].hasNumbers = columns[column].hasNumbers || found.hasNumbers
      columns[column].hasTexts = columns[column].hasTexts || found.hasTexts
      columns[column].isEmpty = columns[column].isEmpty && found.isEmpty
      columns[column].firstWordBlock =
        columns[column].firstWordBlock ?? found.firstWordBlock.map { $0 + blockCount }
    }
    passesNumber = passesNumber ?? later.passesNumber
    blockCount += later.blockCount
  }

  /// Reads the first word of each column again, of which nothing but the block has been told.
  fileprivate mutating func findWords(in texts: [StoredText]) throws(TableError) {
    var read: [Int: [RowReader.Column]] = [:]
    for column in columns.indices {
      guard let number = columns[column].firstWordBlock else { continue }
      let (text, block) = texts.place(ofBlock: number)
      if read[number] == nil { read[number] = try text.columns(ofBlock: block).columns }
      columns[column].firstWord = read[number]?[column].notANumber?.error
    }
  }

  init(from bytes: inout ByteReader) throws(BytesEnd) {
    columns = try [TableSurvey.Found](from: &bytes)
    passesNumber = try Int?(from: &bytes).map { $0 == 1 }
    blockCount = try bytes.integer()
  }

  func write(to bytes: inout ByteWriter) {
    columns.write(to: &bytes)
    passesNumber.map { $0 ? 1 : 0 }.write(to: &bytes)
    bytes.put(blockCount)
  }
}

extension TableSurvey.Found: ByteCodable {
  init(from bytes: inout ByteReader) throws(BytesEnd) {
    let numbers = try bytes.integers(5)
    tally = Tally(numbers: numbers[0], words: numbers[1])
    (hasNumbers, hasTexts, isEmpty) = (numbers[2] == 1, numbers[3] == 1, numbers[4] == 1)
    firstWordBlock = try Int?(from: &bytes)
  }

  func write(to bytes: inout ByteWriter) {
    for number in [
      tally.numbers, tally.words, hasNumbers ? 1 : 0, hasTexts ? 1 : 0, isEmpty ? 1 : 0,
    ] {
      bytes.put(number)
    }
    firstWordBlock.write(to: &bytes)
  }
}

extension TableSurvey.PlacedBlock: ByteCodable {
  init(from bytes: inout ByteReader) throws(BytesEnd) {
    let numbers = try bytes.integers(5)
    file = numbers[0]
    place = StoredText.Block(
      offset: numbers[1], byteCount: numbers[2], line: numbers[3], rowCount: numbers[4])
  }

  func write(to bytes: inout ByteWriter) {
    for number in [file, place.offset, place.byteCount, place.line, place.rowCount] {
      bytes.put(number)
    }
  }
}
