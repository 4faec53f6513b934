internal import CChecksum
import Glibc

/// A file with the columns of a table as they are in memory, open for reading and writing.
///
/// It is closed when neither a table nor anyone else holds it.
public final class CacheFile: Sendable {
  let descriptor: Int32
  let name: String

  /// Takes over an open file; `name` is for messages.
  public init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  deinit { close(descriptor) }

  /// The columns that it has, if it is a cache; else none.
  public var columns: [String] {
    guard let list = try? CacheList(reading: self) else { return [] }
    return list.shape.fields.map { list.shape.names.names[$0] }
  }

  fileprivate func error(_ reason: TableError.Reason) -> TableError {
    TableError(reason, file: name)
  }
}

/// The rows of a table in a ``CacheFile``.
///
/// The file begins with a mark. Then come the blocks: their lines and their columns, numbers as float32 where that
/// loses nothing, else as float64, texts as their different ones and a code for each row. At the end stand a list of
/// the blocks and of what they have in common, and where it begins. Blocks and list have checksums.
final class TableCache: Sendable {
  let shape: TableShape
  let firstRows: [Int]
  private let file: CacheFile
  private let blocks: [CachedBlock]

  fileprivate init(_ list: CacheList, in file: CacheFile) {
    shape = list.shape
    blocks = list.blocks
    self.file = file
    var firstRows = [0]
    for block in blocks { firstRows.append(firstRows[firstRows.count - 1] + block.rowCount) }
    self.firstRows = firstRows
  }

  /// What tells the rows, and where they are, from those of another cache.
  var fingerprint: [Int] {
    blocks.flatMap { [$0.offset, $0.byteCount, $0.rowCount, Int($0.checksum)] }
  }

  /// Finds the rows in a file: see ``StoredTable/init(_:of:format:threads:wanted:)``.
  convenience init(
    reading file: CacheFile, of paths: [Path], format: TableFormat,
    wanted: (([String]) -> Set<String>)?
  ) throws(TableError) {
    let list = try CacheList(reading: file)
    try list.check(paths, format, wanted, in: file)
    self.init(list, in: file)
  }

  /// The rows of a block.
  func table(ofBlock index: Int) throws(TableError) -> Table {
    let block = blocks[index]
    let bytes = try file.read(block.byteCount, at: block.offset)
    guard bp_crc32c(0, bytes, bytes.count) == block.checksum,
      let content = try? block.content(of: bytes, shape)
    else { throw file.error(.damagedCache) }
    return shape.table(
      content.columns, rowCount: block.rowCount, lines: content.lines, isFirst: index == 0)
  }
}

/// Where a block is in a cache.
private struct CachedBlock: Sendable {
  let offset, byteCount, rowCount: Int
  let checksum: UInt32

  /// What a column is made of.
  private enum Kind: UInt8 {
    case float32, float64
    /// Texts, with codes of one byte, two or four.
    case text8, text16, text32
  }

  /// A block as bytes.
  static func bytes(of block: TableSurvey.Block) -> [UInt8] {
    var writer = ByteWriter()
    writer.put(block.lines.starts) { writer, run in
      for number in [run.row, run.start.file, run.start.line] { writer.put(number) }
    }
    for column in block.columns {
      if let texts = column.texts { put(texts, to: &writer) } else { put(column, to: &writer) }
    }
    return writer.bytes
  }

  private static func put(_ column: RowReader.Column, to writer: inout ByteWriter) {
    let isNarrow = column.numbers.allSatisfy {
      Double(Float($0)).bitPattern == $0.bitPattern
    }
    writer.put(isNarrow ? Kind.float32.rawValue : Kind.float64.rawValue)
    // Whether some are missing, or words for infinities or NaNs.
    writer.put(column.missing != nil || column.notFinite != nil ? 1 as UInt8 : 0)
    if isNarrow {
      writer.put(column.numbers.map { Float($0) })
    } else {
      writer.put(column.numbers)
    }
  }

