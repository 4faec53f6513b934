import CDecimal
import Glibc
import Testing

@testable import Tables

/// The reader of runs of plain numbers, with the instructions of this machine and of every machine.
@Suite struct PlainNumberTests {
  /// How a test calls the reader.
  enum Level: CaseIterable, Sendable { case best, baseline }

  @Test(arguments: Level.allCases, Spelling.allCases)
  func `numbers in a row have the bits of strtod`(level: Level, spelling: Spelling) {
    var random = SplitMix(state: 7)
    for _ in 0..<spelling.count / 10 {
      let fields = (0..<10).map { _ in spelling.text(&random) }
      var rest = fields[...]
      while let first = rest.first {
        let run = read(rest.joined(separator: ","), level)
        #expect(
          run.values.map(\.bitPattern)
            == rest.prefix(run.values.count).map { strtod($0, nil).bitPattern }, "\(rest)")
        #expect(run.length == rest.prefix(run.values.count).joined(separator: ",").utf8.count)
        if run.values.isEmpty { #expect(isLeftOver(first), "\(first)") }
        rest = rest.dropFirst(max(1, run.values.count))
      }
    }
  }

  /// Whether a number of random spelling may be left to the reader of fields.
  private func isLeftOver(_ text: String) -> Bool {
    let digits = text.prefix { $0 != "e" && $0 != "E" }
    return digits.count > 31 || digits.drop { !"123456789".contains($0) }.count { $0 != "." } > 19
      || digits.isEmpty || digits.count < text.count || digits.count > 27
  }

  @Test(arguments: [
    "0", "-0", "+7", "5.", "-5.", ".5", "-.5", "0.0", "-0.0e0", "007", "1e5", "1E-3", "-2.5d+2",
    "3D1", "9999999999999999999", "0.9999999999999999999", "00000000000000000000000000000.5",
    "0000000000000000000000000000001", "-000000000000000000000000000001", "1e27", "1e-27",
    "9007199254740993", "9007199254740992.5", "-9007199254740993.00", "1e0000000000000000000022",
    "123456789012345.6", "4503599627370496.5", "4503599627370497.5",
    "0.000000000000000000000000000",
    "12345678.12345678", "1234567.87654321", "123456789.1", "1234567890123456.789",
  ])
  func `a number is read wherever it stands`(text: String) {
    let expected = strtod(text.map { $0 == "d" || $0 == "D" ? "e" : String($0) }.joined(), nil)
    for level in Level.allCases {
      for end in ["", ",", "\n", "\r\n", "\0", ",,,,", ",x", ",12345678"] {
        for before in ["", "0", "0.99999999999999999999999999999999", "99999999999-"] {
          let run = read(text + end, level, count: 1, before: before)
          #expect(run.values.map(\.bitPattern) == [expected.bitPattern], "\(text)\(end)")
          #expect(run.length == text.utf8.count)
        }
      }
    }
  }

