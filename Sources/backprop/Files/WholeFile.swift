import Glibc

/// A file that appears whole or not at all: it is written beside its path and renamed.
///
/// It is created at once, so that an output that cannot be is told before the work for it begins. What exists
/// and is not a regular file, such as a device or a pipe, is written in place; a symbolic link is followed.
final class WholeFile {
  private let destination: Destination
  /// The file that is to be renamed; nil for a stream and for what is written in place.
  private var draft: Draft?

  /// Creates what will be renamed.
  init(_ destination: Destination) throws(Failure) {
    self.destination = destination
    guard case .file(let path) = destination else { return }
    switch FileKind(of: path) {
    case .directory: throw .cannotCreate(path, EISDIR)
    case .other: if access(path, W_OK) != 0 { throw .cannotCreate(path, errno) }
    case .regular, .missing: draft = try Draft(for: path)
    }
  }

  deinit { draft?.discard() }

  /// Writes the content; called again, it replaces what is there.
  func write(_ bytes: [UInt8]) throws(Failure) {
    guard case .file(let path) = destination else {
      return try Writer.standardOutput.writeAll(bytes)
    }
    if FileKind(of: path) == .other {
      let writer = try Writer.open(path)
      try writer.writeAll(bytes)
      return try writer.close()
    }
    let draft = if let draft { draft } else { try Draft(for: path) }
    self.draft = nil
    try draft.commit(bytes)
  }

  /// Writes the text.
  func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }
}

/// A file beside another, whose name it will take.
private struct Draft {
  private let path: String
  private let finalPath: String
  private let descriptor: Int32
  private let name: TemporaryFiles.Name

  init(for path: String) throws(Failure) {
    self.path = path
    finalPath = Destination.followingLinks(path)
    name = TemporaryFiles.register(finalPath + ".XXXXXX")
    descriptor = mkstemp(name.pointer)
    if descriptor < 0 {
      let code = errno
      TemporaryFiles.forget(name)
      throw .cannotCreate(path, code)
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  /// Fills the file and lets it take the other's name.
  func commit(_ bytes: [UInt8]) throws(Failure) {
    let writer = Writer(descriptor: descriptor, name: path)
    do throws(Failure) { try writer.writeAll(bytes) } catch {
      discard()
      throw error
    }
    fchmod(descriptor, mode)
    do throws(Failure) {
      try writer.close()
      guard rename(name.pointer, finalPath) == 0 else { throw .cannotCreate(path, errno) }
    } catch {
      TemporaryFiles.remove(name)
      throw error
    }
    TemporaryFiles.forget(name)
  }

  /// Removes the file.
  func discard() {
    close(descriptor)
    TemporaryFiles.remove(name)
  }

  /// The permissions of the file that is replaced, else those of a new file.
  private var mode: mode_t {
    var status = stat()
    if stat(finalPath, &status) == 0 { return status.st_mode & 0o7777 }
    let mask = umask(0)
    umask(mask)
    return 0o666 & ~mask
  }
}
