/// How a file of rows is written: its delimiter, its decimal mark, its header and more.
///
/// Nothing is guessed: a file that is written otherwise gives an error with a ``Remedy``. What a file says itself
/// counts: its extension, and a first line `sep=;` as Excel writes it.
public struct TableFormat: Hashable, Sendable {
  /// What separates two fields.
  public enum Delimiter: Hashable, Sendable {
    /// One character of ASCII; a space or tab between the field and it does not count.
    ///
    /// A tab delimits alone: two of them have an empty field between them.
    case character(UInt8)
    /// Any number of spaces and tabs; those at a line's beginning and end are ignored.
    case spaces
  }

  /// What separates two fields; nil for what the file says, else a comma.
  public var delimiter: Delimiter?
  /// The decimal mark of numbers: a point or a comma.
  ///
  /// If commas also separate fields, numbers with a decimal comma are in quotes.
  public var decimal = UInt8(ascii: ".")
  /// Lines that begin with this character, or with blanks and then it, are passed over.
  ///
  /// A line within a quoted field is no such line.
  public var comment: UInt8?
  /// Whether the first line names the columns; without a header they are `x1`, `x2` and so on.
  public var hasHeader = true
  /// How many lines precede the header, or the rows if there is no header.
  public var skippedLines = 0
  /// Whether a line of units follows the header.
  public var hasUnits = false
  /// The words for a missing value, besides the empty field; case counts.
  public var missing: Set<String> = []

  /// Comma-separated values with a header, as RFC 4180 has them.
  public init() {}

  /// What makes this format impossible to read, as a sentence; nil if nothing does.
  public var contradiction: String? {
    if decimal != UInt8(ascii: "."), decimal != UInt8(ascii: ",") {
      return "the decimal mark is a point or a comma"
    }
    if hasUnits, !hasHeader { return "a line of units needs a header above it, and there is none" }
    if case .character(let delimiter) = knownDelimiter {
      guard delimiter == UInt8(ascii: "\t") || isMark(delimiter) else {
        return "the delimiter cannot be part of a number, a word, a quote or a line's end"
      }
      if delimiter == decimal, delimiter != UInt8(ascii: ",") {
        return "the delimiter and the decimal mark are the same"
      }
      if delimiter == comment { return "the delimiter and the comment mark are the same" }
    }
    if let comment {
      if comment == decimal { return "the comment mark and the decimal mark are the same" }
      guard isMark(comment), comment != UInt8(ascii: ".") else {
        return "the comment mark cannot begin a number, a word or a quoted field"
      }
    }
    return nil
  }

  /// The delimiter that was said, or a comma.
  var knownDelimiter: Delimiter { delimiter ?? .character(UInt8(ascii: ",")) }

  /// Whether a character of ASCII can delimit: it prints, and no number, word or quote begins with it.
  func isMark(_ byte: UInt8) -> Bool {
    let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    return (0x21...0x7E).contains(byte) && !isLetter && !isDigit(byte)
      && !"\"+-_".utf8.contains(byte)
  }
}

/// What happens to rows in which a value is missing.
///
/// If they are dropped or filled, the usual words for a missing value, such as `NA`, `nan` or `null`, also count as
/// missing in a column of numbers.
public enum MissingPolicy: String, CaseIterable, Sendable {
  /// The first of them is an error.
  case error
  /// They are left out.
  case drop
  /// They are replaced by the mean of the column's other values.
  case mean
}
