internal import CDecimal

/// The bytes that have a meaning outside quotes, as a format has them.
struct Marks: Sendable {
  /// A field ends before either of these: they are the same unless blanks delimit.
  let delimiter, otherDelimiter: UInt8
  /// Either of these counts for nothing around a field: they are the same if tabs delimit.
  let blank, otherBlank: UInt8
  let blanksDelimit: Bool
  /// What stands before the fraction of a number.
  let point: UInt8
  let comment: UInt8?
  /// Whether the delimiter is the decimal mark too, which only quotes tell apart.
  let pointDelimits: Bool

  init(_ format: TableFormat) {
    let tab = UInt8(ascii: "\t")
    blank = UInt8(ascii: " ")
    switch format.knownDelimiter {
    case .character(let character):
      delimiter = character
      otherDelimiter = character
      otherBlank = character == tab ? blank : tab
      blanksDelimit = false
    case .spaces:
      delimiter = blank
      otherDelimiter = tab
      otherBlank = tab
      blanksDelimit = true
    }
    point = format.decimal
    comment = format.comment
    pointDelimits = !blanksDelimit && point == delimiter
  }

  /// The marks that stand between plain numbers.
  @inline(__always)
  var betweenNumbers: bp_field_marks {
    bp_field_marks(delimiter: delimiter, other_delimiter: otherDelimiter, point: point)
  }

  @inline(__always)
  func isBlank(_ byte: UInt8) -> Bool { byte == blank || byte == otherBlank }

  /// Whether a field ends before this byte.
  @inline(__always)
  func isFieldEnd(_ byte: UInt8) -> Bool {
    byte == delimiter || byte == otherDelimiter || isLineEnd(byte)
  }
}

/// A reader of fields: RFC 4180 with the marks of a format, with blanks around a field ignored.
///
/// It needs no more than whole rows of a text in which a zero byte stands at the end; one before it
/// ends the row.
struct FieldScanner {
  /// A field without its quotes and the space around it.
  struct Field {
    let bytes: UnsafeBufferPointer<UInt8>
    let hasDoubledQuotes: Bool

    /// Lends the field's text to `body`, with each doubled quote as one.
    @inline(__always)
    func withText<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
      hasDoubledQuotes ? withUndoubledQuotes(body) : body(bytes)
    }

