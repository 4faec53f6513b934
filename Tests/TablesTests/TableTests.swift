import Glibc
import Tables
import Testing

@Suite struct TableTests {
  @Test func `columns are known by name and order`() throws {
    let table = try Table(csv: "name,x,y\na,1,2\nb,3,4\n".utf8, name: "t.csv")
    #expect(table.columnNames == ["name", "x", "y"])
    #expect(table.rowCount == 2)
    #expect(table.file == "t.csv")
    #expect(table.column(named: "z")?.name == nil)
    #expect(try table.numbers(of: "y") == [2, 4])
    let error = #expect(throws: TableError.self) { try table.numbers(of: "name") }
    #expect(error?.reason == .notANumber("'a'", column: "'name'"))
    #expect(error?.line == 2 && error?.field == 1)
  }

  @Test func `a row knows its line`() throws {
    let text = "\"x\n\",y\n1,2\n\"1\n\",2\n\"\n\n1\",2\n1,2\n1,2\n"
    let table = try Table(csv: text.utf8, name: "t")
    #expect((0..<table.rowCount).map(table.line(ofRow:)) == [3, 4, 6, 9, 10])
  }

  @Test(arguments: [1, 3, 40, 20_000])
  func `generated rows read back the same`(columns: Int) throws {
    var random = SplitMix(state: UInt64(columns))
    let rows = max(2, 100_000 / columns)
    let values = (0..<columns).map { _ in (0..<rows).map { _ in random.finiteDouble() } }
    var text = Array((0..<columns).map { csvField("c\"\($0)") }.joined(separator: ",").utf8)
    for row in 0..<rows {
      for column in 0..<columns {
        text.append(UInt8(ascii: column == 0 ? "\n" : ","))
        let isQuoted = random.next() % 8 == 0
        if isQuoted { text.append(UInt8(ascii: "\"")) }
        text.append(shortestDecimal: values[column][row])
        if isQuoted { text.append(UInt8(ascii: "\"")) }
      }
    }
    let table = try Table(csv: text, name: "generated")
    #expect(table.columnNames == (0..<columns).map { "c\"\($0)" })
    for (column, expected) in zip(table.columns, values) {
      #expect(try column.numbers.get().map(\.bitPattern) == expected.map(\.bitPattern))
    }
  }

  @Test(arguments: ["", " ", "a", " a", "a\t", "a,b", "\"", "a\"b\"\"", "a\nb", "\r", "é, \"ö\""])
  func `a name written as a field is read back`(name: String) throws {
    let text = "x,\(csvField(name + "!"))\n1,\(csvField(name))\n"
    let table = try Table(csv: text.utf8, name: "t")
    #expect(table.columnNames == ["x", name + "!"])
    #expect(csvField(name).hasPrefix("\"") == (name != "a"))
  }

  @Test(arguments: [10, 4096, 1 << 20, (1 << 20) + 4093])
  func `a file of any size is read, mapped or not`(size: Int) throws {
    let bytes = Array("x\n".utf8) + (2..<size).map { UInt8(ascii: $0 % 8 == 1 ? "\n" : "7") }
    let path = "/tmp/TablesTests-\(getpid())-\(size).csv"
    defer { unlink(path) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    let read = try Table(readingCSV: path).numbers(of: "x")
    #expect(try read == Table(csv: bytes, name: "t").numbers(of: "x"))
    #expect(read.count == (size + 5) / 8)
  }

  @Test(arguments: [
    ("/no/such.csv", TableError.Reason.cannotOpen(errno: ENOENT)),
    ("/tmp", .cannotOpen(errno: EISDIR)),
    ("/proc/self/mem", .cannotRead(errno: EIO)),
    ("/dev/null", .empty),
  ])
  func `a file that cannot be read says why`(path: String, reason: TableError.Reason) {
    let error = #expect(throws: TableError.self) { try Table(readingCSV: path) }
    #expect(error?.reason == reason)
    #expect(error?.description.hasPrefix("\(path): ") == true)
  }
}

/// Random numbers that are the same on every run (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Half of them any finite double, half near 1.
  mutating func finiteDouble() -> Double {
    let value = Double(bitPattern: next())
    return value.isFinite && next() % 2 == 0 ? value : Double.random(in: -10...10, using: &self)
  }
}
