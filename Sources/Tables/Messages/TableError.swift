import Glibc

/// Why a table could not be read, with the line or field of the file that is to blame.
public struct TableError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What can be wrong with a file.
  public enum Reason: Hashable, Sendable {
    /// The file is not there, is a directory, or may not be read; the code is `errno`'s.
    case cannotOpen(errno: Int32)
    /// Reading failed halfway; the code is `errno`'s.
    case cannotRead(errno: Int32)
    /// The file was written to before its end was read.
    case changedWhileRead(onlyGrew: Bool)
    /// What can be read but once, such as a pipe, would have to be read again.
    case readOnlyOnce
    /// A column of words began as one of numbers, whose texts are not known any more.
    case textAfterNumbers(column: String)
    /// A cache could not be written; the code is `errno`'s.
    case cannotWrite(errno: Int32)
    /// A file that was given as a cache is not a cache, or not one that this version can read.
    case noCache
    /// A cache was not written to its end, or has been changed.
    case damagedCache
    /// A cache must be made again: what has changed since it was made, as a sentence.
    case staleCache(String)
    /// A cache is of another table, which was in these files.
    case otherCache(files: [String])
    case empty
    case noRows
    /// The first line holds numbers where column names are expected.
    case noHeader
    /// The bytes are something else.
    case notText(ForeignKind)
    /// The first line has no delimiter but has this instead.
    case otherDelimiter(Character)
    /// The first line begins with this character, as comments do, and has no delimiter.
    case commentForHeader(Character)
    case invalidName
    case emptyName
    case duplicateName(String, firstField: Int)
    /// A column of one of several files has another name than in the first.
    case otherColumn(String, expected: String, first: String)
    /// One of several files has another number of columns than the first.
    case otherColumnCount(Int, expected: Int, first: String)
    case fieldCount(found: Int, expected: Int, remedy: Remedy? = nil)
    case unterminatedQuote
    /// A row of a stream that is longer than ``TableStream/longestRow``.
    case longRow
    case textAfterQuote(String)
    case notANumber(String, column: String, remedy: Remedy? = nil)
    /// A word for an infinity or NaN, as the file has it.
    case notFinite(String, column: String)
    case textNotUTF8(column: String)
    /// A text that is not one of those that the column may hold.
    case unknownText(String, column: String, known: [String])
    case missingValue(column: String)
    /// Missing values are to be replaced by the mean of a column of text.
    case meanOfText(column: String)
    /// Missing values are to be replaced by the mean of no values, or of too large ones.
    case noMean(column: String)
    /// Every row has a missing value, so that none is left.
    case everyRowDropped
    /// A number beyond the largest double.
    case overflow(String, column: String)
    /// A number beyond the largest float32.
    case beyondFloat32(String, column: String)
    /// A number of a column that is beyond the largest double when it is standardised, or its spread is.
    case notScalable(String, column: String)
    /// The standard deviation of a column is not 0, but too small for a double.
    case tooLittleSpread(column: String)
    /// The largest weight of a table is too small for the run's precision, so that no row would count.
    case vanishingWeights(String, column: String)
    /// A weight so large that the sum of some is beyond the largest number of the run's precision.
    case overflowingWeights(String, column: String)
  }

  /// What went wrong, for code that reacts to it.
  public let reason: Reason
  /// The file as it was named, or `standard input`.
  public let file: String
  /// The line, counted from 1; nil if the whole file is to blame.
  public let line: Int?
  /// Which of a table's files it is.
  private var fileNumber = 0
  /// The field in its row, counted from 1; nil if a whole line or file is to blame.
  public let field: Int?

  init(_ reason: Reason, file: String, line: Int? = nil, field: Int? = nil) {
    self.reason = reason
    self.file = file
    self.line = line
    self.field = field
  }

  /// An error in a row of one of several files.
  init(_ reason: Reason, at place: LineNumber, of files: [String], field: Int?) {
    self.init(reason, file: files[place.file], line: place.line, field: field)
    fileNumber = place.file
  }

  /// The line in its file; nil if the whole file is to blame.
  var place: LineNumber? { line.map { LineNumber(file: fileNumber, line: $0) } }

  /// Whether an error's place is before another's.
  static func isBefore(_ one: TableError, _ other: TableError) -> Bool {
    (one.fileNumber, one.line ?? 0, one.field ?? 0)
      < (other.fileNumber, other.line ?? 0, other.field ?? 0)
  }

  /// Another error at the same place.
  func replacing(_ reason: Reason) -> TableError {
    var error = TableError(reason, file: file, line: line, field: field)
    error.fileNumber = fileNumber
    return error
  }

  /// The same error, its file being that number of several.
  func inFile(_ number: Int) -> TableError {
    var error = self
    error.fileNumber = number
    return error
  }

  /// The same, for a file of which this error's line is counted from a later line.
  func after(lines: Int) -> TableError {
    TableError(reason, file: file, line: line.map { $0 + lines }, field: field)
  }

  /// How much of a file's name messages show.
  public static let longestFileName = 200

  /// Where the fault is and what is wrong, on one line.
  public var problem: String {
    let location = [line, field].compactMap { $0.map { ":\($0)" } }.joined()
    return "\(shortened(file, limit: Self.longestFileName))\(location): \(reason.sentence)"
  }

  /// The problem and what to do about it, on one line, for the person who gave the file.
  public var description: String { problem + (reason.remedy.map { "; \($0)" } ?? "") }
}

