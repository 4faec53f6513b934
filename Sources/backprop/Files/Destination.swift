import Glibc
import Tables

/// Where a result goes: a stream for `-`, else a file.
///
/// A file that grows is written by a ``Log``, one that appears whole by a ``WholeFile``.
enum Destination: Hashable {
  /// A descriptor that whoever started the program has opened, and that is written to where it stands.
  case descriptor(Int32)
  case file(Path)

  static let standardOutput = Destination.descriptor(STDOUT_FILENO)

  /// The names of descriptors are descriptors, since opening them as files would write over what others wrote.
  init(_ argument: Path) {
    self = Self.descriptor(named: argument).map { .descriptor($0) } ?? .file(argument)
  }

  private static func descriptor(named path: Path) -> Int32? {
    if path == Path("-") { return STDOUT_FILENO }
    guard path.bytes.first == UInt8(ascii: "/") else { return nil }
    // Names of descriptors have many spellings: empty and '.' parts of a path mean nothing.
    let parts = String(decoding: path.bytes, as: UTF8.self).split(separator: "/")
    let text = "/" + parts.filter { $0 != "." }.joined(separator: "/")
    switch text {
    case "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default:
      let folders = [
        "/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/", "/proc/\(getpid())/fd/",
      ]
      guard let folder = folders.first(where: text.hasPrefix) else { return nil }
      let digits = text.dropFirst(folder.count)
      return digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int32(digits) : nil
    }
  }

  /// Whether what is written here is passed on at once and kept nowhere: a descriptor or a named pipe.
  var isStream: Bool {
    guard case .file(let path) = self else { return true }
    var status = stat()
    return path.withCString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// Whether what is written here shows on a terminal.
  var isTerminal: Bool {
    switch self {
    case .descriptor(let number): return isatty(number) == 1
    case .file(let path):
      var status = stat()
      // Nothing else is opened, as the reader of a pipe would notice.
      guard path.withCString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFCHR else {
        return false
      }
      let descriptor = path.withCString {
        open($0, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
      }
      defer { if descriptor >= 0 { close(descriptor) } }
      return isatty(descriptor) == 1
    }
  }

  /// Whether two results would be written into each other: to one stream, or to one file under any names.
  ///
  /// Devices such as `/dev/null` take any number.
  func isSamePlace(as other: Destination) -> Bool {
    switch (self, other) {
    case (.descriptor, .descriptor) where self == other: return true
    case (.file(let one), .file(let other)):
      guard let place = try? Place(one), let otherPlace = try? Place(other) else {
        return one == other
      }
      return place.identity != nil && place.identity == otherPlace.identity
    default: return identity != nil && identity == other.identity
    }
  }

  /// By what it is known under any name; nil where any number may write.
  private var identity: Place.Identity? {
    switch self {
    case .file(let path): return (try? Place(path))?.identity
    case .descriptor(let number):
      var status = stat()
      guard fstat(number, &status) == 0 else { return nil }
      let isSink = status.st_mode & S_IFMT == S_IFCHR && !isTerminal
      return isSink ? nil : status.identity
    }
  }

  /// Whether writing here would change the regular file that a source reads.
  func wouldOverwrite(_ source: Source) -> Bool {
    guard let status = source.status, status.isRegular else { return false }
    return identity == status.identity
  }
}
