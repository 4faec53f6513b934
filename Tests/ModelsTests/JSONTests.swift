import Foundation
import Models
import Testing

@Suite struct JSONTests {
  @Test(
    arguments: [
      ("null", .null), (" true ", .flag(true)), ("false", .flag(false)), ("-0", .number(-0.0)),
      ("0", .number(0)), ("-12.50e-1", .number(-1.25)), ("1E+2", .number(100)),
      ("0.5", .number(0.5)),
      ("\"\\u00e9\\n\"", .text("é\n")), ("[]", .list([])), ("{}", .object([:])),
      (
        "[1, [\"a\"], {\"b\": null}]\n",
        .list([.number(1), .list([.text("a")]), .object(["b": .null])])
      ),
    ] as [(String, JSON)])
  func `a text that is JSON is read`(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
    #expect(try JSON(parsing: value.line) == value)
    #expect(try JSON(parsing: value.lines) == value)
  }

  @Test(arguments: [
    ("", "byte 0: the JSON needs a value here"), ("nul", "byte 0: the JSON needs"),
    ("True", "byte 0: the JSON needs"), ("nan", "byte 0: the JSON needs"),
    ("+1", "byte 0: '+1' is not a number of JSON"), ("01", "byte 0: '01' is not a number"),
    ("-01", "byte 0: '-01' is not a number"), (".5", "byte 0: '.5' is not a number"),
    ("5.", "byte 0: '5.' is not a number"), ("5.e1", "byte 0: '5.e1' is not a number"),
    ("--5", "byte 0: '--5' is not a number"), ("1e", "byte 0: '1e' is not a number"),
    ("1e999", "byte 0: '1e999' is not a number"), ("1 2", "byte 2: only spaces may follow here"),
    ("[1,]", "byte 3: the JSON needs a value here"),
    ("[1", "byte 2: the JSON needs"),
    ("{\"a\":1,}", "byte 7: the JSON needs a text in double quotes here"),
    ("{\"a\":1,\"b\":2,\"a\":3}", "byte 13: the name 'a' occurs twice"),
    ("[{\"a\":{\"b\":1,\"\\u0062\":2}}]", "byte 13: the name 'b' occurs twice"),
    ("\"a\nb\"", "byte 2: a control character"),
    ("\"\\ud800\"", "byte 1: this backslash begins no escape"),
  ])
  func `a text that is not JSON is an error at its byte`(text: String, sentence: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.description.hasPrefix(sentence) == true, "\(String(describing: error))")
  }

  @Test(arguments: ["[", "{\"a\":"])
  func `nesting has a limit`(opening: String) throws {
    func nested(_ levels: Int) -> String {
      String(repeating: opening, count: levels - 1) + "[]"
        + String(repeating: opening == "[" ? "]" : "}", count: levels - 1)
    }
    _ = try JSON(parsing: nested(32))
    for levels in [33, 100_000] {
      let error = #expect(throws: JSONError.self) { try JSON(parsing: nested(levels)) }
      #expect(
        error?.description
          == "byte \(32 * opening.utf8.count): the JSON nests deeper than 32 levels")
    }
  }
}

/// What is written, against the writer of JSON whose bytes users of earlier builds have.
@Suite struct JSONWriterTests {
  /// The same value for Foundation's encoder.
  struct Encoded: Encodable {
    let value: JSON

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch value {
      case .flag(let value): try container.encode(value)
      case .number(let value) where value.isFinite:
        if let whole = Int(exactly: value), value.magnitude < 0x1p53 {
          try container.encode(whole)
        } else {
          try container.encode(value)
        }
      case .null, .number: try container.encodeNil()
      case .text(let value): try container.encode(value)
      case .list(let value): try container.encode(value.map { Encoded(value: $0) })
      case .object(let value): try container.encode(value.mapValues { Encoded(value: $0) })
      }
    }
  }

  static let scalars =
    (0...0xFF).map { Unicode.Scalar(UInt8($0)) } + "é\u{301}ﬀ\u{2028}\u{FFFD}😀".unicodeScalars

  /// A value that a number of random ones has chosen.
  static func value(_ source: inout SystemRandomNumberGenerator, depth: Int = 0) -> JSON {
    func text(_ source: inout SystemRandomNumberGenerator) -> String {
      let count = Int.random(in: 0...6, using: &source)
      let chosen = (0..<count).map { _ in scalars[Int.random(in: scalars.indices, using: &source)] }
      return String(String.UnicodeScalarView(chosen))
    }
    switch Int.random(in: 0...(depth < 4 ? 9 : 5), using: &source) {
    case 0: return .null
    case 1: return .flag(Bool.random(using: &source))
    case 2: return .number(Double(Int.random(in: -1000...1000, using: &source)) / 8)
    case 3: return .number(Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &source)))
    case 4, 5: return .text(text(&source))
    case 6, 7:
      return .list(
        (0..<Int.random(in: 0...4, using: &source)).map { _ in value(&source, depth: depth + 1) })
    default:
      let names = (0..<Int.random(in: 0...5, using: &source)).map { _ in text(&source) }
      return .object(
        Dictionary(
          names.map { ($0, value(&source, depth: depth + 1)) },
          uniquingKeysWith: { first, _ in first }))
    }
  }

  @Test func `the bytes are those of Foundation's encoder`() throws {
    var source = SystemRandomNumberGenerator()
    let numbers = [
      0, -0.0, 0x1p53, -0x1p53, 0x1p53 - 1, 1e15, 1e16, 1e22, 0.1, 1.5e-7, .infinity, .nan,
    ]
    let listed: [JSON] = [
      .text(String(String.UnicodeScalarView(Self.scalars))), .list(numbers.map { .number($0) }),
      .list([]), .object([:]), .list([.list([]), .object([:])]),
    ]
    for value in listed + (0..<2000).map({ _ in Self.value(&source) }) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      #expect(try Array(value.line.utf8) == Array(encoder.encode(Encoded(value: value))))
      encoder.outputFormatting.insert(.prettyPrinted)
      #expect(try Array(value.lines.utf8) == Array(encoder.encode(Encoded(value: value))))
    }
  }
}
