import Glibc
import Testing

@testable import Tables

/// Tables of which each of several processes reads its part.
extension StoredTableTests {
  /// A table that is kept in some way, as each of several processes sees it.
  private func shared(
    _ files: [File], _ way: Way, by count: Int, format: TableFormat = TableFormat()
  ) -> [(text: [String], isShared: Bool, blocks: [Int])] {
    Meeting.results(of: count) { sharing in
      var table: StoredTable?
      let found = text { () throws(TableError) in
        let stored = try stored(files, way, format: format, sharing: sharing)
        table = stored
        return try stored.whole()
      }
      let blocks = (0..<(table?.blockCount ?? 0)).map {
        (try? table?.table(ofBlock: $0))??.rowCount
      }
      return (found, table?.sharing != nil, blocks.compactMap(\.self))
    }
  }

  @Test(
    arguments: MessyFile.ofNumbers + MessyFile.ofCategories,
    [(2, 1 << 18), (3, 7), (5, 1)])
  func `processes that share a file see it as one does`(
    file: MessyFile, _ sharing: (count: Int, partBytes: Int)
  ) throws {
    let source = try File(file.bytes)
    let way = Way(threads: 2, partBytes: sharing.partBytes)
    let alone = text { () throws(TableError) in
      try stored([source], way, format: file.format).whole()
    }
    for found in shared([source], way, by: sharing.count, format: file.format) {
      #expect(found.text == alone)
      #expect(found.isShared == (alone.count > 1))
    }
  }

  /// A few files of one table at random: with quoted line ends, comments, empty lines, all line ends, and texts.
  private func randomTable(seed: UInt64) -> [[UInt8]] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func number(below count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let end = ["\n", "\r\n", "\r"][number(below: 3)]
    let oddities = number(below: 3)
    return (0..<1 + number(below: 3)).map { _ in
      var text = "x,word,y" + end
      for _ in 0..<number(below: 60) {
        if oddities > 0, number(below: 9) == 0 {
          text += ["", "  ", "# a, comment"][number(below: 3)] + end
        }
        let word =
          switch number(below: oddities == 0 ? 2 : 6) {
          case 0: "w\(number(below: 5))"
          case 1: "\(number(below: 100))"
          case 2: "\"a\(end)b, \"\"\(end)1,2,3\(end)\""
          case 3: "\"\(String(repeating: end + "4,w,5", count: number(below: 20)))\""
          case 4: "\" # \""
          default: ""
          }
        text += "\(number(below: 1000)).5,\(word),\(number(below: 9))" + end
      }
      if number(below: 3) == 0 { text.removeLast() }
      return Array(text.utf8)
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `processes that share files at random see them as one does`(seed: UInt64) throws {
    let files = try randomTable(seed: seed).map { try File($0) }
    var format = TableFormat()
    format.comment = UInt8(ascii: "#")
    let way = Way(threads: 1 + Int(seed % 3), partBytes: [1, 20, 1 << 18][Int(seed / 3 % 3)])
    let whole = text { () throws(TableError) in
      try Table(readingCSV: files.map(\.path), format: format)
    }
    for count in [1, 2, 3, 5, 16] {
      let found = shared(files, way, by: count, format: format)
      #expect(found.count == count)
      for process in found {
        #expect(process.text == whole, "\(count) processes")
        #expect(process.isShared == (whole.count > 1) && process.blocks == found[0].blocks)
      }
    }
  }

  @Test func `what is wrong with a row is told as to one process`() throws {
    var lines = Self.mixed.split(separator: "\n")
    lines[140] += ",1"
    let source = try File(Array(lines.joined(separator: "\n").utf8))
    for found in shared([source], Way(threads: 2, partBytes: 100), by: 4) {
      #expect(found.text.count == 1 && !found.isShared)
      #expect(found.text[0].hasPrefix("\(source.path):141: this row has 5 fields"), "\(found.text)")
    }
  }

  @Test func `a process that cannot read leaves the others to themselves`() throws {
    let source = try File(Array(Self.mixed.utf8))
    let other = try File(Array((Self.mixed + "1,w1,2,3\n").utf8))
    let found = Meeting.results(of: 3) { sharing in
      text { () throws(TableError) in
        let path = sharing.rank == 1 ? Path("/nowhere/t") : source.path
        return try StoredTable(readingCSV: [path], sharing: sharing).whole()
      }
    }
    #expect(found[1] == ["/nowhere/t: cannot open: No such file or directory"])
    #expect(found[0].count > 1 && found[0] == found[2])
    let different = Meeting.results(of: 2) { sharing in
      let path = sharing.rank == 1 ? source.path : other.path
      return (try? StoredTable(readingCSV: [path], sharing: sharing)).map {
        [$0.rowCount, $0.sharing == nil ? 0 : 1]
      }
    }
    #expect(different == [[201, 0], [200, 0]])
  }

  @Test func `processes share a cache if it is the same`() throws {
    let sources = try (0..<2).map { _ in try File(Array(Self.mixed.utf8)) }
    for (source, partBytes) in zip(sources, [100, 200]) {
      _ = try stored([source], Way(threads: 1, partBytes: partBytes, isCached: true))
    }
    for isSame in [true, false] {
      let found = Meeting.results(of: 2) { sharing in
        let source = sources[isSame ? 0 : sharing.rank]
        let table = try? StoredTable(source.cache(), of: [source.path], format: TableFormat())
        return table?.shared(by: sharing).sharing != nil
      }
      #expect(found == [isSame, isSame])
    }
  }
}