  private static func put(_ texts: TextCodes, to writer: inout ByteWriter) {
    // The code of a missing value is −1.
    let most = texts.levelCount
    let kind: Kind = most <= 0x7F ? .text8 : most <= 0x7FFF ? .text16 : .text32
    writer.put(kind.rawValue)
    writer.put(0..<texts.levelCount) { writer, level in
      texts.withLevel(level) { writer.put(text: Array($0)) }
    }
    switch kind {
    case .text8: writer.put(texts.codes.map { Int8($0) })
    case .text16: writer.put(texts.codes.map { Int16($0) })
    default: writer.put(texts.codes)
    }
  }

  /// What the bytes of a block hold.
  func content(
    of bytes: [UInt8], _ shape: TableShape
  ) throws(BytesEnd) -> (columns: [Column], lines: LineNumbers) {
    var reader = ByteReader(bytes)
    var lines = LineNumbers()
    for start in try reader.list({ reader throws(BytesEnd) in try reader.integers(3) }) {
      guard shape.files.indices.contains(start[1]), (1...1 << 48).contains(start[2]),
        start[0] < rowCount,
        start[0] > (lines.starts.last?.row ?? -1)
      else { throw BytesEnd() }
      lines.append(row: start[0], line: LineNumber(file: start[1], line: start[2]))
    }
    if lines.starts.first?.row != 0 { throw BytesEnd() }
    var columns: [Column] = []
    for index in shape.fields.indices {
      let location = shape.location(ofColumn: index, lines: lines)
      columns.append(try column(index, shape, location, from: &reader))
    }
    return (columns, lines)
  }

  private func column(
    _ index: Int, _ shape: TableShape, _ location: ColumnLocation, from reader: inout ByteReader
  ) throws(BytesEnd) -> Column {
    let name = shape.names.names[shape.fields[index]]
    let fault = shape.names.faults[name]
    guard let kind = Kind(rawValue: try reader.value()) else { throw BytesEnd() }
    if kind == .float32 || kind == .float64 {
      let hasGaps: UInt8 = try reader.value()
      let numbers =
        kind == .float64
        ? try reader.values(rowCount)
        : try reader.values(rowCount, as: Float.self).map { Double($0) }
      return Column(
        name: name, fault: fault, numbers: numbers, hasGaps: hasGaps != 0, format: shape.format,
        at: location)
    }
    let levels = try reader.list { reader throws(BytesEnd) in try reader.bytes() }
    let codes =
      switch kind {
      case .text8: try reader.values(rowCount, as: Int8.self).map { Int32($0) }
      case .text16: try reader.values(rowCount, as: Int16.self).map { Int32($0) }
      default: try reader.values(rowCount, as: Int32.self)
      }
    guard codes.allSatisfy({ $0 >= TextCodes.missing && Int($0) < levels.count }) else {
      throw BytesEnd()
    }
    let texts = TextCodes(levels: levels, codes: codes)
    var isUsed = levels.map { _ in false }
    for code in codes where code >= 0 { isUsed[Int(code)] = true }
    guard texts.levelCount == levels.count, isUsed.allSatisfy(\.self) else { throw BytesEnd() }
    return Column(
      name: name, fault: fault, texts: texts, nature: shape.natures[index], format: shape.format,
      at: location)
  }
}

// MARK: The whole file

/// What stands at the end of a cache.
private struct CacheList {
  static let mark = Array("backprop: a table's columns. 1\n\0".utf8)
  static let endMark = Array("complete".utf8)
  /// The length of what stands behind the list: its place, length and checksum, and the mark of the end.
  static let tailLength = 32

  /// The most rows of a block; far fewer fit in one.
  private static let mostRows = 1 << 32

  /// Where the table came from; nil for what could be read only once.
  var origins: [TableOrigin?]
  /// How its files were read.
  var format: String
  var shape: TableShape
  var blocks: [CachedBlock]

  init(_ shape: TableShape, _ blocks: [CachedBlock], _ origins: [TableOrigin?], format: String) {
    self.shape = shape
    self.blocks = blocks
    self.origins = origins
    self.format = format
  }

