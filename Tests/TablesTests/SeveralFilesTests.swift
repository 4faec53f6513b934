import Testing

@testable import Tables

/// Files that are one table.
@Suite struct SeveralFilesTests {
  private func table(
    _ texts: [String], format: TableFormat = TableFormat(), wanted: Set<String>? = nil
  ) throws -> Table {
    let files = try texts.enumerated().map { number, text in
      OpenText(try FileBytes(text.utf8, name: "\(number)"), name: "\(number).csv")
    }
    return try Table(
      files, format: format, threads: 2, leastPart: 1,
      wanted: wanted.map { wanted in { _ in wanted } })
  }

  private func error(_ texts: String..., format: TableFormat = TableFormat()) -> String? {
    do {
      let table = try table(texts, format: format)
      for name in table.columnNames { _ = try table.numbers(of: name) }
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `rows follow each other as in one file`() throws {
    let parts = [
      "x,k,y\n1,a,2\n3,b,4\n", "x,k,y\n", "\u{FEFF}x,k,y\r\n5,\"b\r\n\",6\r\n# no\r\n",
      "x,k,y\n7,c,8",
    ]
    var format = TableFormat()
    format.comment = UInt8(ascii: "#")
    let table = try table(parts, format: format)
    #expect(table.rowCount == 4 && table.columnNames == ["x", "k", "y"])
    #expect(try table.numbers(of: "x") == [1, 3, 5, 7])
    #expect(try table.numbers(of: "y") == [2, 4, 6, 8])
    #expect(try table.column(named: "k")?.categories().levels == ["a", "b", "b\r\n", "c"])
    #expect((0..<4).map { table.line(ofRow: $0) } == [2, 3, 2, 2])
    #expect((0..<4).map { table.file(ofRow: $0) } == ["0.csv", "0.csv", "2.csv", "3.csv"])
    #expect(table.file == "0.csv and 3 more")
    let kept = table.keeping(rows: [1, 3])
    #expect(
      (0..<2).map { "\(kept.file(ofRow: $0)):\(kept.line(ofRow: $0))" } == ["0.csv:3", "3.csv:2"])
  }

  @Test func `a column that is text in one file is text in all`() throws {
    let table = try table(["a,b\n01,1\n2,2\n", "a,b\nx,3\n", "a,b\n01,\n"])
    #expect(table.column(named: "a")?.isText == false)
    let words = try self.table(["a\n01\n", "a\nx\ny\n", "a\n01\n"])
    #expect(
      try words.column(named: "a")?.categories()
        == Categories(levels: ["01", "x", "y"], codes: [0, 1, 2, 0]))
    #expect(try table.numbersOrMissing(of: "b") == [1, 2, 3, nil])
  }

  @Test func `the first fault of all files is told, with its file`() {
    #expect(error("a,b\n1,2\n", "a,b\n1,x\n")?.hasPrefix("1.csv:2:2: ") == true)
    #expect(error("a,b\n1,2\n1,\n", "a,b\nx,1\nx,1\n")?.hasPrefix("1.csv:2:1: ") == true)
    #expect(error("a,b\n1,2\n1,\n", "a,b\n1,x\n")?.hasPrefix("0.csv:3:2: ") == true)
    #expect(error("a,b\n1,2\n", "a,b\n1,2\n1,2,3\n")?.hasPrefix("1.csv:3: ") == true)
    #expect(error("a,b\n", "a,b\n")?.hasPrefix("0.csv: ") == true)
    #expect(error("a,b\n1,2\n", "")?.hasPrefix("1.csv: ") == true)
    #expect(error("a,b\n1,2\n", "a,b\n1,\0\n")?.hasPrefix("1.csv:2: ") == true)
  }

  @Test func `files of other columns are refused`() {
    let remedy = "; give all files of the table the same columns in the same order"
    #expect(
      error("a,b\n1,2\n", "\n\na,c\n1,2\n")
        == "1.csv:3:2: this column is 'c', but 0.csv has 'b'" + remedy)
    #expect(
      error("a,b\n1,2\n", "b,a\n1,2\n")
        == "1.csv:1:1: this column is 'b', but 0.csv has 'a'" + remedy)
    #expect(
      error("a,b\n1,2\n", "a\n1\n") == "1.csv:1: there is 1 column, but 0.csv has 2" + remedy)
    var format = TableFormat()
    format.hasHeader = false
    #expect(error("1,2\n", "3,4\n", format: format) == nil)
    #expect(
      error("1,2\n", "3,4,5\n", format: format)
        == "1.csv:1: there are 3 columns, but 0.csv has 2" + remedy)
  }

  @Test func `what is missing is handled in all files`() throws {
    let table = try table(["a,b\n1,\n2,4\n", "a,b\n,5\n3,\n9,6\n"])
    #expect(try table.handling(.drop, in: ["a", "b"]).numbers(of: "a") == [2, 9])
    #expect(try table.handling(.mean, in: ["b"]).numbers(of: "b") == [5, 4, 5, 5, 6])
    #expect(throws: TableError.self) { try table.handling(.error, in: ["a"]) }
  }
}
