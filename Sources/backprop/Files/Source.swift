import Tables

/// Where a table comes from.
enum Source: Hashable {
  /// The table of the lesson, which ships with the program.
  case lesson
  case standardInput
  case file(String)

  init(_ argument: String?) {
    self =
      switch argument {
      case nil: .lesson
      case "-": .standardInput
      case let path?: .file(path)
      }
  }

  /// What it is called in messages.
  var name: String {
    switch self {
    case .lesson: "the lesson"
    case .standardInput: "standard input"
    case .file(let path): path
    }
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
        try Table(readingCSV: "-", format: format, threads: threads, wanted: wanted)
      case .file(let path):
        try Table(readingCSV: path, format: format, threads: threads, wanted: wanted)
      }
    } catch {
      throw Failure(error, pipe: reading.pipe)
    }
  }

  /// All bytes of a file, or of standard input.
  func bytes() throws(Failure) -> [UInt8] {
    do throws(TableError) {
      let path = self == .standardInput ? nil : name
      return try FileBytes.contents(ofFile: path, name: name).withBytes { Array($0) }
    } catch {
      throw Failure(error)
    }
  }
}
