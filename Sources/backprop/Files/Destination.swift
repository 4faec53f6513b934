import Glibc

/// Where a result goes: a stream for `-`, else a file.
///
/// A file that grows is written by a ``Log``, one that appears whole by a ``WholeFile``.
enum Destination: Hashable {
  case standardOutput
  case file(String)

  init(_ argument: String) { self = argument == "-" ? .standardOutput : .file(argument) }

  /// Whether what is written here shows on a terminal.
  var isTerminal: Bool {
    guard case .file(let path) = self else { return Writer.standardOutput.isTerminal }
    var status = stat()
    // Nothing else is opened, as the reader of a pipe would notice.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return false }
    let descriptor = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    return isatty(descriptor) == 1
  }

  /// Whether writing here would overwrite what is at `other`: one stream, or one regular file.
  func isSamePlace(as other: Destination) -> Bool {
    switch (self, other) {
    case (.standardOutput, .standardOutput): return true
    case (.file(let a), .file(let b)):
      if FileKind(of: a) == .other { return false }
      return Self.followingLinks(a) == Self.followingLinks(b)
    default: return false
    }
  }

  /// The path with every symbolic link followed, also where the last part does not exist yet.
  ///
  /// Links in a circle end somewhere among them, where nothing can be opened.
  static func followingLinks(_ path: String, atMost links: Int = 40) -> String {
    if let resolved = resolved(path) { return resolved }
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink(path, &target, target.count)
    if length > 0, links > 0 {
      let text = String(decoding: target.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
      return followingLinks(
        text.hasPrefix("/") ? text : folder(of: path) + "/" + text, atMost: links - 1)
    }
    guard let folder = resolved(folder(of: path)) else { return path }
    let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.index(after: $0)...] }
    return folder + "/" + (name ?? path[...])
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// What stands at a path, links followed.
enum FileKind {
  case missing, regular, directory, other

  init(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      self = .missing
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .directory
    default: self = .other
    }
  }
}