  @Test(arguments: Level.allCases, 1...40)
  func `a number is read up to 31 characters and 19 significant digits`(
    level: Level, length: Int
  ) {
    for pointAt in 0...length {
      for digit in ["0", "1", "9"] {
        var text = String(repeating: digit, count: length)
        if pointAt < length {
          text = "\(text.prefix(pointAt)).\(text.dropFirst(pointAt + 1))"
        }
        let digits = text.count { $0 != "." }
        let canRead =
          digits > 0 && length < 32 && (digits <= 19 || digit == "0")
        let run = read(text + ",1", level)
        #expect(run.values.isEmpty != canRead, "\(text)")
        if canRead { #expect(run.values == [strtod(text, nil), 1], "\(text)") }
      }
    }
  }

  @Test(arguments: Level.allCases)
  func `the largest mantissa is one below ten to the nineteenth`(level: Level) {
    #expect(read("9999999999999999999", level).values == [1e19])
    #expect(read("10000000000000000000", level).values == [])
    #expect(read("0.00009999999999999999999", level).values == [0.00009999999999999999999])
    #expect(read("0.00010000000000000000000", level).values == [])
    #expect(read("0.00000000010000000000000000000", level).values == [])
  }

  @Test(
    arguments: Level.allCases,
    [
      "", ",", ".", "-", "+", "-.", "+-5", "--5", "1.2.3", "1-", "1-2", " 1", "1 ", "1 ,2", "\t1",
      "1\t",
      "1e", "1e+", "1ex", "e5", ".e5", "1e28", "1e-28", "1e99999999999999999999", "0x10", "nan",
      "inf", "\"1\"", "1\"", "1;2", "1\u{B}", "1:", "1/", "é", "1é", "\0", "\n", "1f",
    ])
  func `what is no plain number is left`(level: Level, text: String) {
    let run = read(text, level)
    #expect(run.values == [] && run.length == 0)
    let second = read("2.5,\(text)", level)
    #expect(second.values == [2.5] && second.length == 3)
  }

  @Test(arguments: Level.allCases)
  func `marks are the format's`(level: Level) {
    let semicolons = bp_field_marks(
      delimiter: UInt8(ascii: ";"), other_delimiter: UInt8(ascii: ";"), point: UInt8(ascii: ","))
    #expect(read("1,5;-2;3\r\n4", level, marks: semicolons).values == [1.5, -2, 3])
    #expect(read("1.5;2", level, marks: semicolons).values == [])
    let blanks = bp_field_marks(
      delimiter: UInt8(ascii: " "), other_delimiter: UInt8(ascii: "\t"), point: UInt8(ascii: "."))
    #expect(read("1 2\t3  4", level, marks: blanks).values == [1, 2, 3])
    #expect(read("1 \n2", level, marks: blanks).length == 1)
  }

  @Test(arguments: Level.allCases)
  func `no more fields are read than asked for, and none of the next row`(level: Level) {
    #expect(read("1,2,3,4", level, count: 0).values == [])
    let run = read("1,2,3,4", level, count: 3)
    #expect(run.values == [1, 2, 3] && run.length == 5)
    #expect(read("1,2\n3,4", level).values == [1, 2])
    #expect(read("1,2,\n3,4", level).length == 3)
  }

  @Test(arguments: 1...20)
  func `rows of plain and other fields are read the same`(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    let columns = 1 + random.index(12)
    var text = (0..<columns).map { "c\($0)" }.joined(separator: ",")
    var expected = [[UInt64]](repeating: [], count: columns)
    for _ in 0..<200 {
      var fields: [String] = []
      for column in 0..<columns {
        let spelling = Spelling.allCases[random.index(4) < 3 ? 0 : random.index(9)]
        var number = spelling.text(&random)
        while !strtod(number, nil).isFinite || Double(number) == nil { number = "1.5" }
        expected[column].append(strtod(number, nil).bitPattern)
        let forms = [number, " \(number)", "\(number) ", "\"\(number)\"", "\t\(number)\t"]
        fields.append(forms[random.index(4) < 3 ? 0 : random.index(5)])
      }
      text += "\n" + fields.joined(separator: ",")
    }
    for threads in 1...4 {
      let table = try Table(
        FileBytes(text.utf8, name: "t"), name: "t", format: TableFormat(), threads: threads,
        leastPart: 1)
      for (column, bits) in zip(table.columns, expected) {
        #expect(try column.numbers.get().map(\.bitPattern) == bits)
      }
      let some = Set((0..<columns).filter { $0 % 3 != 1 }.map { "c\($0)" })
      let part = try Table(csv: text.utf8, name: "t", threads: threads, wanted: { _ in some })
      for name in some {
        #expect(try part.numbers(of: name) == table.numbers(of: name))
      }
    }
  }

  @Test func `a column that turns to text leaves its neighbours numbers`() throws {
    let rows = (0..<100).map { "\($0)\($0 == 70 ? "" : ".25"),\($0 == 50 ? "x" : "\($0)"),-\($0)" }
    let table = try Table(csv: "aaaaaaaaaa,b,c\n\(rows.joined(separator: "\n"))\n".utf8, name: "t")
    #expect(
      try table.numbers(of: "aaaaaaaaaa") == (0..<100).map { Double($0) + ($0 == 70 ? 0 : 0.25) })
    #expect(try table.numbers(of: "c") == (0..<100).map { -Double($0) })
    let error = #expect(throws: TableError.self) { try table.numbers(of: "b") }
    #expect(error?.line == 52 && error?.field == 2)
  }

  /// What is read of a text after which zeros stand, and how many bytes it takes.
  private func read(
    _ text: String, _ level: Level, count: Int = 10, before: String = "",
    marks: bp_field_marks = bp_field_marks(
      delimiter: UInt8(ascii: ","), other_delimiter: UInt8(ascii: ","), point: UInt8(ascii: "."))
  ) -> (values: [Double], length: Int) {
    let window = Int(BP_WINDOW)
    let lead = [UInt8](repeating: UInt8(ascii: "7"), count: window) + Array(before.utf8)
    let bytes = lead + Array(text.utf8) + [UInt8](repeating: 0, count: window)
    var values = [Double](repeating: .nan, count: 2 * max(1, count))
    return bytes.withUnsafeBufferPointer { bytes in
      guard let begin = bytes.baseAddress else { return ([], 0) }
      var position: UnsafePointer<UInt8>? = begin + lead.count
      let read =
        switch level {
        case .best: bp_read_numbers(&position, marks, count, &values, 2)
        case .baseline: bp_read_numbers_baseline(&position, marks, count, &values, 2)
        }
      return ((0..<read).map { values[2 * $0] }, position.map { $0 - begin - lead.count } ?? -1)
    }
  }
}
