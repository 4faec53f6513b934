import ArgumentParser
import Glibc
import Tables

/// How a table is read, and what becomes of the values that are missing in it.
struct TableReading: Hashable {
  var format = TableFormat()
  var missing = MissingPolicy.error
  /// Nothing but speed depends on it.
  var threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  /// How the command reads a table from standard input, for advice.
  var pipe = trainingPipe

  /// How `train` does.
  static let trainingPipe = "backprop train … --data -"
}

/// The flags that say how a table is written and read.
struct TableOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What separates fields: one character, or comma, semicolon, tab, or space for any number of \
      blanks. [comma]
      """, valueName: "mark"),
    transform: { text in try delimiterMark(text) })
  var delimiter: TableFormat.Delimiter?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Decimal mark of numbers, '.' or ','. [.]", valueName: "mark"),
    transform: { text in try decimalMark(text) })
  var decimal: UInt8?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Pass over lines that begin with this character, such as '#'.", valueName: "mark"),
    transform: { text in try character(text) })
  var comment: UInt8?

  @Flag(
    name: .customLong("no-header"),
    help:
      "The first line is a row; the columns are named x1, x2 and so on, the last no differently.")
  var hasNoHeader = false

  @Option(
    name: .customLong("na"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Words for a missing value besides an empty field, such as NA,nan. Can be repeated.",
      valueName: "words"),
    transform: { text in try missingWords(text) })
  var words: [[String]] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Where a column in use lacks a value: error, drop the row, or put the column's mean there. \
      [error]
      """, valueName: "error|drop|mean"),
    transform: { text in try choice(text) })
  var missing: MissingPolicy?

  func validate() throws {
    _ = try reading()
  }

  /// Whether any of the flags was given.
  var isGiven: Bool {
    hasNoHeader || delimiter != nil || decimal != nil || comment != nil || !words.isEmpty
      || missing != nil
  }

  /// What the flags say, if they do not contradict each other.
  func reading() throws(ValidationError) -> TableReading {
    var reading = TableReading()
    if let delimiter { reading.format.delimiter = delimiter }
    if let decimal { reading.format.decimal = decimal }
    reading.format.comment = comment
    reading.format.hasHeader = !hasNoHeader
    reading.format.missing = Set(words.joined())
    reading.missing = missing ?? .error
    if let contradiction = reading.format.contradiction {
      let isComma = delimiter == nil && decimal == UInt8(ascii: ",")
      throw ValidationError(
        "\(contradiction) (--delimiter, --decimal, --comment)"
          + (isComma ? "; give --delimiter ';' or what else separates the fields" : ""))
    }
    return reading
  }

  /// What the flags say of the table of a source.
  func reading(of source: Source, threads: Int?) throws(ValidationError) -> TableReading {
    if source == .lesson, isGiven {
      throw ValidationError(
        "--delimiter, --decimal, --comment, --no-header, --na and --missing say how a table is "
          + "read, but no --data names one")
    }
    var reading = try reading()
    if let threads { reading.threads = threads }
    return reading
  }
}

private func delimiterMark(_ text: String) throws -> TableFormat.Delimiter {
  switch text {
  case "comma": .character(UInt8(ascii: ","))
  case "semicolon": .character(UInt8(ascii: ";"))
  case "tab", "\\t": .character(UInt8(ascii: "\t"))
  case "space", " ": .spaces
  default: .character(try character(text, or: "comma, semicolon, tab or space"))
  }
}

private func decimalMark(_ text: String) throws -> UInt8 {
  guard text == "." || text == "," else { throw ValidationError("give '.' or ','") }
  return try character(text)
}

private func missingWords(_ text: String) throws -> [String] {
  let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  if words.contains("") {
    throw ValidationError("give words with commas between; an empty field is missing anyway")
  }
  return words
}

private func character(_ text: String, or alternatives: String? = nil) throws -> UInt8 {
  guard text.utf8.count == 1, let character = text.utf8.first, character < 0x80 else {
    throw ValidationError(
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
