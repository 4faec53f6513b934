import Glibc
import Testing

@testable import Tables

/// Random bytes, most of them nearly a table, in random formats.
///
/// `BACKPROP_FUZZ_SECONDS` says how long, 10 if it is not set; `BACKPROP_FUZZ_SEED` what with. What
/// fails is shown with its seed.
@Suite struct FuzzTests {
  private static func setting(_ name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }

  @Test func `no bytes crash the reader, hang it, or come out by the number of threads`() throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(Self.setting("BACKPROP_FUZZ_SECONDS") ?? 10)
    var seed = Self.setting("BACKPROP_FUZZ_SEED") ?? 1
    repeat {
      var input = FuzzInput(seed: seed)
      let text = input.bytes()
      let format = input.format()
      let duration = clock.measure {
        let alone = finding(text, format, threads: 1)
        let threads = 2 + Int(seed % 9)
        #expect(
          finding(text, format, threads: threads) == alone,
          "seed \(seed), \(threads) threads: \(String(decoding: text, as: UTF8.self).debugDescription)"
        )
      }
      // Far more than any of them takes, and far less than one that is quadratic would.
      #expect(duration < .seconds(10), "seed \(seed)")
      seed += 1
    } while clock.now < end
  }

  /// Everything that there is to know of a table or an error, with what must be true of it checked.
  private func finding(_ text: [UInt8], _ format: TableFormat, threads: Int) -> [String] {
    do {
      let table = try Table(
        FileBytes(text, name: "t"), name: "t", format: format, threads: threads, leastPart: 1)
      return describe(table, ofBytes: text.count)
        + MissingPolicy.allCases.flatMap { policy in
          table.columnNames.prefix(3).flatMap { name in
            do throws(TableError) {
              let handled = try table.handling(policy, in: [name])
              let column = handled.column(named: name)
              #expect(column?.missing == nil)
              return describe(handled, ofBytes: text.count)
            } catch {
              return [describe(error, in: text)]
            }
          }
        }
    } catch {
      return [describe(error, in: text)]
    }
  }

  private func describe(_ table: Table, ofBytes count: Int) -> [String] {
    #expect((1...count).contains(table.rowCount))
    #expect(Set(table.columnNames).count == table.columnNames.count)
    let lines = (0..<table.rowCount).map(table.line(ofRow:))
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0 < $1 })
    return ["\(lines)"]
      + table.columns.map { column in
        var parts = [column.name, "\(column.isText)"]
        switch column.numbers {
        case .success(let numbers):
          #expect(numbers.count == table.rowCount && !column.isText)
          #expect(!numbers.contains { $0.isMissing || NumberWord($0) != nil })
          parts += numbers.map { String($0.bitPattern) }
        case .failure(let error): parts.append(error.description)
        }
        do throws(TableError) {
          let categories = try column.categories()
          #expect(categories.codes.count == table.rowCount)
          #expect(categories.codes.allSatisfy(categories.levels.indices.map(Int32.init).contains))
          parts += categories.levels + categories.codes.map { "\($0)" }
        } catch {
          parts.append(error.description)
        }
        return parts.joined(separator: "\0")
      }
  }

  private func describe(_ error: TableError, in text: [UInt8]) -> String {
    let breaks = text.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    #expect(error.line.map { (1...breaks + 1).contains($0) } ?? true, "\(error)")
    #expect(error.field.map { (1...text.count + 1).contains($0) } ?? true, "\(error)")
    #expect(!error.description.utf8.contains { $0 < 0x20 }, "\(error)")
    return error.description
  }
}

/// One input of the fuzzer, the same for the same seed.
private struct FuzzInput {
  private var random: SplitMix

  init(seed: UInt64) { random = SplitMix(state: seed) }

  private mutating func index(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  private mutating func pick<T>(_ values: [T]) -> T { values[index(values.count)] }

  mutating func format() -> TableFormat {
    while true {
      var format = TableFormat()
      format.delimiter = pick(
        [.character(UInt8(ascii: ",")), .character(UInt8(ascii: ";")), .spaces]
          + [.character(UInt8(ascii: "\t")), .character(UInt8(ascii: "|"))])
      format.decimal = UInt8(ascii: index(3) == 0 ? "," : ".")
      if index(2) == 0 { format.comment = UInt8(ascii: pick(["#", "%", ";"])) }
      format.hasHeader = index(3) > 0
      format.skippedLines = pick([0, 0, 0, 1, 2])
      format.hasUnits = format.hasHeader && index(4) == 0
      if index(2) == 0 { format.missing = pick([["NA"], ["nan", "-1"], ["a", "\""]]) }
      if format.contradiction == nil { return format }
    }
  }

  mutating func bytes() -> [UInt8] {
    var bytes: [UInt8]
    switch index(8) {
    case 0: bytes = (0..<index(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    case 1, 2: bytes = pick(MessyFile.ofNumbers + MessyFile.ofCategories).bytes
    case 3, 4: bytes = (0..<index(60)).flatMap { _ in token() }
    default: bytes = rows()
    }
    for _ in 0..<pick([0, 0, 1, 2, 8]) { change(&bytes) }
    return bytes
  }

  /// Rows that are well formed, with a comma, semicolon, tab or space between fields.
  private mutating func rows() -> [UInt8] {
    let delimiter = Array(pick([",", ",", ";", "\t", " ", "|"]).utf8)
    let lineEnd = Array(pick(["\n", "\n", "\r\n", "\r"]).utf8)
    let columns = 1 + index(5)
    var bytes: [UInt8] = []
    for row in 0...index(30) {
      for column in 0..<columns {
        if column > 0 { bytes += delimiter }
        bytes += row == 0 ? Array("c\(column)".utf8) : field()
      }
      bytes += lineEnd
    }
    return bytes
  }

  private mutating func field() -> [UInt8] {
    let quoted = pick(["", "a,b", "1\n2", "\"\"", "\r", "x\r\ny", "3", "# 1", ";"])
    return Array(
      pick(["1", "2.5", "-3e4", "2,5", "007", "NA", "a", "", "b c", "\"\(quoted)\"", " 4 "]).utf8)
  }

  private mutating func token() -> [UInt8] {
    let texts = [
      ",", ",", ";", "\t", " ", "|", "\n", "\n", "\r", "\r\n", "\"", "\"\"", "#", "%", "\0", "x",
      "y",
      "1", "2", "-", "+", ".", "e", "E5", "1e999", "nan", "nan(1)", "inf", "NA", "é", "\u{FEFF}",
      "\u{1A}", "sep=;\n", "1D3", "1,234.5", "1.234,5",
      "12345678901234567890", "0.000000000000000000000000000001", "99999999",
    ]
    return index(20) == 0 ? [UInt8(truncatingIfNeeded: random.next())] : Array(pick(texts).utf8)
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let position = index(bytes.count + 1)
    switch index(5) {
    case 0: bytes.insert(contentsOf: token(), at: position)
    case 1: bytes.removeSubrange(position..<min(bytes.count, position + 1 + index(4)))
    case 2: bytes.removeSubrange(position...)
    case 3 where position < bytes.count: bytes[position] = UInt8(truncatingIfNeeded: random.next())
    default:
      let end = min(bytes.count, position + index(40))
      for _ in 0..<index(5) { bytes.insert(contentsOf: bytes[position..<end], at: position) }
    }
  }
}