  /// Reads the list of a file.
  init(reading file: CacheFile) throws(TableError) {
    let size = Int(lseek(file.descriptor, 0, SEEK_END))
    guard size >= Self.mark.count, try file.read(Self.mark.count, at: 0) == Self.mark else {
      throw file.error(.noCache)
    }
    let damage = file.error(.damagedCache)
    guard size >= Self.mark.count + Self.tailLength else { throw damage }
    let tail = try file.read(Self.tailLength, at: size - Self.tailLength)
    var reader = ByteReader(tail)
    guard tail.suffix(Self.endMark.count).elementsEqual(Self.endMark),
      let offset = try? reader.integer(), let count = try? reader.integer(),
      let checksum = try? reader.integer(), offset >= 0,
      offset <= size - Self.tailLength, count == size - Self.tailLength - offset
    else { throw damage }
    let bytes = try file.read(count, at: offset)
    guard Int(bp_crc32c(0, bytes, count)) == checksum, let list = try? CacheList(bytes),
      list.blocks.allSatisfy({ $0.byteCount <= offset && $0.offset <= offset - $0.byteCount })
    else { throw damage }
    self = list
  }

  private init(_ bytes: [UInt8]) throws(BytesEnd) {
    var reader = ByteReader(bytes)
    let files = try reader.list { reader throws(BytesEnd) in
      (
        name: try reader.text(),
        origin: TableOrigin(words: try reader.integers(TableOrigin.wordCount))
      )
    }
    origins = files.map(\.origin)
    format = try reader.text()
    var names = ColumnNames()
    names.names = try reader.list { reader throws(BytesEnd) in try reader.text() }
    let faults = try reader.list { reader throws(BytesEnd) in
      (name: try reader.text(), numbers: try reader.integers(3))
    }
    for (name, numbers) in faults {
      names.faults[name] = TableError(
        name.isEmpty ? .emptyName : .duplicateName(excerpt(name), firstField: numbers[2]),
        file: files.first?.name ?? "", line: numbers[0], field: numbers[1])
    }
    var format = TableFormat()
    let marks = try reader.integers(3)
    guard let decimal = UInt8(exactly: marks[0]) else { throw BytesEnd() }
    format.decimal = decimal
    format.delimiter = marks[1] < 0 ? .spaces : .character(UInt8(truncatingIfNeeded: marks[1]))
    let columns = try reader.list { reader throws(BytesEnd) in
      (
        field: try reader.integer(), isText: try reader.integer() == 1, word: try reader.text(),
        place: try reader.integers(2)
      )
    }
    guard columns.allSatisfy({ names.names.indices.contains($0.field) }) else { throw BytesEnd() }
    shape = TableShape(
      files: files.map(\.name), names: names, format: format, fields: columns.map(\.field),
      natures: columns.map { column in
        let isKnown = files.indices.contains(column.place[0])
        let word = TableError(
          .notANumber(column.word, column: excerpt(names.names[column.field])),
          at: LineNumber(file: isKnown ? column.place[0] : 0, line: column.place[1]),
          of: files.map(\.name), field: column.field + 1)
        return Column.Nature(isText: column.isText, firstWord: isKnown ? word : nil)
      },
      mayHaveUnits: marks[2] == 1)
    blocks = try reader.list { reader throws(BytesEnd) in
      let numbers = try reader.integers(4)
      guard numbers[0] >= 0, numbers[1] >= 0, (1...Self.mostRows).contains(numbers[2]),
        let checksum = UInt32(exactly: numbers[3])
      else {
        throw BytesEnd()
      }
      return CachedBlock(
        offset: numbers[0], byteCount: numbers[1], rowCount: numbers[2], checksum: checksum)
    }
    if blocks.isEmpty || files.isEmpty { throw BytesEnd() }
  }

