/// Fields that are appended to rows, spelled as the file spells its own.
public struct AddedFields {
  private(set) var bytes: [UInt8] = []
  /// Where each row's fields end in `bytes`.
  private(set) var ends: [Int] = []
  private let spelling: FieldSpelling

  init(_ format: TableFormat) { spelling = FieldSpelling(format) }

  /// Adds a field with a number, spelled as `shortestDecimal`.
  public mutating func append(_ number: Double) {
    bytes.append(spelling.delimiter)
    spelling.append(number, to: &bytes)
  }

  /// Adds a field with a text, in quotes if it could not be read back without them.
  public mutating func append(_ text: String) {
    bytes.append(spelling.delimiter)
    bytes.append(contentsOf: csvField(text, delimiter: spelling.delimiter).utf8)
  }

  /// Adds an empty field.
  public mutating func appendEmpty() {
    bytes.append(spelling.delimiter)
    bytes.append(contentsOf: spelling.empty)
  }

  /// Says that the fields of the next row follow.
  public mutating func endRow() { ends.append(bytes.count) }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}

/// How a format spells fields.
struct FieldSpelling {
  let delimiter: UInt8
  /// A field with nothing in it.
  let empty: [UInt8]
  private let hasDecimalComma: Bool

  init(_ format: TableFormat) {
    switch format.knownDelimiter {
    case .character(let character):
      delimiter = character
      empty = []
    case .spaces:
      delimiter = UInt8(ascii: " ")
      empty = Array("\"\"".utf8)
    }
    hasDecimalComma = format.decimal == UInt8(ascii: ",")
  }

  func append(_ number: Double, to bytes: inout [UInt8]) {
    guard hasDecimalComma else { return bytes.append(shortestDecimal: number) }
    let comma = UInt8(ascii: ",")
    let digits = number.shortestDecimal.utf8.map { $0 == UInt8(ascii: ".") ? comma : $0 }
    let quote = delimiter == comma && digits.contains(comma) ? [UInt8(ascii: "\"")] : []
    bytes.append(contentsOf: quote + digits + quote)
  }
}
