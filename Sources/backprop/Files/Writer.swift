import Glibc

/// An open file descriptor and the name by which messages call it.
struct Writer {
  static let standardOutput = Writer(descriptor: STDOUT_FILENO, name: "standard output")
  static let standardError = Writer(descriptor: STDERR_FILENO, name: "standard error")

  let descriptor: Int32
  let name: String

  /// A descriptor that whoever started the program has opened for writing.
  static func open(descriptor number: Int32) throws(Failure) -> Writer {
    switch number {
    case STDOUT_FILENO: return .standardOutput
    case STDERR_FILENO: return .standardError
    default:
      // Those that this program opens are closed in others, and are not meant.
      let flags = fcntl(number, F_GETFD)
      let isTheirs = flags >= 0 && flags & FD_CLOEXEC == 0
      let mode = fcntl(number, F_GETFL) & O_ACCMODE
      let descriptor = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
      guard isTheirs, mode != O_RDONLY, descriptor >= 0 else {
        if descriptor >= 0 { Glibc.close(descriptor) }
        throw .cannotCreate("/dev/fd/\(number)", EBADF)
      }
      return Writer(descriptor: descriptor, name: "/dev/fd/\(number)")
    }
  }

  /// Writes all bytes, however many calls it takes and however long a reader takes.
  func writeAll(_ bytes: [UInt8]) throws(Failure) {
    var written = 0
    var patience = Patience()
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      switch (count, errno) {
      case (0..., _):
        written += count
        patience = Patience()
      // A file is slow at worst.
      case (_, EINTR) where isFile: continue
      case (_, EINTR): try patience.use(on: name)
      case (_, EAGAIN): if !waitForRoom() { try patience.use(on: name) }
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

  /// Waits until a stream takes more that does not let a write wait; false if a signal comes first.
  private func waitForRoom() -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&state, 1, -1) >= 0
  }

  private var isFile: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}

extension Failure {
  static func cannotCreate(_ path: some CustomStringConvertible, _ code: Int32) -> Failure {
    Failure(.cannotCreate, "cannot create \(path): \(reason(code))")
  }

  static func cannotWrite(_ name: some CustomStringConvertible, _ code: Int32) -> Failure {
    Failure(.inputOutput, "cannot write \(name): \(reason(code))")
  }
}
