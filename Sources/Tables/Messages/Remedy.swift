/// What would help with a file that cannot be read, for the caller to put into words.
public enum Remedy: Hashable, Sendable, CustomStringConvertible {
  /// To read it with this delimiter.
  case delimiter(Character)
  /// To read it with a decimal comma, which makes the text a number.
  case decimalComma
  /// To read it with a decimal point.
  case decimalPoint
  /// To write a number without this mark, which separates thousands, or the fraction if it may.
  case thousands(Character, mayBeDecimal: Bool)
  /// To pass over lines that begin with this character.
  case comment(Character)
  /// To read this word as a missing value.
  case missingWord(String)
  /// To write a number without what follows it, as in `4.1kg`.
  case unit(number: String, rest: String)
  /// To put names above the rows, or to read the file without any.
  case header
  /// To pass over the lines above this one, which looks as if it held the names.
  case laterHeader
  /// To pass over a line of units below the names.
  case units
  /// To give the column a name, or to use others.
  case otherColumns
  /// To give all files of a table the same columns in the same order.
  case sameColumns
  /// To compute with more digits and larger numbers.
  case widerPrecision
  /// To multiply or to divide all numbers of the column.
  case scaling(up: Bool)
  /// To fill up a row that is too short.
  case moreFields
  /// To join the fields of a row that is too long.
  case fewerFields
  /// To take a text that is not known for none of those that are.
  case takingForNone
  /// One of these policies for missing values.
  case policy([MissingPolicy])
  /// To decompress it by a program that writes to its standard output.
  case decompression(by: String)
  /// To convert it to UTF-8 from the encoding of this name, as `iconv` knows it.
  case encoding(String)
  /// To export it as text from the program that made it.
  case conversion

  /// What to do, as a part of a sentence.
  public var description: String {
    switch self {
    case .delimiter(let character): "read it with \(character.asDelimiter) as the delimiter"
    case .decimalComma: "read with a decimal comma, it is a number"
    case .decimalPoint: "read with a decimal point, it would be one"
    case .thousands(let mark, let mayBeDecimal):
      "the '\(mark)' is a thousands separator\(mayBeDecimal ? " or a decimal mark" : ""); "
        + "write the number without it"
    case .comment(let character): "lines that begin with '\(character)' may be comments"
    case .missingWord(let word): "'\(word)' may stand for a missing value"
    case .unit(let number, let rest): "write \(number) alone, without \(rest)"
    case .laterHeader: "if it holds the column names, skip the lines above it"
    case .units: "skip a line of units below the names"
    case .otherColumns: "give it one, or use other columns"
    case .sameColumns: "give all files of the table the same columns in the same order"
    case .widerPrecision: "compute in double precision"
    case .scaling(let up): "\(up ? "multiply" : "divide") the column by a power of ten"
    case .header: "put a line of column names above it"
    case .moreFields: "add the missing fields"
    case .fewerFields:
      "put text that contains the delimiter in double quotes, and write numbers without it"
    case .takingForNone: "encode it as zeros, if it may be unknown"
    case .policy(let policies):
      policies.contains(.mean)
        ? "leave such rows out, or fill in the column's mean" : "leave such rows out"
    case .decompression: "decompress it"
    case .encoding(let name): "convert it: iconv -f \(name) -t UTF-8"
    case .conversion: "convert it to delimited text in UTF-8"
    }
  }

