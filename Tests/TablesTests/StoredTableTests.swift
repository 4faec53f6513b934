import CChecksum
import Foundation
import Glibc
import Testing

@testable import Tables

/// Tables that stay in their files, read block by block.
@Suite struct StoredTableTests {
  /// A file in a folder of its own, which goes away with its owner.
  final class File: Sendable {
    let path: Path
    private let folder: URL

    init(_ bytes: [UInt8], name: String = "t") throws {
      folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("stored-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let file = folder.appendingPathComponent(name)
      try Data(bytes).write(to: file)
      path = Path(file.path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// An empty cache beside it, or the one that is there.
    func cache() -> CacheFile {
      let descriptor = open(folder.appendingPathComponent("cache").path, O_RDWR | O_CREAT, 0o666)
      return CacheFile(descriptor: descriptor, name: "cache")
    }

    /// The number of descriptors of this process by which its file or its cache is open.
    var openCount: Int {
      let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
      return open.count {
        let target = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/self/fd/\($0)")
        return target?.hasPrefix(folder.path) == true
      }
    }

    var cacheURL: URL { folder.appendingPathComponent("cache") }
  }

  /// How a table is kept: the size of its blocks in bytes, how many are read at once, and whether in a cache.
  struct Way: Sendable {
    let threads, partBytes: Int
    var isCached = false
  }

  static let ways = [
    Way(threads: 1, partBytes: 1 << 18), Way(threads: 1, partBytes: 1),
    Way(threads: 3, partBytes: 5), Way(threads: 2, partBytes: 23),
    Way(threads: 1, partBytes: 7, isCached: true), Way(threads: 3, partBytes: 40, isCached: true),
  ]

  func stored(
    _ files: [File], _ way: Way, format: TableFormat = TableFormat(),
    wanted: (([String]) -> Set<String>)? = nil, sharing: Sharing? = nil
  ) throws(TableError) -> StoredTable {
    try StoredTable(
      files.map(\.path), format: format, threads: way.threads, partBytes: way.partBytes,
      wanted: wanted, cache: way.isCached ? files[0].cache() : nil, sharing: sharing)
  }

  /// All that can be asked of a table, or what is wrong with it.
  func text(of read: () throws(TableError) -> Table) -> [String] {
    do throws(TableError) {
      let table = try read()
      let lines = (0..<table.rowCount).map { "\(table.file(ofRow: $0)):\(table.line(ofRow: $0))" }
      return [table.file, "\(table.columnNames)", lines.joined(separator: " ")]
        + table.columns.flatMap { text(of: $0, in: table) }
    } catch {
      return ["\(error)"]
    }
  }

  private func text(of column: Column, in table: Table) -> [String] {
    func told<Value>(_ body: () throws(TableError) -> Value) -> String {
      do throws(TableError) { return "\(try body())" } catch { return "\(error)" }
    }
    // Of a column of words it does not matter which of them is told first.
    return [
      "\(column.name) \(column.isText)",
      told { () throws(TableError) in
        try column.isText
          ? [] : column.numbers.get().map { $0.isNaN ? "nan" : $0.shortestDecimal }
      },
      told { () throws(TableError) in try column.categories() },
      told { () throws(TableError) in
        if table.column(named: column.name)?.name == column.name, !column.name.isEmpty {
          try table.checkNumbers(of: [column.name])
        }
      },
    ]
  }

  @Test(arguments: MessyFile.ofNumbers + MessyFile.ofCategories, ways)
  func `a file gives the same in blocks as in one piece`(file: MessyFile, way: Way) throws {
    let source = try File(file.bytes)
    let whole = text { () throws(TableError) in
      try Table(readingCSV: source.path, format: file.format)
    }
    let blocks = text { () throws(TableError) in
      try stored([source], way, format: file.format).whole()
    }
    // Of a text with a zero byte other faults may be told first, if they are in another block.
    let isBinary = whole[0].contains("binary data")
    #expect(blocks == whole || isBinary && blocks.count == 1)
  }

  /// Numbers, words that begin as numbers, and a column in which a few words are an error, with the rest missing.
  static let mixed =
    "n,word,bad,gap\n"
    + (0..<200).map { row in
      let word = row < 20 ? "0\(row % 7)" : "w\(row % 11)"
      let bad = row == 150 ? "oops" : "\(row)"
      return "\(Double(row) / 7),\(word),\(bad),\(row % 3 == 0 ? "" : "\(row).5")\n"
    }.joined()

  @Test(arguments: ways)
  func `what a column holds is a matter of all blocks`(way: Way) throws {
    let source = try File(Array(Self.mixed.utf8))
    let whole = text { () throws(TableError) in try Table(readingCSV: source.path) }
    let table = try stored([source], way)
    #expect(text { () throws(TableError) in try table.whole() } == whole)
    #expect(table.rowCount == 200 && (way.partBytes > 1000 || table.blockCount > 5))
    let first = try table.table(ofBlock: 0)
    #expect(first.column(named: "word")?.isText == true)
    #expect(try first.column(named: "word")?.categories().levels.first == "00")
    for block in 0..<table.blockCount {
      let part = try table.table(ofBlock: block)
      let last = part.keeping(rows: [part.rowCount - 1])
      #expect(last.column(named: "bad")?.isText == false)
    }
    let blocks = try (0..<table.blockCount).map { try table.table(ofBlock: $0) }
    #expect(blocks.reduce(0) { $0 + $1.rowCount } == 200)
    #expect(blocks.last.map { $0.line(ofRow: $0.rowCount - 1) } == 201)
  }

  @Test(arguments: ways)
  func `files follow each other, and only what is wanted is kept`(way: Way) throws {
    let files = try ["x,k\n1,a\n", "x,k\n", "x,k\r\n2,\"b\n\"\r\n3,c"].map {
      try File(Array($0.utf8))
    }
    let whole = text { () throws(TableError) in try Table(readingCSV: files.map(\.path)) }
    #expect(text { () throws(TableError) in try stored(files, way).whole() } == whole)
    let some = try stored(files, way) { _ in ["k"] }.whole()
    #expect(some.columns.map(\.name) == ["k"] && some.columnNames == ["x", "k"])
    #expect(some.field(ofColumn: "k") == 2 && some.line(ofRow: 2) == 4)
    let other = try File(Array("x,q\n1,2\n".utf8))
    #expect(throws: TableError.self) { try stored(files + [other], way) }
  }

  @Test func `a file that changes is an error`() throws {
    let source = try File(Array(Self.mixed.utf8))
    let table = try stored([source], Way(threads: 1, partBytes: 100))
    _ = try table.table(ofBlock: 3)
    _ = source.path.withCString { truncate($0, 300) }
    #expect(throws: TableError.self) { try table.table(ofBlock: 3) }
    let error = #expect(throws: TableError.self) { try table.whole() }
    #expect(error?.reason == .changedWhileRead(onlyGrew: false))
  }

  @Test(arguments: ways, ["x\n1\n2\n", "x\n1\n2,3\n", "x\n", "x\n1\n\"", "x\n1\n\0\n", ""])
  func `a file is closed with its table, or when there is none`(way: Way, text: String) throws {
    let source = try File(Array(text.utf8))
    var table = try? stored([source], way)
    #expect(source.openCount == (table == nil ? 0 : 1))
    table = nil
    #expect(source.openCount == 0)
  }

  // MARK: Caches

  private let way = Way(threads: 2, partBytes: 500, isCached: true)

  private func reopened(
    _ file: File, format: TableFormat = TableFormat(), wanted: Set<String>? = nil
  ) throws(TableError) -> StoredTable {
    try StoredTable(
      file.cache(), of: [file.path], format: format,
      wanted: wanted.map { wanted in { _ in wanted } })
  }

  @Test func `a cache gives the table again as long as it is the same`() throws {
    let source = try File(Array(Self.mixed.utf8))
    let made = try stored([source], way)
    let whole = text { () throws(TableError) in try Table(readingCSV: source.path) }
    #expect(text { () throws(TableError) in try reopened(source).whole() } == whole)
    #expect(try reopened(source).blockCount == made.blockCount)
    var format = TableFormat()
    format.comment = UInt8(ascii: "#")
    func reason(_ body: () throws(TableError) -> StoredTable) -> TableError.Reason? {
      do throws(TableError) {
        _ = try body()
        return nil
      } catch {
        return error.reason
      }
    }
    #expect(
      reason { () throws(TableError) in try reopened(source, format: format) }
        == .staleCache("the table is now read by other flags"))
    let descriptor = source.path.withCString { open($0, O_WRONLY) }
    _ = pwrite(descriptor, "X", 1, 3000)
    close(descriptor)
    guard case .staleCache = reason({ () throws(TableError) in try reopened(source) }) else {
      Issue.record("a file that was changed is another")
      return
    }
  }

  @Test func `a cache of some columns lacks the others`() throws {
    let source = try File(Array(Self.mixed.utf8))
    _ = try stored([source], way) { _ in ["n", "gap"] }
    #expect(try reopened(source, wanted: ["n"]).columnNames == ["n", "word", "bad", "gap"])
    let error = #expect(throws: TableError.self) { try reopened(source, wanted: ["n", "bad"]) }
    #expect(error?.reason == .staleCache("it lacks column 'bad'"))
    #expect(throws: TableError.self) { try reopened(source) }
  }

  @Test func `a cache of another table, cut short or changed is told`() throws {
    let source = try File(Array(Self.mixed.utf8))
    _ = try stored([source], way)
    let other = try File(Array(Self.mixed.utf8), name: "u")
    let foreign = #expect(throws: TableError.self) {
      try StoredTable(source.cache(), of: [other.path], format: TableFormat())
    }
    guard case .otherCache? = foreign?.reason else {
      Issue.record("a cache of another table: \(String(describing: foreign))")
      return
    }
    let bytes = try Data(contentsOf: source.cacheURL)
    func error(of bytes: Data) throws -> TableError? {
      try bytes.write(to: source.cacheURL)
      do throws(TableError) {
        _ = try reopened(source).whole()
        return nil
      } catch {
        return error
      }
    }
    #expect(try error(of: bytes) == nil)
    for length in [32, 40, bytes.count / 2, bytes.count - 1] {
      #expect(try error(of: bytes.prefix(length))?.reason == .damagedCache)
    }
    #expect(try error(of: Data("x,y\n1,2\n".utf8))?.reason == .noCache)
    for place in stride(from: 32, to: bytes.count, by: 101) {
      var changed = bytes
      changed[place] ^= 4
      #expect(try error(of: changed)?.reason == .damagedCache, "byte \(place)")
    }
  }

  @Test func `a list that was changed and given its checksum again is used or refused`() throws {
    let source = try File(Array(Self.mixed.utf8))
    _ = try stored([source], way)
    let bytes = [UInt8](try Data(contentsOf: source.cacheURL))
    func number(at place: Int) -> Int {
      bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: place, as: Int64.self)) }
    }
    let (offset, count) = (number(at: bytes.count - 32), number(at: bytes.count - 24))
    #expect(source.openCount == 0)
    for step in 0..<600 {
      var changed = bytes
      let place = offset + step * 7919 % count
      changed[place] = [0, 1, 0x7F, 0x80, 0xFF][step % 5]
      let checksum = changed[offset..<offset + count].withUnsafeBytes {
        bp_crc32c(0, $0.baseAddress, count)
      }
      withUnsafeBytes(of: Int64(checksum)) { checksum in
        changed.replaceSubrange(bytes.count - 16..<bytes.count - 8, with: checksum)
      }
      try Data(changed).write(to: source.cacheURL)
      let found = text { () throws(TableError) in try reopened(source).whole() }
      #expect(!found.isEmpty)
    }
    #expect(source.openCount == 0)
  }
}
