import Foundation
import Testing

@testable import Tables

@Suite struct TableStreamTests {
  /// How a file is read: how many parts of so many bytes at once, and how many bytes make a part at least.
  struct Way: Sendable {
    let parts, partBytes, leastPart: Int
  }

  static let ways = [
    Way(parts: 1, partBytes: 1 << 20, leastPart: 1 << 16),
    Way(parts: 1, partBytes: 7, leastPart: 1), Way(parts: 3, partBytes: 40, leastPart: 1),
    Way(parts: 8, partBytes: 1 << 10, leastPart: 1), Way(parts: 4, partBytes: 64, leastPart: 9),
  ]

  /// What comes out of a file to which the sum of a number and twice a text's index is added, and the error.
  private func rewritten(
    _ text: String, _ way: Way, format: TableFormat = TableFormat(), allowsMissing: Bool = false,
    allowsUnknown: Bool = false
  ) throws -> (text: String, error: TableError?) {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("stream-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    var columns = StreamedColumns([
      StreamedColumn("n", .number), StreamedColumn("t", .text(levels: ["a", "b \"c\"\nd", "7"])),
    ])
    columns.allowsMissing = allowsMissing
    columns.allowsUnknown = allowsUnknown
    var output: [UInt8] = []
    do throws(TableError) {
      var stream = try TableStream(
        Path(file.path), name: "f", format: format, parts: way.parts, partBytes: way.partBytes,
        leastPart: way.leastPart)
      output = stream.head(adding: ["sum"])
      while let parts = try stream.next(
        columns,
        add: { tile, fields in
          for row in 0..<tile.rowCount {
            if tile.isComplete(row: row) {
              fields.append(tile[0, row] + 2 * tile[1, row])
            } else {
              fields.appendEmpty()
            }
            fields.endRow()
          }
        })
      { output += parts.joined() }
      return (String(decoding: output, as: UTF8.self), nil)
    } catch {
      return (String(decoding: output, as: UTF8.self), error)
    }
  }

  @Test(arguments: ways)
  func `every byte of a row stays, and fields follow it`(way: Way) throws {
    let found = try rewritten(
      "\u{FEFF}t,x, n\r\na, 1 ,2\r\n\r\n\"b \"\"c\"\"\nd\",\"x\r\ny\",\"3\"\r\n 7 ,,1e1", way)
    #expect(
      found.text
        == "\u{FEFF}t,x, n,sum\r\na, 1 ,2,2.0\r\n\r\n\"b \"\"c\"\"\nd\",\"x\r\ny\",\"3\",5.0\r\n 7 ,,1e1,14.0"
    )
    #expect(found.error == nil)
  }

  @Test(arguments: ways)
  func `comments, units and lines above the names stay where they are`(way: Way) throws {
    var format = TableFormat()
    format.delimiter = .character(UInt8(ascii: ";"))
    format.decimal = UInt8(ascii: ",")
    format.comment = UInt8(ascii: "#")
    format.hasUnits = true
    format.skippedLines = 1
    let found = try rewritten(
      "made by; \"me\n#c;d\nn;t\nm/s;\n1,5;a\n#x;\"\n\n2;7\n# end", way, format: format)
    #expect(
      found.text
        == "made by; \"me\n#c;d\nn;t;sum\nm/s;;\n1,5;a;1,5\n#x;\"\n\n2;7;6,0\n# end")
    #expect(found.error == nil)
  }

  @Test(arguments: ways)
  func `a row's fields are brought to the number of the names`(way: Way) throws {
    let found = try rewritten("n,t,,\n1,a,,,,\n2,7\n3,a,,\n", way)
    #expect(found.text == "n,t,,,sum\n1,a,,,1.0\n2,7,,,6.0\n3,a,,,3.0\n")
    #expect(found.error == nil)
  }

  @Test(arguments: ways)
  func `carriage returns alone end lines, and a Ctrl-Z the text`(way: Way) throws {
    let found = try rewritten("n,t\r1,a\r2,7\r\u{1A}", way)
    #expect(found.text == "n,t,sum\r1,a,1.0\r2,7,6.0\r")
    #expect(found.error == nil)
  }

  static let faults: [(text: String, kept: String, error: String)] = [
    ("x,7\n4,a\n", "", "f:7:1: 'x' is not a number; column 'n' must hold numbers"),
    ("3,a\n,a\n", "3,a,3.0\n", "f:8:1: a value of column 'n' is missing"),
    (
      "3,e\n", "",
      "f:7:2: column 't' holds 'e', which is not one of its known texts, 'a', 'b \"c\"\\nd', '7'"
    ),
    ("3,a\n4\n", "3,a,3.0\n", "f:8: this row has 1 field, the first line has 2"),
    ("inf,a\n", "", "f:7:1: 'inf' in column 'n' is not a finite number"),
    ("3,\"a\n4,a\n", "", "f:7:2: a double quote opens here and is never closed"),
    ("3,a\n4,a\0\n", "3,a,3.0\n", "f:8: this is binary data, not CSV"),
  ]

  @Test(arguments: ways, faults)
  func `the rows before a fault are given, then the fault`(
    way: Way, fault: (text: String, kept: String, error: String)
  ) throws {
    let rows = "1,a\n\"2\",\"b \"\"c\"\"\nd\"\n\n2,7\n"
    let found = try rewritten("n,t\n" + rows + fault.text, way)
    #expect(
      found.text == "n,t,sum\n1,a,1.0\n\"2\",\"b \"\"c\"\"\nd\",4.0\n\n2,7,6.0\n" + fault.kept)
    #expect(found.error?.problem == fault.error)
  }

  @Test(arguments: ways)
  func `what is missing or unknown can be let pass`(way: Way) throws {
    let found = try rewritten(
      "n,t\n,a\nNA,a\n1,\n2,e\n3,7\n", way, allowsMissing: true, allowsUnknown: true)
    #expect(found.text == "n,t,sum\n,a,\nNA,a,\n1,,\n2,e,0.0\n3,7,7.0\n")
    #expect(found.error == nil)
  }

  @Test func `a row that is too long is an error, not all memory`() throws {
    let way = Way(parts: 1, partBytes: TableStream.longestRow, leastPart: 1 << 16)
    let found = try rewritten(
      "n,t\n1,a\n2,\"" + String(repeating: "b", count: TableStream.longestRow), way)
    #expect(found.text == "n,t,sum\n1,a,1.0\n")
    #expect(found.error?.reason == .longRow && found.error?.line == 3)
  }
}
