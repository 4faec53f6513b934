/// A table that stays in its files, whose rows are read in blocks whenever they are needed.
///
/// The rows are those of a ``Table`` of the same files. A first pass finds where blocks of rows begin and what the
/// columns hold; after that any block can be read at any time, and several at once. Only a few words for each block
/// are kept in memory.
public final class StoredTable: Sendable {
  private enum Storage: Sendable {
    case texts([StoredText])
    case cache(TableCache)
  }

  /// Whether columns hold numbers or words, and what else is known of all blocks.
  private let shape: TableShape
  private let storage: Storage
  /// The number of the first row of each block, and the number of all rows.
  private let firstRows: [Int]
  private let threads: Int
  /// The processes that go through the blocks together, if there are more than this one.
  package let sharing: Sharing?

  /// The number of rows, at least 1.
  public var rowCount: Int { firstRows[firstRows.count - 1] }
  /// In how many blocks they lie.
  public var blockCount: Int { firstRows.count - 1 }
  /// The different names of all columns in the file's order; that of nameless ones is empty.
  public var columnNames: [String] { shape.names.different }
  /// What the table is called in messages.
  public var file: String { Table.name(of: shape.files) }

  /// Finds the rows of files with the same columns, as reading them into a ``Table`` would.
  ///
  /// A file must not change as long as rows are read from it. A source that can be read only once, such as a pipe,
  /// must be written to a cache at the same time; other files can be. Their rows are then read from the cache.
  /// Throws what is wrong with a row or a name; what is wrong with the values of a column is found when its block
  /// is read.
  ///
  /// Processes that share the table each read a range of its bytes, now and when a model is bound to it, unless it
  /// is written to a cache: see ``shared(by:)``. Table and errors are those of one process.
  public convenience init(
    readingCSV paths: [Path], format: TableFormat = TableFormat(), threads: Int = 1,
    wanted: (([String]) -> Set<String>)? = nil, cache: CacheFile? = nil, sharing: Sharing? = nil
  ) throws(TableError) {
    try self.init(
      paths, format: format, threads: threads, partBytes: 1 << 18, wanted: wanted, cache: cache,
      sharing: sharing)
  }

  init(
    _ paths: [Path], format: TableFormat, threads: Int, partBytes: Int,
    wanted: (([String]) -> Set<String>)?, cache: CacheFile?, sharing: Sharing?
  ) throws(TableError) {
    precondition(!paths.isEmpty, "a table has at least one file")
    precondition(format.contradiction == nil, "a format must not contradict itself")
    let survey = TableSurvey(format: format, parts: threads, partBytes: partBytes, wanted: wanted)
    self.threads = threads
    if let cache {
      let written = try survey.write(paths, to: cache, by: format)
      (shape, firstRows, storage) = (written.shape, written.firstRows, .cache(written))
      self.sharing = nil
      return
    }
    let found: TableSurvey.Texts
    if let sharing, let shared = try survey.texts(paths, by: sharing) {
      (found, self.sharing) = (shared, sharing)
    } else {
      (found, self.sharing) = (try survey.texts(paths), nil)
    }
    (shape, firstRows, storage) = (found.shape, found.firstRows, .texts(found.texts))
  }

  /// The table that a cache holds.
  ///
  /// Throws ``TableError/Reason/staleCache(_:)`` if the files have changed since, are read by another format, or have
  /// columns that are wanted and not there; then the cache is to be made again. Throws otherwise if it is none, is cut
  /// short or damaged, or is of files of other names.
  public init(
    _ cache: CacheFile, of paths: [Path], format: TableFormat, threads: Int = 1,
    wanted: (([String]) -> Set<String>)? = nil
  ) throws(TableError) {
    let read = try TableCache(reading: cache, of: paths, format: format, wanted: wanted)
    (shape, firstRows, storage) = (read.shape, read.firstRows, .cache(read))
    self.threads = threads
    sharing = nil
  }

  private init(_ table: StoredTable, sharing: Sharing) {
    (shape, firstRows, storage) = (table.shape, table.firstRows, table.storage)
    threads = table.threads
    self.sharing = sharing
  }

  /// The table of a cache, of whose blocks each process reads its part when a model is bound to it.
  ///
  /// Processes whose caches are not the same byte for byte do not share them.
  public func shared(by sharing: Sharing?) -> StoredTable {
    guard let sharing, case .cache(let cache) = storage else { return self }
    guard let all = sharing.gather({ cache.fingerprint }) else { return self }
    if all.contains(where: { $0 != all[0] }) {
      sharing.stop()
      return self
    }
    return StoredTable(self, sharing: sharing)
  }

  /// Reads some blocks, side by side, and gives what `body` makes of each, in order.
  ///
  /// Throws the first error, that of `body` or the file's.
  public func read<Result: Sendable, Failure: TableFailure>(
    _ blocks: some Collection<Int>,
    _ body: @escaping @Sendable (Int, Table) throws(Failure) -> Result
  ) throws(Failure) -> [Result] {
    typealias Read = Swift.Result<Result, Failure>
    let blocks = Array(blocks)
    let slots = Slots([Read?](repeating: nil, count: blocks.count))
    let workers = max(1, min(threads, blocks.count))
    concurrently(workers) { worker in
      for index in stride(from: worker, to: blocks.count, by: workers) {
        let block = blocks[index]
        slots[index] = Read { () throws(Failure) in
          let table: Table
          do throws(TableError) { table = try self.table(ofBlock: block) } catch {
            throw Failure(error)
          }
          return try body(block, table)
        }
        if case .failure? = slots[index] { return }
      }
    }
    // Where one is missing, its worker has failed at an earlier one.
    return try (0..<blocks.count).map { index throws(Failure) in
      guard let read = slots[index] else { preconditionFailure("an earlier block has failed") }
      return try read.get()
    }
  }