  /// The list and what stands behind it, as it is written at a place.
  func bytes(at offset: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.put(zip(shape.files, origins)) { writer, file in
      writer.put(text: Array(file.0.utf8))
      for word in TableOrigin.words(of: file.1) { writer.put(word) }
    }
    writer.put(text: Array(format.utf8))
    writer.put(shape.names.names) { $0.put(text: Array($1.utf8)) }
    writer.put(shape.names.faults.sorted { $0.key < $1.key }) { writer, fault in
      writer.put(text: Array(fault.key.utf8))
      let first = if case .duplicateName(_, let field) = fault.value.reason { field } else { 0 }
      for number in [fault.value.line ?? 0, fault.value.field ?? 0, first] { writer.put(number) }
    }
    let delimiter =
      if case .character(let mark) = shape.format.knownDelimiter { Int(mark) } else { -1 }
    for number in [Int(shape.format.decimal), delimiter, shape.mayHaveUnits ? 1 : 0] {
      writer.put(number)
    }
    writer.put(zip(shape.fields, shape.natures)) { writer, column in
      let (field, nature) = column
      writer.put(field)
      writer.put(nature.isText ? 1 : 0)
      let word =
        if case .notANumber(let text, _, _)? = nature.firstWord?.reason { text } else { "" }
      writer.put(text: Array(word.utf8))
      writer.put(nature.firstWord?.place?.file ?? -1)
      writer.put(nature.firstWord?.place?.line ?? 0)
    }
    writer.put(blocks) { writer, block in
      for number in [block.offset, block.byteCount, block.rowCount, Int(block.checksum)] {
        writer.put(number)
      }
    }
    let count = writer.bytes.count
    let checksum = Int(bp_crc32c(0, writer.bytes, count))
    for word in [offset, count, checksum] { writer.put(word) }
    return writer.bytes + Self.endMark
  }

  /// Throws unless the cache is of the files, read by that format, and has the columns that are wanted.
  func check(
    _ paths: [Path], _ format: TableFormat, _ wanted: (([String]) -> Set<String>)?,
    in file: CacheFile
  ) throws(TableError) {
    let now = paths.map { $0 == Path("-") ? "standard input" : "\($0)" }
    // A file may be named by another path.
    func lastPart(_ name: String) -> Substring { name.split(separator: "/").last ?? "" }
    guard now.map(lastPart) == shape.files.map(lastPart) else {
      throw file.error(.otherCache(files: shape.files))
    }
    for (path, (name, origin)) in zip(paths, zip(now, origins)) {
      guard let origin else { throw file.error(.staleCache("\(name) is not known to be the same")) }
      if try TableOrigin(path, name: name) != origin {
        throw file.error(.staleCache("\(shortened(name, limit: 100)) has changed"))
      }
    }
    if self.format != format.spelling {
      throw file.error(.staleCache("the table is now read by other flags"))
    }
    guard let wanted else {
      if shape.fields.count < shape.names.names.count {
        throw file.error(.staleCache("it lacks some of the columns"))
      }
      return
    }
    let read = Set(shape.fields.map { shape.names.names[$0] })
    if let lacking = wanted(shape.names.different).subtracting(read).min() {
      throw file.error(.staleCache("it lacks column \(excerpt(lacking))"))
    }
  }
}

/// What tells a file from another, or from what it was before.
private struct TableOrigin: Hashable, Sendable {
  /// Its size, and the seconds and billionths of one when it was written.
  private let size, seconds, nanoseconds: Int
  /// A checksum of pieces spread over it.
  private let fingerprint: Int

  static let wordCount = 4
  private static let pieces = (count: 64, length: 4096)

  /// A file as it is now; nil for what is no regular one.
  init?(_ path: Path, name: String) throws(TableError) {
    let isStandardInput = path == Path("-")
    let descriptor =
      isStandardInput ? STDIN_FILENO : path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw TableError(.cannotOpen(errno: errno), file: name) }
    defer { if !isStandardInput { close(descriptor) } }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      !isStandardInput || lseek(descriptor, 0, SEEK_CUR) == 0
    else { return nil }
    let watched = try WatchedFile(duplicating: descriptor, status, name: name)
    size = watched.size
    (seconds, nanoseconds) = (watched.status.seconds, watched.status.nanoseconds)
    var checksum: UInt32 = 0
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Self.pieces.length)
    defer { bytes.deallocate() }
    for piece in 0..<Self.pieces.count {
      let place = max(0, size - Self.pieces.length) / (Self.pieces.count - 1) * piece
      let count = min(Self.pieces.length, size - place)
      if try watched.read(bytes, count: count, at: place, name: name) {
        checksum = bp_crc32c(checksum, bytes.baseAddress, count)
      }
    }
    fingerprint = Int(checksum)
  }

  /// An origin as it is kept; nil if there is none.
  init?(words: [Int]) {
    if words[0] < 0 { return nil }
    (size, seconds, nanoseconds, fingerprint) = (words[0], words[1], words[2], words[3])
  }

  static func words(of origin: TableOrigin?) -> [Int] {
    guard let origin else { return [-1, 0, 0, 0] }
    return [origin.size, origin.seconds, origin.nanoseconds, origin.fingerprint]
  }
}

