import Glibc
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

  /// Reads the table.
  func table(_ reading: TableReading = TableReading()) throws(Failure) -> Table {
    let format = reading.format
    let threads = reading.threads
    do throws(TableError) {
      return switch self {
      case .lesson: try Table(csv: Array("x,y\n1,2\n2,4\n3,6\n".utf8), name: name)
      case .standardInput: try Table(readingCSV: "-", format: format, threads: threads)
      case .file(let path): try Table(readingCSV: path, format: format, threads: threads)
      }
    } catch {
      throw Failure(error)
    }
  }

  /// All bytes of a small file, or of standard input.
  func bytes() throws(Failure) -> [UInt8] {
    let descriptor = self == .standardInput ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(.noInput, "\(name): cannot open: \(reason(errno))") }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes += buffer[..<count]
      } else if errno != EINTR {
        throw Failure(
          errno == EISDIR ? .noInput : .inputOutput, "\(name): cannot read: \(reason(errno))")
      }
    }
  }
}