/// An error in a box, so that a column without one has no room for it.
indirect enum KeptError: Sendable {
  case error(TableError)

  var error: TableError {
    switch self {
    case .error(let error): error
    }
  }

  /// See ``TableError/after(lines:)``.
  func after(lines: Int) -> KeptError { .error(error.after(lines: lines)) }

  /// See ``TableError/inFile(_:)``.
  func inFile(_ number: Int) -> KeptError { .error(error.inFile(number)) }
}

extension TableError.Reason {
  fileprivate var sentence: String {
    switch self {
    case .cannotOpen(let code): "cannot open: \(String(cString: strerror(code)))"
    case .cannotRead(let code): "cannot read: \(String(cString: strerror(code)))"
    case .changedWhileRead:
      "something wrote to the file while it was read; wait until it is complete, or give a copy"
    case .readOnlyOnce: "this can be read only once, and is needed several times"
    case .textAfterNumbers(let column):
      "column \(column) holds texts, but began with numbers, whose spelling is not known any more; give a file"
    case .cannotWrite(let code): "cannot write: \(String(cString: strerror(code)))"
    case .noCache: "this is not the cache of a table"
    case .damagedCache: "this cache was cut short or damaged; delete it"
    case .staleCache(let cause): cause
    case .otherCache(let files):
      "this is the cache of another table, \(shortened(files.joined(separator: ", "))); delete it, or name another"
    case .empty: "the file is empty; it needs a line of column names, then rows of numbers"
    case .noRows: "there are column names but no rows below them"
    case .otherColumn(let name, let expected, let first):
      "this column is \(name), but \(shortened(first, limit: TableError.longestFileName)) has \(expected)"
    case .otherColumnCount(let found, let expected, let first):
      "there \(found == 1 ? "is 1 column" : "are \(found) columns"), but "
        + "\(shortened(first, limit: TableError.longestFileName)) has \(expected)"
    case .noHeader: "the first line holds numbers"
    case .notText(let kind): "this is \(kind.rawValue), not CSV"
    case .otherDelimiter(let found):
      "the first line's fields are separated by \(found.asDelimiter)"
    case .commentForHeader(let mark): "the first line begins with '\(mark)'"
    case .invalidName: "this column name is not UTF-8"
    case .emptyName: "this column has no name"
    case .duplicateName(let name, let first):
      "the column name \(name) is taken by field \(first); rename one of them"
    case .fieldCount(let found, let expected, _):
      "this row has \(found) field\(found == 1 ? "" : "s"), the first line has \(expected)"
    case .unterminatedQuote: "a double quote opens here and is never closed"
    case .textAfterQuote(let text):
      "\(text) follows a closing double quote; write a quote within a quoted field twice"
    case .notANumber(let text, let column, _):
      "\(text) is not a number; column \(column) must hold numbers"
    case .notFinite(let text, let column):
      "\(excerpt(text)) in column \(column) is not a finite number"
    case .textNotUTF8(let column): "this text is not UTF-8; column \(column) is read as text"
    case .unknownText(let text, let column, let known):
      "column \(column) holds \(text), which is not one of its known texts, "
        + known.prefix(5).joined(separator: ", ")
        + (known.count > 5 ? " and \(known.count - 5) more" : "")
    case .longRow:
      "a row is longer than \(TableStream.longestRow >> 20) MB; a quote may not be closed"
    case .missingValue(let column): "a value of column \(column) is missing"
    case .meanOfText(let column):
      "a value of column \(column) is missing, which holds text and has no mean"
    case .noMean(let column):
      "a value of column \(column) is missing, and the others have no finite mean"
    case .everyRowDropped:
      "every row has a missing value, so no rows are left; use fewer columns"
    case .overflow(let text, let column):
      "\(text) in column \(column) is too large for a double; the limit is 1.8e308"
    case .beyondFloat32(let text, let column):
      "\(text) in column \(column) is too large for float32; the limit is 3.4e38"
    case .notScalable(let text, let column):
      "\(text) in column \(column) is too large to be standardized"
    case .tooLittleSpread(let column):
      "the values of column \(column) differ by too little to be standardized"
    case .vanishingWeights(let text, let column):
      "\(text) is the largest weight in column \(column), too small for the run's precision"
    case .overflowingWeights(let text, let column):
      "\(text) in column \(column) is too large for a weight, as weights are added"
    }
  }