  /// What `find` finds in some blocks: each of the processes that share the table looks in its part of them, and this
  /// is what all have found, in the order of blocks; where one of them fails, this process looks in all.
  package func inParts<Found: ByteCodable, Failure: Error>(
    _ find: (Range<Int>) throws(Failure) -> Found
  ) throws(Failure) -> [Found] {
    if let sharing, let all = sharing.gather({ try find(sharing.part(of: blockCount)) }) {
      return all
    }
    return [try find(0..<blockCount)]
  }

  /// The rows of a block as a table, whose messages name the lines of the file.
  public func table(ofBlock block: Int) throws(TableError) -> Table {
    switch storage {
    case .texts(let texts):
      let (text, own) = texts.place(ofBlock: block)
      return try text.table(ofBlock: own, shape)
    case .cache(let cache): return try cache.table(ofBlock: block)
    }
  }

  /// All rows in memory.
  public func whole() throws(TableError) -> Table {
    var tables: [Table] = []
    for first in stride(from: 0, to: blockCount, by: 64) {
      let some = first..<min(first + 64, blockCount)
      tables += try read(some) { _, table throws(TableError) in table }
    }
    return Table(joining: tables)
  }

  /// The names of the columns of words among those that were read.
  public var wordColumns: Set<String> {
    Set(zip(shape.fields, shape.natures).filter(\.1.isText).map { shape.names.names[$0.0] })
  }
}

/// What all blocks of a stored table have in common.
struct TableShape: Sendable {
  /// The names of its files in messages.
  var files: [String]
  var names: ColumnNames
  var format: TableFormat
  /// The fields that are read, counted from 0.
  var fields: [Int]
  /// For each of them what it holds.
  var natures: [Column.Nature]
  /// Whether the first row may be one of units: it holds no number in columns that are passed over.
  var mayHaveUnits: Bool

  /// Where a column stands, the rows of a block being on the given lines.
  func location(ofColumn index: Int, lines: LineNumbers) -> ColumnLocation {
    ColumnLocation(
      files: files, field: fields[index] + 1, columnCount: names.names.count, lines: lines)
  }

  /// A block as a table, from what was read of its columns.
  func table(
    _ columns: [Column], rowCount: Int, lines: LineNumbers, isFirst: Bool
  ) -> Table {
    let heading = Heading(names: names.names, different: names.different, read: fields)
    let table = Table(
      files: files, heading: heading, columns: columns, rowCount: rowCount, lines: lines,
      isPart: true)
    return isFirst && mayHaveUnits ? table.blamingUnits : table
  }
}

extension Table {
  /// The rows of blocks of one table, of which there is at least one, one after the other.
  public init(joining tables: [Table]) {
    let first = tables[0]
    var lines = LineNumbers()
    var rowCount = 0
    for table in tables {
      lines.append(contentsOf: table.lines, afterRows: rowCount)
      rowCount += table.rowCount
    }
    let columns = first.columns.indices.map { index in
      Column(joining: tables.map { $0.columns[index] })
    }
    self.init(
      files: first.files, heading: first.heading, columns: columns, rowCount: rowCount, lines: lines
    )
  }
}

extension Column {
  /// The rows of one column in several parts of a table.
  fileprivate init(joining parts: [Column]) {
    let first = parts[0]
    var faults = Faults(name: first.faults.name)
    for part in parts {
      faults.missing = faults.missing ?? part.faults.missing
      faults.notFinite = faults.notFinite ?? part.faults.notFinite
    }
    var numbers: [Double] = []
    var texts: TextCodes?
    var notANumber: TableError?
    var notUTF8: TableError?
    for part in parts {
      switch part.content {
      case .numbers(let more): numbers += more
      case .texts(_, let word, let strange):
        texts = texts ?? TextCodes()
        notANumber = notANumber ?? word
        notUTF8 = notUTF8 ?? strange
      }
    }
    guard var texts, let notANumber else {
      self.init(
        name: first.name, content: .numbers(numbers), faults: faults, format: first.format,
        isText: first.isText)
      return
    }
    for part in parts {
      switch part.content {
      case .numbers(let more): texts.append(spelling: more, point: first.format.decimal)
      case .texts(let more, _, _): texts.append(contentsOf: more)
      }
    }
    faults.notFinite = nil
    self.init(
      name: first.name, content: .texts(texts, notANumber: notANumber, notUTF8: notUTF8),
      faults: faults, format: first.format, isText: first.isText)
  }
}

extension TextCodes {
  /// Appends numbers of a column, spelled so that they are read back the same.
  fileprivate mutating func append(spelling numbers: [Double], point: UInt8) {
    for number in numbers {
      if number.isMissing {
        appendMissing()
        continue
      }
      var text = Array((NumberWord(number)?.text ?? number.shortestDecimal).utf8)
      if let dot = text.firstIndex(of: UInt8(ascii: ".")) { text[dot] = point }
      text.withUnsafeBufferPointer { _ = append($0) }
    }
  }
}

/// An error about a table, for callers that read one.
public protocol TableFailure: Error {
  /// The failure of a table that cannot be read.
  init(_ error: TableError)
}

extension TableError: TableFailure {
  /// The same error.
  public init(_ error: TableError) { self = error }
}
