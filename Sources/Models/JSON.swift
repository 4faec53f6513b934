/// A JSON value, for reading and writing files.
public enum JSON: Hashable, Sendable {
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

  /// The value on one line, keys in the order of their UTF-8 bytes.
  public var line: String { text(hasLines: false) }

  /// The value on many lines, keys in the order of their UTF-8 bytes.
  public var lines: String { text(hasLines: true) }

  private func text(hasLines: Bool) -> String {
    var writer = JSONWriter(hasLines: hasLines)
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
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

/// Why a text is not JSON, with the offset of the first wrong byte.
public struct JSONError: Error, Hashable, CustomStringConvertible {
  /// One sentence.
  public let description: String
}
