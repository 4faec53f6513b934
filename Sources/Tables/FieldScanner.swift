/// A reader of fields: RFC 4180, with spaces and tabs around a field ignored.
///
/// It needs no more than whole rows of a text in which a zero byte stands at the end and nowhere else.
struct FieldScanner {
  /// A field without its quotes and the space around it.
  struct Field {
    let bytes: UnsafeBufferPointer<UInt8>
    let hasDoubledQuotes: Bool

    /// The number that the field spells, nil if it spells none.
    var number: Double? {
      bytes.baseAddress.flatMap { Tables.number(from: $0, to: $0 + bytes.count) }
    }

    /// The field's text, nil if it is not UTF-8.
    var text: String? {
      let text = String(validating: bytes, as: UTF8.self)
      guard hasDoubledQuotes, let text else { return text }
      // Every quote in such a field is half of a pair.
      return text.split(separator: "\"\"", omittingEmptySubsequences: false).joined(separator: "\"")
    }
  }

  /// The file's name in messages.
  let file: String
  /// The next byte to read: at the start of a field, or at what ends it.
  var place: TextPointer
  let end: TextPointer
  /// The line of `place`, counted from 1.
  private(set) var line: Int
  /// The number of fields of this row before `place`.
  private(set) var fieldsBefore = 0

  init(file: String, place: TextPointer, end: TextPointer, line: Int) {
    self.file = file
    self.place = place
    self.end = end
    self.line = line
  }

  /// Whether no row follows.
  var isAtEnd: Bool { place >= end || place[0] == 0 }

  /// An error about the field at `place`.
  func error(_ reason: TableError.Reason, line: Int? = nil) -> TableError {
    TableError(reason, file: file, line: line ?? self.line, field: fieldsBefore + 1)
  }

  /// The field at `place`, which moves to the comma, line break or end after it.
  mutating func nextField() throws(TableError) -> Field {
    skipBlanks()
    if place[0] == UInt8(ascii: "\"") { return try quotedField() }
    let start = place
    var textEnd = start
    while !isFieldEnd(place[0]) {
      if !isBlank(place[0]) { textEnd = place + 1 }
      place += 1
    }
    let bytes = UnsafeBufferPointer(start: start, count: textEnd - start)
    return Field(bytes: bytes, hasDoubledQuotes: false)
  }

  private mutating func quotedField() throws(TableError) -> Field {
    let firstLine = line
    let start = place + 1
    var hasDoubledQuotes = false
    place = start
    while true {
      switch place[0] {
      case UInt8(ascii: "\"") where place[1] == UInt8(ascii: "\""):
        hasDoubledQuotes = true
        place += 1
      case UInt8(ascii: "\""):
        let bytes = UnsafeBufferPointer(start: start, count: place - start)
        place += 1
        try endQuotedField()
        return Field(bytes: bytes, hasDoubledQuotes: hasDoubledQuotes)
      case UInt8(ascii: "\r") where place[1] == UInt8(ascii: "\n"):
        place += 1
        line += 1
      case UInt8(ascii: "\r"), UInt8(ascii: "\n"): line += 1
      case 0: throw error(.unterminatedQuote, line: firstLine)
      default: break
      }
      place += 1
    }
  }

  private mutating func endQuotedField() throws(TableError) {
    skipBlanks()
    if isFieldEnd(place[0]) { return }
    let start = place
    while !isFieldEnd(place[0]) { place += 1 }
    throw error(.textAfterQuote(excerpt(UnsafeBufferPointer(start: start, count: place - start))))
  }

  /// Passes what ends a field; false if the row ends with it.
  @inline(__always)
  mutating func passFieldEnd() -> Bool {
    if place[0] == UInt8(ascii: ",") {
      place += 1
      fieldsBefore += 1
      return true
    }
    passLineBreak()
    return false
  }

  /// Passes a line break, if there is one, to the first field of the next line.
  @inline(__always)
  mutating func passLineBreak() {
    fieldsBefore = 0
    line += 1
    if place[0] == UInt8(ascii: "\r") {
      place += place[1] == UInt8(ascii: "\n") ? 2 : 1
    } else if place[0] == UInt8(ascii: "\n") {
      place += 1
    }
  }

  /// Passes spaces and tabs.
  @inline(__always)
  mutating func skipBlanks() { while isBlank(place[0]) { place += 1 } }
}

@inline(__always)
private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}

/// Whether a field ends before this byte.
@inline(__always)
func isFieldEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ",") || isLineEnd(byte) }

/// Whether a line ends before this byte.
@inline(__always)
func isLineEnd(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == 0
}