  /// The remedy for a field that is no number; nil if none is known.
  init?(for text: [UInt8], format: TableFormat, column: Int, columnCount: Int) {
    let comma = UInt8(ascii: ",")
    let point = UInt8(ascii: ".")
    if let (mark, mayBeDecimal) = thousandsMark(in: text), mark != " " || columnCount > 1 {
      self = .thousands(mark, mayBeDecimal: mayBeDecimal)
      return
    }
    if format.decimal == comma {
      if spelledNumber(text, point: point) != nil {
        self = .decimalPoint
        return
      }
    } else if text.contains(comma), spelledNumber(text, point: comma) != nil {
      self = .decimalComma
      return
    }
    let delimiter = Self.delimiters.first { delimiter in
      let fields = text.split(separator: delimiter)
      return fields.count > 1
        && fields.allSatisfy { spelledNumber($0, point: format.decimal) != nil }
    }
    if let delimiter, columnCount == 1 {
      self = .delimiter(Character(Unicode.Scalar(delimiter)))
    } else if let word = String(validating: text, as: UTF8.self), Self.isWordForMissing(word) {
      self = .missingWord(word)
    } else if column == 0, format.comment == nil, let mark = Self.commentMark(text) {
      self = .comment(mark)
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
  init?(forRowAt start: FieldScanner, header: Header, isTooLong: Bool) {
    let beginnings = [start.position[0], header.names.first?.utf8.first ?? 0]
    if header.format.comment == nil,
      let mark = beginnings.lazy.compactMap({ Self.commentMark([$0]) }).first
    {
      self = .comment(mark)
    } else if isTooLong, start.namesInLine != nil {
      self = .laterHeader
    } else {
      return nil
    }
  }

  /// The remedy for a word in a column of numbers; nil if it cannot be told apart by a word.
  init?(missing text: UnsafeBufferPointer<UInt8>) {
    guard let word = String(validating: text, as: UTF8.self), word.unicodeScalars.count <= 40,
      !word.unicodeScalars.contains(where: { $0 == "," || $0.value < 0x20 })
    else { return nil }
    self = .missingWord(word)
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
    let others = [
      "nil", "missing", "unknown", "-", "--", "?", ".", "*", "#div/0!", "#value!", "#ref!", "#num!",
      "#name?", "#null!",
    ]
    return isUsualForMissing(word) || others.contains(word.lowercased())
  }
}

/// Whether a text is a number with a decimal comma or point, or with marks between thousands.
func isMarkedNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  guard text.count < 64, let first = text.first, isDigit(first) || "+-.,".utf8.contains(first),
    let last = text.last, isDigit(last) || ".,".utf8.contains(last)
  else { return false }
  return spelledNumber(text, point: UInt8(ascii: ",")) != nil
    || spelledNumber(text, point: UInt8(ascii: ".")) != nil || thousandsMark(in: Array(text)) != nil
}

/// What separates the thousands of a number that is written with such marks; nil if there are none.
///
/// A single mark before three digits may stand before the fraction instead.
private func thousandsMark(in text: [UInt8]) -> (mark: Character, mayBeDecimal: Bool)? {
  var number = String(decoding: text, as: UTF8.self)[...]
  if number.first == "-" || number.first == "+" { number.removeFirst() }
  guard let mark = number.first(where: { !$0.isASCIIDigit }),
    [",", ".", " ", "'", "’", "_", "\u{A0}", "\u{202F}"].contains(mark)
  else { return nil }
  let decimal = number.last { !$0.isASCIIDigit && $0 != mark }
  let parts = decimal.map { number.split(separator: $0, omittingEmptySubsequences: false) }
  if let decimal, let parts {
    guard decimal == "," || decimal == ".", parts.count == 2,
      parts[1].allSatisfy(\.isASCIIDigit)
    else { return nil }
  }
  let groups = (parts?[0] ?? number).split(separator: mark, omittingEmptySubsequences: false)
  guard groups.count > 1, groups.allSatisfy({ $0.allSatisfy(\.isASCIIDigit) }),
    (1...3).contains(groups[0].count), groups[groups.count - 1].count == 3,
    groups.dropFirst().allSatisfy({ (2...3).contains($0.count) })
  else { return nil }
  let isDecimalMark = mark == "," || mark == "."
  // No group is written 0,123.
  if isDecimalMark, groups[0].first == "0" { return nil }
  return (mark, isDecimalMark && groups.count == 2 && decimal == nil)
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }

  /// The delimiter that it is, as a message names it.
  public var asDelimiter: String {
    switch self {
    case "\t": "tabs"
    case " ": "spaces"
    default: "'\(self)'"
    }
  }
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