extension TableFormat {
  /// All that it says, as text.
  var spelling: String {
    let delimiter =
      switch delimiter {
      case .character(let mark)?: "\(mark)"
      case .spaces?: "spaces"
      case nil: "known"
      }
    let comment = comment.map { "\($0)" } ?? "none"
    let words = missing.sorted().map { "\($0.utf8.count):\($0)" }.joined()
    return [
      delimiter, "\(decimal)", comment, "\(hasHeader)", "\(skippedLines)", "\(hasUnits)", words,
    ].joined(separator: " ")
  }
}

// MARK: Writing

extension TableSurvey {
  /// Reads files, and writes what they hold to an empty cache.
  func write(
    _ paths: [Path], to file: CacheFile, by format: TableFormat
  ) throws(TableError) -> TableCache {
    let origins = try paths.map { path throws(TableError) in
      try TableOrigin(path, name: "\(path)")
    }
    var (blocks, end, found) = try writeBlocks(of: paths, to: file, textColumns: [])
    if let column = found.textsReadAsNumbers.min() {
      if let file = found.files.first(where: { $0.watched == nil }) {
        let name = found.shape.names.names[found.shape.fields[column]]
        throw TableError(.textAfterNumbers(column: excerpt(name)), file: file.name)
      }
      (blocks, end, found) = try writeBlocks(
        of: paths, to: file, textColumns: found.textsReadAsNumbers)
    }
    let list = CacheList(found.shape, blocks, origins, format: format.spelling)
    try file.write(list.bytes(at: end), at: end)
    return TableCache(list, in: file)
  }

  /// Writes the blocks of files, and says where they end.
  private func writeBlocks(
    of paths: [Path], to file: CacheFile, textColumns: Set<Int>
  ) throws(TableError) -> (blocks: [CachedBlock], end: Int, Result) {
    if ftruncate(file.descriptor, 0) != 0 { throw file.error(.cannotWrite(errno: errno)) }
    try file.write(CacheList.mark, at: 0)
    var end = CacheList.mark.count
    var blocks: [CachedBlock] = []
    let found = try forEachBlock(of: paths, textColumns: textColumns) { block throws(TableError) in
      let bytes = CachedBlock.bytes(of: block)
      try file.write(bytes, at: end)
      blocks.append(
        CachedBlock(
          offset: end, byteCount: bytes.count, rowCount: block.place.rowCount,
          checksum: bp_crc32c(0, bytes, bytes.count)))
      end += bytes.count
    }
    return (blocks, end, found)
  }
}

// MARK: Bytes

extension CacheFile {
  fileprivate func write(_ bytes: [UInt8], at offset: Int) throws(TableError) {
    var done = 0
    while done < bytes.count {
      let taken = bytes.withUnsafeBytes { bytes in
        pwrite(
          descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      }
      if taken > 0 { done += taken }
      if taken < 0 && errno != EINTR { throw error(.cannotWrite(errno: errno)) }
    }
  }

  fileprivate func read(_ count: Int, at offset: Int) throws(TableError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, done in
      while done < count {
        let taken = pread(
          descriptor, bytes.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
        if taken == 0 { return }
        if taken > 0 { done += taken }
        if taken < 0 && errno != EINTR {
          failure = errno
          return
        }
      }
    }
    if failure != 0 { throw error(.cannotRead(errno: failure)) }
    if bytes.count < count { throw error(.damagedCache) }
    return bytes
  }
}
