import Glibc
import Tables

/// Where a table comes from.
enum Source: Hashable {
  /// The table of the lesson, which ships with the program.
  case lesson
  case standardInput
  case file(Path)
  /// Several files whose rows follow each other.
  case files([Path])

  /// The table that a flag names by some arguments, each a file, `-` for standard input or a pattern of files' names;
  /// the lesson if there are none.
  init(_ arguments: [Path], flag: String) throws(Failure) {
    var paths: [Path] = []
    for argument in arguments { paths += try argument.matches(for: flag) }
    if paths.count > 1 {
      if paths.contains(Path("-")) {
        throw Failure(.usage, "\(flag): standard input cannot be combined with other files")
      }
      var seen: [Place.Identity: Path] = [:]
      for path in paths {
        guard let status = Source.file(path).status, status.isRegular else { continue }
        if let first = seen.updateValue(path, forKey: status.identity) {
          let fault =
            first == path ? "\(path) is given twice" : "\(first) and \(path) are the same file"
          throw Failure(.usage, "\(flag): \(fault): its rows would count twice")
        }
      }
    }
    self = paths.count > 1 ? .files(paths) : Source(paths.first)
  }

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
    case .files(let paths): paths.map { Source.file($0).argument }.joined(separator: " ")
    }
  }

  /// What it is called in messages.
  var name: String {
    switch self {
    case .lesson: "the lesson"
    case .standardInput: "standard input"
    case .file(let path): "\(path)"
    case .files(let paths): "\(paths[0]) and \(paths.count - 1) more"
    }
  }

  /// Each file as a source of its own; any other source is its only part.
  var parts: [Source] {
    if case .files(let paths) = self { paths.map(Source.file) } else { [self] }
  }

  /// What the system knows of it; nil for what is no file or cannot be found.
  var status: stat? {
    var status = stat()
    let result =
      switch self {
      case .lesson, .files: Int32(-1)
      case .standardInput: fstat(STDIN_FILENO, &status)
      case .file(let path): path.withCString { stat($0, &status) }
      }
    return result == 0 ? status : nil
  }

  /// Whether it can be read but once.
  var isStream: Bool {
    self == .standardInput || status.map { $0.st_mode & S_IFMT == S_IFIFO } == true
  }

  /// Whether what one reads is lost to the other: both are standard input, or the same pipe.
  func isSameStream(as other: Source) -> Bool {
    guard isStream, other.isStream else { return false }
    return self == other || status?.identity == other.status?.identity
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
      case .files(let paths):
        try Table(readingCSV: paths, format: format, threads: threads, wanted: wanted)
      }
    } catch {
      throw Failure(error, advice: reading.advice)
    }
  }

  /// Opens the table, to be read block by block.
  func stream(_ reading: TableReading) throws(Failure) -> TableStream {
    let path: Path =
      switch self {
      case .file(let path): path
      case .lesson, .standardInput: Path("-")
      case .files: preconditionFailure("several files are read as a table")
      }
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
      let path: Path? =
        switch self {
        case .file(let path): path
        case .lesson, .standardInput: nil
        case .files: preconditionFailure("several files are read as a table")
        }
      return try FileBytes.contents(of: path, name: name, mayMap: false).withBytes { Array($0) }
    } catch {
      throw Failure(error)
    }
  }
}

extension Path {
  /// The files whose names a pattern such as `part-*.csv` fits, in the order of their names' bytes; the path itself if
  /// it is no pattern, or names a file as it is.
  fileprivate func matches(for flag: String) throws(Failure) -> [Path] {
    guard bytes.contains(where: { "*?[".utf8.contains($0) }),
      Source.file(self).status == nil
    else { return [self] }
    var found = glob_t()
    defer { globfree(&found) }
    guard withCString({ glob($0, 0, nil, &found) }) == 0, let names = found.gl_pathv else {
      throw Failure(.noInput, "\(flag) \(self): no file matches this pattern")
    }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      names[index].map { Path(bytes: UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
  }
}
