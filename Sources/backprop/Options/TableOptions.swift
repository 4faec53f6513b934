import Flags
import Tables

/// How a table is read, and what becomes of the values that are missing in it.
struct TableReading {
  var format = TableFormat()
  var missing = MissingPolicy.error
  /// Nothing but speed depends on it.
  var threads = coreCount
  /// What the command offers where a table cannot be read.
  var advice = TableAdvice()
}

/// What a command offers where a table cannot be read.
struct TableAdvice {
  /// How the command reads a table from standard input.
  var pipe = "backprop train … --data -"
  /// What holds a number that float32 does not.
  var precision = "use --precision float64"
  /// What its flags do about missing values, each in a few words; the first does so for any column.
  var policies = [
    "--missing drop leaves such rows out", "--missing mean fills in the column's mean",
  ]
}

/// The flags that say how a table is written and read.
struct TableOptions: NotesFlags {
  var delimiter: TableFormat.Delimiter?
  var decimal: UInt8?
  var comment: UInt8?
  var hasNoHeader = false
  var skippedLines: Int?
  var hasUnits = false
  var words: [String] = []
  var missing: MissingPolicy?
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  /// Those that say how a table is written.
  static var formatFlags: [Flag<Self>] { flags.filter { $0.name != "missing" } }

  static var flags: [Flag<Self>] {
    [
      Flag(
        "delimiter", "mark",
        """
        Field separator: one character, or comma, semicolon, tab, or space for any number of blanks. \
        [comma; tab for .tsv; or as given by a first line such as 'sep=;']
        """
      ) { $0.delimiter = try delimiterMark($1) },
      Flag(
        "decimal", "mark",
        "Decimal mark: '.' or ','. If fields are separated by commas too, such numbers must be in quotes. [.]"
      ) {
        $0.decimal = try decimalMark($1)
      },
      Flag("comment", "mark", "Skip lines that begin with this character, such as '#'.") {
        $0.comment = try character($1)
      },
      Flag(
        "no-header",
        "The first line is a row of data; all columns, the target included, are named x1, x2 and so on."
      ) { $0.hasNoHeader = true },
      Flag("skip", "lines", "Skip this many lines above the column names. [0]") {
        $0.skippedLines = try wholeNumber($1, from: 0)
      },
      Flag("units", "Skip a line of units below the column names.") { $0.hasUnits = true },
      Flag(
        "na", "words",
        "Words that stand for a missing value, such as NA,nan, besides an empty field. Can be repeated."
      ) { $0.words += try missingWords($1) },
      Flag(
        "missing", "error|drop|mean",
        """
        What to do about a missing value in a column that is used: report an error, drop the row, or \
        fill in the column's mean (never in the target). With drop and mean, words such as NA, nan and \
        null count as missing in columns of numbers. [error]
        """
      ) { $0.missing = try choice($1) },
    ]
  }

  /// What the flags say, if they do not contradict each other.
  func reading() throws(Failure) -> TableReading {
    var reading = TableReading()
    reading.format.delimiter = delimiter
    if let decimal { reading.format.decimal = decimal }
    reading.format.comment = comment
    reading.format.hasHeader = !hasNoHeader
    reading.format.skippedLines = skippedLines ?? 0
    reading.format.hasUnits = hasUnits
    reading.format.missing = Set(words)
    reading.missing = missing ?? .error
    if let contradiction = reading.format.contradiction {
      let flags =
        hasUnits && hasNoHeader ? "--units, --no-header" : "--delimiter, --decimal, --comment"
      throw Failure(.usage, "\(contradiction) (\(flags))")
    }
    return reading
  }

  /// What the flags say of the table of a source.
  func reading(of source: Source, threads: Int?) throws(Failure) -> TableReading {
    if source == .lesson, !given.isEmpty {
      let flags = Self.flags.map { "--\($0.name)" }
      throw Failure(
        .usage,
        "\(flags.dropLast().joined(separator: ", ")) and \(flags[flags.count - 1]) have no effect "
          + "without --data")
    }
    var reading = try reading()
    if let threads { reading.threads = threads }
    return reading
  }
}

private func delimiterMark(_ text: String) throws(BadValue) -> TableFormat.Delimiter {
  switch text {
  case "comma": .character(UInt8(ascii: ","))
  case "semicolon": .character(UInt8(ascii: ";"))
  case "tab", "\\t": .character(UInt8(ascii: "\t"))
  case "space", " ": .spaces
  default: .character(try character(text, or: "comma, semicolon, tab or space"))
  }
}

private func decimalMark(_ text: String) throws(BadValue) -> UInt8 {
  guard text == "." || text == "," else { throw BadValue("give '.' or ','") }
  return try character(text)
}

private func missingWords(_ text: String) throws(BadValue) -> [String] {
  let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  if words.contains("") {
    throw BadValue("separate words by commas; an empty field always counts as missing")
  }
  return words
}

private func character(_ text: String, or alternatives: String? = nil) throws(BadValue) -> UInt8 {
  guard text.utf8.count == 1, let character = text.utf8.first, character < 0x80 else {
    throw BadValue(
      "give one character of ASCII" + (alternatives.map { ", or \($0)" } ?? ""))
  }
  return character
}

extension Table {
  /// A table in which no value of the columns is missing, as the flags want it.
  func complete(in columns: [String], _ policy: MissingPolicy) throws(Failure) -> Table {
    do throws(TableError) { return try handling(policy, in: columns) } catch {
      throw Failure(error)
    }
  }
}
