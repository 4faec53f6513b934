import Glibc
import Tables

/// Where a table comes from.
enum Source: Hashable {
  /// The table of the lesson, which ships with the program.
  case lesson
  case standardInput
  case file(Path)

  init(_ argument: Path?) {
    self =
      switch argument {
      case nil: .lesson
      case Path("-"): .standardInput
      case let path?: .file(path)
      }
  }

  /// How a flag names it, as text; empty for the lesson, which none names.
  var argument: String {
    switch self {
    case .lesson: ""
    case .standardInput: "-"
    case .file(let path): String(decoding: path.bytes, as: UTF8.self)
    }
  }

  /// What it is called in messages.
  var name: String {
    switch self {
    case .lesson: "the lesson"
    case .standardInput: "standard input"
    case .file(let path): "\(path)"
    }
  }

  /// What the system knows of it; nil for what is no file or cannot be found.
  var status: stat? {
    var status = stat()
    let result =
      switch self {
      case .lesson: Int32(-1)
      case .standardInput: fstat(STDIN_FILENO, &status)
      case .file(let path): path.withCString { stat($0, &status) }
      }
    return result == 0 ? status : nil
  }

  /// Whether what one reads is lost to the other: both are standard input, or the same pipe.
  func isSameStream(as other: Source) -> Bool {
    if self == .standardInput, other == .standardInput { return true }
    guard let status, let otherStatus = other.status else { return false }
    return status.st_mode & S_IFMT == S_IFIFO && status.identity == otherStatus.identity
  }

  /// Reads the table, or those of its columns that are wanted.
  func table(
    _ reading: TableReading = TableReading(), wanted: (([String]) -> Set<String>)? = nil
  ) throws(Failure) -> Table {
    let format = reading.format
    let threads = reading.threads
    do throws(TableError) {
      return switch self {
      case .lesson: try Table(csv: Array("x,y\n1,2\n2,4\n3,6\n".utf8), name: name)
      case .standardInput:
        try Table(readingCSV: Path("-"), format: format, threads: threads, wanted: wanted)
      case .file(let path):
        try Table(readingCSV: path, format: format, threads: threads, wanted: wanted)
      }
    } catch {
      throw Failure(error, advice: reading.advice)
    }
  }

  /// Opens the table, to be read block by block.
  func stream(_ reading: TableReading) throws(Failure) -> TableStream {
    let path: Path = if case .file(let path) = self { path } else { Path("-") }
    do throws(TableError) {
      return try TableStream(readingCSV: path, format: reading.format, threads: reading.threads)
    } catch {
      throw Failure(error, advice: reading.advice)
    }
  }

  /// Whether standard input is a terminal, so that nothing comes of itself.
  static var isTerminalStandardInput: Bool { isatty(STDIN_FILENO) == 1 }

  /// All bytes of a file, or of standard input.
  func bytes() throws(Failure) -> [UInt8] {
    do throws(TableError) {
      let path: Path? = if case .file(let path) = self { path } else { nil }
      return try FileBytes.contents(of: path, name: name, mayMap: false).withBytes { Array($0) }
    } catch {
      throw Failure(error)
    }
  }
}
