/// What would help with a file that is written in an unexpected way.
public enum Remedy: Hashable, Sendable {
  /// `--delimiter` with this character.
  case delimiter(Character)
  /// `--decimal ,`, under which the text is a number.
  case decimalComma
  /// No `--decimal ,`.
  case decimalPoint
  /// The comma of a number where commas delimit.
  case numberWithComma
  /// `--comment` with this character.
  case comment(Character)
  /// `--na` with this word.
  case missingWord(String)
  /// A number and what follows it, as in `4.1kg`.
  case unit(number: String, rest: String)

  /// What to do, as a part of a sentence.
  var sentence: String {
    switch self {
    case .delimiter(let character):
      "fields separated by \(name(of: character)) need \(flag(character))"
    case .decimalComma: "--decimal , reads it as a number with a decimal comma"
    case .decimalPoint: "without --decimal , it would be one"
    case .numberWithComma: "write it without the comma, or with a point"
    case .comment(let character): "--comment \(quoted(character)) passes such lines over"
    case .missingWord(let word): "--na \(quoted(word)) reads it as a missing value"
    case .unit(let number, let rest): "write \(number) alone, without \(rest)"
    }
  }

  /// The remedy for a field that is no number; nil if none is known.
  init?(for text: [UInt8], format: TableFormat, column: Int, columnCount: Int) {
    let comma = UInt8(ascii: ",")
    let point = UInt8(ascii: ".")
    if format.decimal == comma {
      if spelledNumber(text, point: point) != nil {
        self = .decimalPoint
        return
      }
    } else if text.contains(comma), spelledNumber(text, point: comma) != nil {
      self = format.delimiter == .character(comma) ? .numberWithComma : .decimalComma
      return
    }
    let delimiter = Self.delimiters.first { delimiter in
      let fields = text.split(separator: delimiter)
      return fields.count > 1
        && fields.allSatisfy { spelledNumber($0, point: format.decimal) != nil }
    }
    if let delimiter, columnCount == 1 {
      self = .delimiter(Character(Unicode.Scalar(delimiter)))
    } else if column == 0, format.comment == nil, let mark = Self.commentMark(text) {
      self = .comment(mark)
    } else if let word = String(validating: text, as: UTF8.self), Self.isWordForMissing(word) {
      self = .missingWord(word)
    } else if let count = lengthOfNumber(beginning: text, point: format.decimal) {
      let rest = text[count...].drop { $0 == UInt8(ascii: " ") }
      guard rest.allSatisfy({ $0 >= 0x80 || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x25 })
      else {
        return nil
      }
      self = .unit(
        number: excerpt(String(decoding: text[..<count], as: UTF8.self)),
        rest: excerpt(String(decoding: rest, as: UTF8.self)))
    } else {
      return nil
    }
  }

  /// The remedy for a row with too few or too many fields; nil if none is known.
  init?(forRowAt start: TextPointer, format: TableFormat, header: [String]) {
    guard format.comment == nil else { return nil }
    let beginnings = [start[0], header.first?.utf8.first ?? 0]
    guard let mark = beginnings.lazy.compactMap({ Self.commentMark([$0]) }).first else {
      return nil
    }
    self = .comment(mark)
  }

  /// What may separate fields, likely ones first.
  static let delimiters: [UInt8] = Array(";\t|, ".utf8)

  /// The mark of a comment that the text may be, nil if it looks like none.
  static func commentMark(_ text: [UInt8]) -> Character? {
    guard let first = text.first, first == UInt8(ascii: "#") || first == UInt8(ascii: "%") else {
      return nil
    }
    return Character(Unicode.Scalar(first))
  }

  /// Whether people write this word where they have no value.
  private static func isWordForMissing(_ word: String) -> Bool {
    let words = [
      "na", "n/a", "#n/a", "<na>", "null", "none", "nil", "missing", "unknown", "-", "--", "?", ".",
      "*",
    ]
    return words.contains(word.lowercased())
  }
}

/// A delimiter as a message names it.
func name(of delimiter: Character) -> String {
  switch delimiter {
  case "\t": "tabs"
  case " ": "spaces"
  default: "'\(delimiter)'"
  }
}

/// The flag that gives a delimiter, as a shell takes it.
func flag(_ delimiter: Character) -> String {
  switch delimiter {
  case "\t": "--delimiter tab"
  case " ": "--delimiter space"
  default: "--delimiter \(quoted(delimiter))"
  }
}

/// A word as a shell takes it: in single quotes, unless it is of letters, digits and harmless marks.
private func quoted(_ word: some LosslessStringConvertible) -> String {
  let text = "\(word)"
  let isPlain = text.utf8.allSatisfy { byte in
    isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || ",./-_:".utf8.contains(byte)
  }
  return isPlain ? text : "'\(text)'"
}

/// The number that a text spells, nil if it spells none.
func spelledNumber(_ text: some Collection<UInt8>, point: UInt8) -> Double? {
  withScannable(text) { number(from: $0, to: $0 + text.count, point: point) }
}

/// How many bytes of a text its longest beginning has that is a decimal number, nil if there is none.
private func lengthOfNumber(beginning text: [UInt8], point: UInt8) -> Int? {
  withScannable(text) { start in scanDecimal(start, point: point).map { $0.end - start } }
}

/// Lends a copy of a text that ends as the scanner of numbers needs it.
private func withScannable<R>(
  _ text: some Collection<UInt8>, _ body: (TextPointer) -> R?
) -> R? {
  (Array(text) + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer { bytes in
    bytes.baseAddress.flatMap(body)
  }
}
