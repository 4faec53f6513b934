import Glibc

/// Where a result goes: a stream for `-`, else a file.
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

  /// Opens the place for a log that grows.
  func openLog() throws(Failure) -> Writer {
    switch self {
    case .standardOutput: .standardOutput
    case .file(let path): try .open(path)
    }
  }

  /// Finds out, before any work is done, whether a file can be put here.
  ///
  /// A log is written in its place; a whole file is written beside it, so that its folder must
  /// allow that.
  func checkCanCreate(isLog: Bool = false) throws(Failure) {
    guard case .file(let path) = self else { return }
    switch FileKind(of: path) {
    case .directory: throw .cannotCreate(path, EISDIR)
    case .regular where isLog, .other:
      if access(path, W_OK) != 0 { throw .cannotCreate(path, errno) }
    case .regular, .missing:
      let folder = Self.folder(of: Self.followingLinks(path))
      guard FileKind(of: folder) == .directory else { throw .cannotCreate(path, ENOENT) }
      if access(folder, W_OK | X_OK) != 0 { throw .cannotCreate(path, errno) }
    }
  }

  /// Puts a whole file here, or nothing: it is written beside its place and renamed.
  ///
  /// What exists and is not a regular file, such as a device or a pipe, is written in place; a
  /// symbolic link is followed.
  func replaceContents(with bytes: [UInt8]) throws(Failure) {
    guard case .file(let path) = self else { return try Writer.standardOutput.writeAll(bytes) }
    if FileKind(of: path) == .other {
      let writer = try Writer.open(path)
      try writer.writeAll(bytes)
      return try writer.close()
    }
    let place = Self.followingLinks(path)
    let template = (place + ".XXXXXX").utf8CString
    let temporary = UnsafeMutablePointer<CChar>.allocate(capacity: template.count)
    for (index, character) in template.enumerated() { temporary[index] = character }
    Interruption.setTemporaryFile(temporary)
    defer {
      Interruption.setTemporaryFile(nil)
      temporary.deallocate()
    }
    let descriptor = mkstemp(temporary)
    guard descriptor >= 0 else { throw .cannotCreate(path, errno) }
    do throws(Failure) {
      let writer = Writer(descriptor: descriptor, name: path)
      try writer.writeAll(bytes)
      fchmod(descriptor, Self.mode(replacing: place))
      try writer.close()
      guard rename(temporary, place) == 0 else { throw .cannotCreate(path, errno) }
    } catch {
      unlink(temporary)
      throw error
    }
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

  /// The permissions of the file that is replaced, else those of a new file.
  private static func mode(replacing place: String) -> mode_t {
    var status = stat()
    if stat(place, &status) == 0 { return status.st_mode & 0o7777 }
    let mask = umask(0)
    umask(mask)
    return 0o666 & ~mask
  }

  /// The path with every symbolic link followed, also where the last part does not exist yet.
  ///
  /// Links in a circle end somewhere among them, where nothing can be opened.
  private static func followingLinks(_ path: String, atMost links: Int = 40) -> String {
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

  private static func folder(of path: String) -> String {
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