  /// What would help, if it is known.
  public var remedy: Remedy? {
    switch self {
    case .noHeader: .header
    case .notText(let kind): kind.remedy
    case .otherDelimiter(let found): .delimiter(found)
    case .commentForHeader(let mark): .comment(mark)
    case .invalidName, .textNotUTF8: .encoding("LATIN1")
    case .emptyName: .otherColumns
    case .otherColumn, .otherColumnCount: .sameColumns
    case .beyondFloat32: .widerPrecision
    case .notScalable: .scaling(up: false)
    case .tooLittleSpread: .scaling(up: true)
    case .vanishingWeights: .scaling(up: true)
    case .overflowingWeights: .scaling(up: false)
    case .fieldCount(let found, let expected, let remedy):
      remedy ?? (found < expected ? .moreFields : .fewerFields)
    case .notANumber(_, _, let remedy): remedy
    case .notFinite(let text, _): .missingWord(text)
    case .missingValue: .policy([.drop, .mean])
    case .unknownText: .takingForNone
    case .meanOfText, .noMean: .policy([.drop])
    default: nil
    }
  }
}

/// Kinds of files that users give by mistake instead of a table.
public enum ForeignKind: String, Hashable, Sendable {
  case gzip = "a gzip file"
  case bzip2 = "a bzip2 file"
  case xz = "an xz file"
  case zstandard = "a Zstandard file"
  case zip = "a zip archive or spreadsheet"
  case parquet = "a Parquet file"
  case utf16 = "UTF-16"
  case binary = "binary data"

  /// The kind of a text that begins as no CSV does, nil if it may be one.
  init?(beginning bytes: UnsafeBufferPointer<UInt8>) {
    let beginnings: [([UInt8], ForeignKind)] = [
      ([0x1F, 0x8B], .gzip), (Array("BZh".utf8), .bzip2), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz),
      ([0x28, 0xB5, 0x2F, 0xFD], .zstandard), ([0x50, 0x4B, 3, 4], .zip),
      (Array("PAR1".utf8), .parquet), ([0xFF, 0xFE], .utf16), ([0xFE, 0xFF], .utf16),
    ]
    guard let kind = beginnings.first(where: { bytes.starts(with: $0.0) })?.1 else { return nil }
    self = kind
  }

  fileprivate var remedy: Remedy {
    switch self {
    case .gzip: .decompression(by: "zcat")
    case .bzip2: .decompression(by: "bzcat")
    case .xz: .decompression(by: "xzcat")
    case .zstandard: .decompression(by: "zstdcat")
    case .utf16: .encoding("UTF-16")
    case .zip, .parquet, .binary: .conversion
    }
  }
}

/// A piece of the file as messages show it: in single quotes, shortened, on one line.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int = 40) -> String {
  // A character has at most four bytes, so that this much at both ends is enough to see whether to shorten.
  let most = 4 * limit + 4
  let ends = bytes.count > 2 * most ? Array(bytes.prefix(most)) + bytes.suffix(most) : Array(bytes)
  return excerpt(String(decoding: ends, as: UTF8.self), limit: limit)
}

/// A text as messages show it: in single quotes, on one line and shortened.
///
/// Every name, value or path that comes from outside appears in messages in this form.
public func excerpt(_ text: String, limit: Int = 40) -> String {
  "'\(shortened(text, limit: limit))'"
}

/// A text without its middle where it is longer than one reads, on one line.
public func shortened(_ text: String, limit: Int = 40) -> String {
  let scalars = text.unicodeScalars
  if scalars.dropFirst(limit).isEmpty { return text.onOneLine }
  // What tells long names apart mostly stands at their ends.
  let tail = limit / 3
  return String(scalars.prefix(limit - 1 - tail)).onOneLine + "…"
    + String(scalars.suffix(tail)).onOneLine
}

extension String {
  /// The text with the characters that would break or reorder a line of output spelled out.
  public var onOneLine: String {
    var shown = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        shown.append(contentsOf: scalar.escaped(asASCII: true).unicodeScalars)
      default: shown.append(scalar)
      }
    }
    return String(shown)
  }
}
