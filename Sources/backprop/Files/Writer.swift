import Glibc

/// An open file descriptor and the name by which messages call it.
struct Writer {
  static let standardOutput = Writer(descriptor: STDOUT_FILENO, name: "standard output")
  static let standardError = Writer(descriptor: STDERR_FILENO, name: "standard error")

  let descriptor: Int32
  let name: String

  /// Opens a file for writing; an older regular file is emptied, unless it is to stay for now.
  static func open(_ path: String, isEmptied: Bool = true) throws(Failure) -> Writer {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (isEmptied ? O_TRUNC : 0)
    let descriptor = Glibc.open(path, flags, 0o666)
    guard descriptor >= 0 else { throw .cannotCreate(path, errno) }
    return Writer(descriptor: descriptor, name: path)
  }

  /// Writes all bytes, however many calls it takes.
  func writeAll(_ bytes: [UInt8]) throws(Failure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      switch (count, errno) {
      case (0..., _): written += count
      case (_, EINTR): continue
      case (_, EPIPE): throw .closedPipe
      case (_, let code): throw .cannotWrite(name, code)
      }
    }
  }

  /// Writes a text as UTF-8.
  func writeAll(_ text: String) throws(Failure) { try writeAll(Array(text.utf8)) }

  /// Closes the file, and says so if the last bytes were lost; the standard streams stay open.
  func close() throws(Failure) {
    if descriptor <= STDERR_FILENO { return }
    if Glibc.close(descriptor) != 0, errno != EINTR { throw .cannotWrite(name, errno) }
  }

  var isTerminal: Bool { isatty(descriptor) == 1 }
}

extension Failure {
  static func cannotCreate(_ path: String, _ code: Int32) -> Failure {
    Failure(.cannotCreate, "cannot create \(path): \(reason(code))")
  }

  static func cannotWrite(_ name: String, _ code: Int32) -> Failure {
    Failure(.inputOutput, "cannot write \(name): \(reason(code))")
  }
}
