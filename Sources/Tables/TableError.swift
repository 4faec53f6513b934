import Glibc

/// Why a table could not be read, and which place in the file is to blame.
public struct TableError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What can be wrong with a file.
  public enum Reason: Hashable, Sendable {
    /// The file is not there, is a directory, or may not be read; the code is `errno`'s.
    case cannotOpen(errno: Int32)
    /// Reading failed halfway; the code is `errno`'s.
    case cannotRead(errno: Int32)
    case empty
    case noRows
    /// The first line holds numbers where names should stand.
    case noHeader
    /// The bytes are something else: "a gzip file", "UTF-16".
    case notText(String)
    /// The header has no comma but has this instead.
    case otherDelimiter(Character)
    case invalidName
    case emptyName
    case duplicateName(String, firstField: Int)
    case emptyLine
    case fieldCount(found: Int, expected: Int)
    case unterminatedQuote
    case textAfterQuote(String)
    case notANumber(String, column: String)
    case missingValue(column: String)
    /// A number beyond the largest double.
    case overflow(String, column: String)
  }

  /// What went wrong, for code that reacts to it.
  public let reason: Reason
  /// The file as it was named, or `standard input`.
  public let file: String
  /// The line, counted from 1; nil if the whole file is to blame.
  public let line: Int?
  /// The field in its row, counted from 1; nil if a whole line or file is to blame.
  public let field: Int?

  init(_ reason: Reason, file: String, line: Int? = nil, field: Int? = nil) {
    self.reason = reason
    self.file = file
    self.line = line
    self.field = field
  }

  /// One line for the person who gave the file: place, what is wrong, what to do.
  public var description: String {
    let place = [line, field].compactMap { $0.map { ":\($0)" } }.joined()
    return "\(escaped(file.unicodeScalars))\(place): \(reason.sentence)"
  }
}

extension TableError.Reason {
  fileprivate var sentence: String {
    switch self {
    case .cannotOpen(let code): "cannot open: \(String(cString: strerror(code)))"
    case .cannotRead(let code): "cannot read: \(String(cString: strerror(code)))"
    case .empty: "the file is empty; it needs a line of column names, then rows of numbers"
    case .noRows: "there are column names but no rows below them"
    case .noHeader: "the first line holds numbers; put a line of column names above it"
    case .notText(let kind): "this is \(kind), not CSV; \(Self.remedy)"
    case .otherDelimiter(let found):
      "the column names are separated by \(found == "\t" ? "tabs" : "'\(found)'"), not commas; "
        + "separate the fields by commas"
    case .invalidName: "this column name is not UTF-8; \(Self.remedy)"
    case .emptyName: "this column has no name; give it one"
    case .duplicateName(let name, let first):
      "the column name \(name) is taken by field \(first); rename one of them"
    case .emptyLine: "an empty line between rows; delete it"
    case .fieldCount(let found, let expected):
      "this row has \(found) field\(found == 1 ? "" : "s"), the header has \(expected); "
        + (found < expected ? "fill the row up" : "put text with a comma in double quotes")
    case .unterminatedQuote: "a double quote opens here and is never closed"
    case .textAfterQuote(let text):
      "\(text) follows a closing double quote; write a quote within a quoted field twice"
    case .notANumber(let text, let column):
      "\(text) is not a number; column \(column) must hold numbers"
    case .missingValue(let column):
      "a value is missing; column \(column) must have a number in every row"
    case .overflow(let text, let column):
      "\(text) in column \(column) is too large for a double; the limit is 1.8e308"
    }
  }

  private static let remedy = "convert it to comma-separated text in UTF-8"
}

/// A piece of the file as messages show it: in single quotes, shortened, on one line.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int = 40) -> String {
  // A character has at most four bytes, so that this much is enough to see whether to shorten.
  let text = String(decoding: bytes.prefix(4 * limit + 4), as: UTF8.self)
  return excerpt(text, limit: limit)
}

/// A text as messages show it: in single quotes, shortened, on one line.
func excerpt(_ text: String, limit: Int = 40) -> String {
  let scalars = text.unicodeScalars
  let shown = escaped(scalars.prefix(limit))
  return "'\(shown)\(scalars.dropFirst(limit).isEmpty ? "" : "…")'"
}

/// A text with the characters that would break or reorder a line of output spelled out.
private func escaped(_ scalars: some Sequence<Unicode.Scalar>) -> String {
  var shown = String.UnicodeScalarView()
  for scalar in scalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      shown.append(contentsOf: scalar.escaped(asASCII: true).unicodeScalars)
    default: shown.append(scalar)
    }
  }
  return String(shown)
}
