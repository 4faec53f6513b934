internal import FoundationEssentials

/// A value of JSON, for what is written into files and read from them.
public enum JSON: Hashable, Sendable, Encodable {
  case null
  case flag(Bool)
  /// A number; one that is not finite is written as null, as JSON has none.
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  /// The number of a count.
  public static func count(_ value: Int) -> JSON { .number(Double(value)) }

  /// The value that a text holds; throws if it is not JSON, or names a member of an object twice.
  public init(parsing text: String) throws(JSONError) {
    let bytes = Array(text.utf8)
    var reader = JSONReader(bytes, in: bytes.indices)
    do throws(SafetensorsError) {
      self = try reader.value()
      try reader.finish()
    } catch {
      throw JSONError(description: error.description)
    }
  }

  /// The value on one line, keys in alphabetical order.
  public var line: String { encoded(.sortedKeys) }

  /// The value on many lines, keys in alphabetical order.
  public var lines: String { encoded([.sortedKeys, .prettyPrinted]) }

  private func encoded(_ format: JSONEncoder.OutputFormatting) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = format.union(.withoutEscapingSlashes)
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a value without infinities can be encoded")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Writes the value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let value): try container.encode(value)
    case .number(let value) where value.isFinite:
      if let whole = Int(exactly: value), value.magnitude < 0x1p53 {
        try container.encode(whole)
      } else {
        try container.encode(value)
      }
    case .null, .number: try container.encodeNil()
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The text that it is, if it is one.
  public var text: String? { if case .text(let value) = self { value } else { nil } }
  /// The number that it is, if it is one.
  public var number: Double? { if case .number(let value) = self { value } else { nil } }
  /// The whole number that it is, if it is one that an `Int` holds.
  public var wholeNumber: Int? { number.flatMap { Int(exactly: $0) } }
  /// The list that it is, if it is one.
  public var list: [JSON]? { if case .list(let value) = self { value } else { nil } }
  /// The object that it is, if it is one.
  public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }
}

/// Why a text is not JSON, and which of its bytes, counted from 0, is wrong.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  /// One sentence.
  public let description: String
}
