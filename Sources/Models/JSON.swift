internal import FoundationEssentials

/// A value of JSON, for what is written into files and read from them.
public enum JSON: Hashable, Sendable, Codable {
  case null
  case flag(Bool)
  /// A number; one that is not finite is written as null, as JSON has none.
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  /// The number of a count.
  public static func count(_ value: Int) -> JSON { .number(Double(value)) }

  /// The value that a text holds; nil if it is not JSON.
  public init?(parsing text: String) {
    guard let value = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8)) else {
      return nil
    }
    self = value
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

  /// Reads any value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
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
  /// The list that it is, if it is one.
  public var list: [JSON]? { if case .list(let value) = self { value } else { nil } }
  /// The object that it is, if it is one.
  public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }
}