    private func withUndoubledQuotes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count)
      var isSecond = false
      for byte in bytes {
        // Every quote in such a field is half of a pair.
        isSecond = byte == UInt8(ascii: "\"") && !isSecond
        if byte != UInt8(ascii: "\"") || isSecond { text.append(byte) }
      }
      return text.withUnsafeBufferPointer(body)
    }

    /// The field's text, nil if it is not UTF-8.
    var text: String? { withText { String(validating: $0, as: UTF8.self) } }
  }

  let marks: Marks
  /// The file's name in messages.
  let file: String
  /// The next byte to read: at the start of a field, or at what ends it.
  var position: TextPointer
  /// Where rows stop being this scanner's: at a line's beginning or the end of the text.
  let end: TextPointer
  /// The line of `position`, counted from 1.
  private(set) var line: Int
  /// The number of fields of this row before `position`.
  private(set) var fieldsBefore = 0

  init(file: String, marks: Marks, position: TextPointer, end: TextPointer, line: Int) {
    self.marks = marks
    self.file = file
    self.position = position
    self.end = end
    self.line = line
  }

  /// Whether nothing follows, not even a blank.
  var isAtEnd: Bool { position >= end || position[0] == 0 }

  /// The text from `position` to `end`, to be read by a scanner that counts lines from `line`.
  func part(from position: TextPointer, to end: TextPointer, line: Int) -> FieldScanner {
    FieldScanner(file: file, marks: marks, position: position, end: end, line: line)
  }

  /// The number that a field spells, nil if it spells none.
  func number(_ field: Field) -> Double? {
    // What follows the field could be taken for its fraction.
    if marks.pointDelimits { return spelledNumber(field.bytes, point: marks.point) }
    let bytes = field.bytes
    return bytes.baseAddress.flatMap {
      Tables.number(from: $0, to: $0 + bytes.count, point: marks.point)
    }
  }

  /// An error about the field at `position`.
  func error(_ reason: TableError.Reason, line: Int? = nil) -> TableError {
    TableError(reason, file: file, line: line ?? self.line, field: fieldsBefore + 1)
  }

  /// The field at `position`, which moves to the delimiter, line break or end after it.
  mutating func nextField() throws(TableError) -> Field {
    skipBlanks()
    if position[0] == UInt8(ascii: "\"") { return try quotedField() }
    let start = position
    var textEnd = start
    while !marks.isFieldEnd(position[0]) {
      if !marks.isBlank(position[0]) { textEnd = position + 1 }
      position += 1
    }
    let bytes = UnsafeBufferPointer(start: start, count: textEnd - start)
    return Field(bytes: bytes, hasDoubledQuotes: false)
  }

  private mutating func quotedField() throws(TableError) -> Field {
    let firstLine = line
    let start = position + 1
    var hasDoubledQuotes = false
    position = start
    while true {
      switch position[0] {
      case UInt8(ascii: "\"") where position[1] == UInt8(ascii: "\""):
        hasDoubledQuotes = true
        position += 1
      case UInt8(ascii: "\""):
        let bytes = UnsafeBufferPointer(start: start, count: position - start)
        position += 1
        try endQuotedField()
        return Field(bytes: bytes, hasDoubledQuotes: hasDoubledQuotes)
      case UInt8(ascii: "\r") where position[1] == UInt8(ascii: "\n"): break
      case UInt8(ascii: "\r"), UInt8(ascii: "\n"): line += 1
      case 0: throw error(.unterminatedQuote, line: firstLine)
      default: break
      }
      position += 1
    }
  }

  private mutating func endQuotedField() throws(TableError) {
    if marks.isFieldEnd(position[0]) { return }
    skipBlanks()
    if marks.isFieldEnd(position[0]) { return }
    let start = position
    while !marks.isFieldEnd(position[0]) { position += 1 }
    let rest = UnsafeBufferPointer(start: start, count: position - start)
    throw error(.textAfterQuote(excerpt(rest)))
  }

  /// How many fields the line at `position` has if it looks like column names: several texts, of which
  /// none is a number, and nothing but empty fields after them.
  var namesInLine: Int? {
    var scanner = self
    var count = 0
    var end = 0
    repeat {
      guard let field = try? scanner.nextField() else { return nil }
      count += 1
      if field.bytes.isEmpty { continue }
      guard end == count - 1, scanner.number(field) == nil else { return nil }
      end = count
    } while scanner.passFieldEnd()
    return end > 1 ? end : nil
  }

  /// Reads up to `count` numbers that are fields and nothing else, and gives how many were read: fewer if another
  /// field comes.
  ///
  /// Each is put at `values`, so many `stride`s after the first. The last is left as ``nextField()`` leaves a field.
  /// As many bytes as a window has must be readable before `position`.
  @inline(__always)
  mutating func readNumbers(
    _ count: Int, into values: UnsafeMutablePointer<Double>, stride: Int
  ) -> Int {
    var next: TextPointer? = position
    let read = bp_read_numbers(&next, marks.betweenNumbers, count, values, stride)
    guard read > 0, let next else { return 0 }
    position = next
    fieldsBefore += read - 1
    return read
  }

  /// Passes what ends a field; false if the row ends with it.
  @inline(__always)
  mutating func passFieldEnd() -> Bool {
    if marks.blanksDelimit {
      skipBlanks()
      if !isLineEnd(position[0]) {
        fieldsBefore += 1
        return true
      }
    } else if position[0] == marks.delimiter {
      position += 1
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
    if position[0] == UInt8(ascii: "\r") {
      position += position[1] == UInt8(ascii: "\n") ? 2 : 1
    } else if position[0] == UInt8(ascii: "\n") {
      position += 1
    }
  }

  /// Passes comments and empty lines to where a row begins; false if none does.
  @inline(__always)
  mutating func passToRow() -> Bool {
    while !isAtEnd {
      skipBlanks()
      if !isLineEnd(position[0]) {
        if passComment() { continue }
        return true
      }
      if position[0] == 0 { return false }
      passLineBreak()
    }
    return false
  }

  /// Passes spaces, and tabs unless they delimit.
  @inline(__always)
  mutating func skipBlanks() { while marks.isBlank(position[0]) { position += 1 } }

  /// Passes the line at `position` if it is a comment, of which `position` is past the blanks.
  @inline(__always)
  mutating func passComment() -> Bool {
    guard let comment = marks.comment, position[0] == comment else { return false }
    passLine()
    return true
  }

  /// Passes the rest of a line, whatever it holds.
  mutating func passLine() {
    while !isLineEnd(position[0]) { position += 1 }
    passLineBreak()
  }
}

/// Whether a line ends before this byte.
@inline(__always)
func isLineEnd(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == 0
}
