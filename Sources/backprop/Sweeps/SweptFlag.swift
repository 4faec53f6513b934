import Flags
import Tables
import Training

/// A flag whose values differ from run to run, and the values.
struct SweptFlag: Sendable {
  /// Its name without dashes.
  let name: String
  let values: SweptValues
  /// Whether it is a switch, which the values turn on and off, or has a word of its own for a value.
  let isSwitch: Bool

  /// The words that give the flag a value; none for a switch that is off.
  func words(_ value: String) -> [Word] {
    if isSwitch {
      switch value {
      case "on": return [Word("--\(name)")]
      case "off": return []
      default: break
      }
    }
    return [Word("--\(name)=\(value)")]
  }
}

/// The values that a flag is to take, as they are written.
///
/// `0.1,0.2` are two; where one has commas, semicolons part them, and commas in parentheses or brackets do not. `0..9`
/// are the whole numbers from 0 to 9, `0.1..0.5:5` five numbers at equal distances, and `0.001..0.1:log:5` five at equal
/// ratios. In a random search a range needs no count: a number is drawn from it.
struct SweptValues: Sendable {
  /// Some values, one after the other, or a range.
  private enum Part: Sendable {
    case text(String)
    case range(SearchRange, count: Int?)
  }

  let text: String
  private let parts: [Part]

  /// The most values that a range may have.
  private static let mostValues = 1_000_000

  init(_ text: String) throws(BadValue) {
    self.text = text
    if text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      throw BadValue("a value that is swept has one line")
    }
    var parts: [Part] = []
    let texts = Self.split(text)
    for text in texts {
      if text.isEmpty {
        throw BadValue(
          "give values separated by commas, as in 0.001,0.01,0.1, or a range, as in 0..9")
      }
      parts.append(try Self.range(text) ?? .text(text))
    }
    self.parts = parts
  }

  /// The parts between semicolons if there are some, else between commas outside of parentheses and brackets.
  private static func split(_ text: String) -> [String] {
    if text.contains(";") {
      let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      // One value alone that has commas ends in a semicolon.
      return parts.count > 1 && parts[parts.count - 1].isEmpty ? Array(parts.dropLast()) : parts
    }
    var parts = [""]
    var depth = 0
    for character in text {
      if character == ",", depth == 0 {
        parts.append("")
      } else {
        depth += "([".contains(character) ? 1 : ")]".contains(character) ? -1 : 0
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }

  /// The range that a text is; nil if it is none.
  private static func range(_ text: String) throws(BadValue) -> Part? {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let bytes = Array(fields[0].utf8)
    let dot = UInt8(ascii: ".")
    let dots = bytes.indices.dropLast().first { bytes[$0] == dot && bytes[$0 + 1] == dot }
    guard let dots else { return nil }
    let ends = [bytes[..<dots], bytes[(dots + 2)...]].map { String(decoding: $0, as: UTF8.self) }
    // What is no pair of numbers is a value of another kind, such as a path.
    guard let low = finiteNumber(ends[0]), let high = finiteNumber(ends[1]) else { return nil }
    let example = "as in 0..9, 0.1..0.5:5 or 0.001..0.1:log"
    guard low <= high else {
      throw BadValue("a range goes from its smaller end to its larger one, \(example)")
    }
    var rest = fields.dropFirst()
    let isLogarithmic = rest.first == "log"
    if isLogarithmic { rest.removeFirst() }
    if isLogarithmic, low <= 0 { throw BadValue("a logarithmic range must be above 0, \(example)") }
    var count: Int?
    if let field = rest.popFirst() {
      guard let number = try? wholeNumber(field), number <= mostValues else {
        throw BadValue(
          "a range can be followed by 'log', by a count of up to \(mostValues) values, or by both, \(example)"
        )
      }
      count = number
    }
    if !rest.isEmpty {
      throw BadValue(
        "a range can be followed by 'log', by a count of values, or by both, \(example)")
    }
    let isWhole = [ends[0], ends[1]].allSatisfy { text in
      text.utf8.allSatisfy { "-0123456789".utf8.contains($0) }
    }
    if isWhole, max(low.magnitude, high.magnitude) > 0x1p53 {
      throw BadValue("the ends of a range of whole numbers are at most 9007199254740992")
    }
    let range = SearchRange(low: low, high: high, isLogarithmic: isLogarithmic, isWhole: isWhole)
    return .range(range, count: count)
  }

  /// All values, one after the other.
  func all() throws(BadValue) -> [String] {
    var values: [String] = []
    for part in parts {
      switch part {
      case .text(let text): values.append(text)
      case .range(let range, let count?): values += range.spaced(count).map(Self.text)
      case .range(let range, nil):
        guard range.isWhole, !range.isLogarithmic else {
          throw BadValue(
            "say how many values the range has, as in \(text):5, or give --random")
        }
        guard range.high - range.low < Double(Self.mostValues) else {
          throw BadValue("a range has up to \(Self.mostValues) values")
        }
        values += range.spaced(Int(range.high - range.low) + 1).map(Self.text)
      }
    }
    var seen: Set<String> = []
    if let twice = values.first(where: { !seen.insert($0).inserted }) {
      throw BadValue("\(excerpt(twice)) would be run twice")
    }
    return values
  }

  /// The value of a run in a random search; of several values or ranges first one is drawn.
  func draw(seed: UInt64, run: Int, setting: Int) -> String {
    // Which part is one draw, the value in it another.
    let choice = SearchRange(low: 0, high: Double(parts.count - 1), isWhole: true)
    let part = parts[Int(choice.draw(seed: seed, run: run, setting: 2 * setting))]
    switch part {
    case .text(let text): return text
    case .range(let range, nil):
      return Self.text(range.draw(seed: seed, run: run, setting: 2 * setting + 1))
    case .range(let range, let count?):
      let values = range.spaced(count)
      let place = SearchRange(low: 0, high: Double(count - 1), isWhole: true)
      return Self.text(values[Int(place.draw(seed: seed, run: run, setting: 2 * setting + 1))])
    }
  }

  private static func text(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 0x1p53 ? "\(Int(value))" : value.shortestDecimal
  }
}
