import Testing

@testable import Tables

/// Files written at random in every way that a format allows, of which the values are known.
@Suite struct GeneratedFileTests {
  @Test(arguments: 1...300)
  func `what was written in any way is read back`(seed: Int) throws {
    var file = GeneratedFile(seed: UInt64(seed))
    let bytes = file.write()
    let table = try Table(
      FileBytes(bytes, name: "t"), name: "t", format: file.format, threads: 1 + seed % 5,
      leastPart: 1)
    let text = String(decoding: bytes, as: UTF8.self).debugDescription
    #expect(table.columnNames == (file.format.hasHeader ? ["name", "number"] : ["x1", "x2"]))
    #expect((0..<table.rowCount).map(table.line(ofRow:)) == file.lines, "\(text)")
    let names = try table.columns[0].categories()
    #expect(names.codes.map { names.levels[Int($0)] } == file.names, "\(text)")
    #expect(Set(names.levels).count == names.levels.count)
    let present = try table.handling(.drop, in: [table.columnNames[1]])
    #expect(
      try present.columns[1].numbers.get() == file.numbers.compactMap { $0 }, "\(text)")
    #expect(
      (0..<present.rowCount).map(present.line(ofRow:))
        == zip(file.lines, file.numbers).filter { $0.1 != nil }.map(\.0))
  }
}

private struct GeneratedFile {
  var format = TableFormat()
  /// The lines on which rows begin, and what stands there.
  private(set) var lines: [Int] = []
  private(set) var names: [String] = []
  private(set) var numbers: [Double?] = []
  private var random: SplitMix
  private let delimiter: String
  private let lineEnd: String
  private var line = 1

  init(seed: UInt64) {
    random = SplitMix(state: seed)
    delimiter = [",", ";", "\t", "|", " "].randomElement(using: &random) ?? ","
    lineEnd = ["\n", "\r\n", "\r"].randomElement(using: &random) ?? "\n"
    format.delimiter = delimiter == " " ? .spaces : .character(delimiter.utf8.first ?? 0)
    if delimiter != ",", Bool.random(using: &random) { format.decimal = UInt8(ascii: ",") }
    if Bool.random(using: &random) { format.comment = UInt8(ascii: "#") }
    format.hasHeader = Bool.random(using: &random)
    format.missing = ["NA"]
  }

  mutating func write() -> [UInt8] {
    var text = Bool.random(using: &random) ? "\u{FEFF}" : ""
    if format.hasHeader { text += row(["name", "number"]) }
    for row in 0..<Int.random(in: 2...40, using: &random) {
      if format.comment != nil, Int.random(in: 0..<4, using: &random) == 0 {
        text += " # \"\(delimiter)" + lineEnd
        line += 1
      }
      lines.append(line)
      // The first is no number, so that all are texts; two are there for the first line's sake.
      names.append(
        row == 0
          ? "a" : pick(["a", "1", "1.0", "a b", "é", "x,y", "p;q", "\"", "\n#", "\r\n", "|", "\t"]))
      let isMissing = row > 0 && Int.random(in: 0..<5, using: &random) == 0
      numbers.append(isMissing ? nil : Double(Int.random(in: -999...999, using: &random)) / 8)
      let number = numbers[row].map { value in
        "\(value)".map { $0 == "." && format.decimal == UInt8(ascii: ",") ? "," : String($0) }
          .joined()
      }
      text += self.row([names[row], number ?? pick(["NA", "\"\"", delimiter == " " ? "NA" : ""])])
    }
    if Bool.random(using: &random) { text += lineEnd + " " + lineEnd }
    return Array(text.utf8)
  }

  private mutating func row(_ fields: [String]) -> String {
    let gap = delimiter == " " ? pick([" ", "  ", " \t"]) : delimiter
    let text = fields.map { field(String($0)) }.joined(separator: gap)
    line += 1
    return (Bool.random(using: &random) ? " " : "") + text + pick(["", " "]) + lineEnd
  }

  private mutating func field(_ text: String) -> String {
    let marks = Set("\"\n\r\t #".unicodeScalars).union(delimiter.unicodeScalars)
    let isPlain = !text.unicodeScalars.contains(where: marks.contains) || text == "\"\""
    if text.isEmpty || isPlain && Int.random(in: 0..<4, using: &random) > 0 { return padded(text) }
    if text == "\"\"" { return text }
    // A CRLF is one line break.
    let breaks = text.replacing("\r\n", with: "\n").unicodeScalars.count {
      "\r\n".unicodeScalars.contains($0)
    }
    line += breaks
    return padded("\"" + text.replacing("\"", with: "\"\"") + "\"")
  }

  private mutating func padded(_ text: String) -> String {
    delimiter == " " ? text : pick(["", " "]) + text + pick(["", " "])
  }

  private mutating func pick(_ texts: [String]) -> String {
    texts.randomElement(using: &random) ?? ""
  }
}
