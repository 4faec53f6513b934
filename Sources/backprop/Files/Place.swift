import Glibc
import Tables

/// What a path leads to, links followed: a name in a folder.
///
/// The folder is held open, so that the place stays the same when folders are renamed or replaced meanwhile.
final class Place {
  /// What stands at a place.
  enum Kind: Equatable {
    /// Nothing, or a file whose bytes can be replaced by a new file of its name.
    case missing, regular
    /// A device, a pipe, or a file that is reached by no name of its own: written where it is.
    case special
  }

  /// By what two names of one place are told to be the same.
  enum Identity: Hashable {
    case existing(device: dev_t, inode: ino_t)
    case new(folderDevice: dev_t, folder: ino_t, name: Path)
  }

  /// The path as it was given, for messages.
  let path: Path
  let kind: Kind
  /// The folder, open to name files in it and nothing else, and the name in it.
  let folder: Int32
  let name: Path
  private let status: stat

  /// The most links that lead from one to the other, as in the kernel.
  private static let mostLinks = 40
  /// O_PATH, which Swift does not import: a folder is opened that may be neither read nor listed.
  private static let pathOnly: Int32 = 0o1000_0000

  /// Finds the place; throws where a file neither is nor can be.
  init(_ path: Path) throws(Failure) {
    self.path = path
    var status = stat()
    let exists = path.withCString { stat($0, &status) } == 0
    guard exists || errno == ENOENT else { throw .cannotCreate(path, errno) }
    (folder, name) = try Self.followingLinks(path)
    var own = stat()
    let isOwn = exists && Self.status(of: name, in: folder, &own) && own.identity == status.identity
    self.status = status
    switch status.st_mode & S_IFMT {
    case _ where !exists: kind = .missing
    case S_IFREG where isOwn: kind = .regular
    default: kind = .special
    }
  }

  deinit { close(folder) }

  /// Throws what would keep a program from writing here.
  func checkCanWrite() throws(Failure) {
    if kind == .missing {
      if name.bytes.isEmpty { throw .cannotCreate(path, EISDIR) }
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw .cannotCreate(path, EISDIR)
    case S_IFSOCK: throw .cannotCreate(path, ENXIO)
    default: break
    }
    guard path.withCString({ faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) }) == 0 else {
      throw .cannotCreate(path, errno)
    }
  }

  /// Nil where anybody may write, and nothing is kept: a device of characters that is no terminal.
  var identity: Identity? {
    if kind != .missing { return status.isSink(path) ? nil : status.identity }
    var folderStatus = stat()
    fstat(folder, &folderStatus)
    return .new(folderDevice: folderStatus.st_dev, folder: folderStatus.st_ino, name: name)
  }

  /// Opens what stands here, or a new file.
  ///
  /// What stands here is not opened as if it might have to be made, which the system forbids for others' files
  /// in folders that all may write to. A pipe is waited for until somebody reads it.
  func open(_ flags: Int32) throws(Failure) -> Writer {
    let flags = flags | O_WRONLY | O_NOCTTY | O_CLOEXEC
    var patience = Patience()
    while true {
      let descriptor =
        kind == .special
        ? path.withCString { Glibc.open($0, flags) }
        : name.withCString { openat(folder, $0, flags | (kind == .missing ? O_CREAT : 0), 0o666) }
      if descriptor >= 0 { return Writer(descriptor: descriptor, name: "\(path)") }
      guard errno == EINTR else { throw .cannotCreate(path, errno) }
      try patience.use(on: "\(path)")
    }
  }

  /// What stands here now under the name itself; nil if nothing does.
  var currentStatus: stat? {
    var status = stat()
    return Self.status(of: name, in: folder, &status) ? status : nil
  }

  private static func status(of name: Path, in folder: Int32, _ status: inout stat) -> Bool {
    name.withCString { fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
  }
}

// MARK: Links

extension Place {
  /// The folder and the name that a path leads to, also where nothing has the name yet.
  private static func followingLinks(_ path: Path) throws(Failure) -> (folder: Int32, name: Path) {
    var folder = AT_FDCWD
    var rest = path
    for _ in 0...mostLinks {
      let (parent, name) = rest.parted
      let next = parent.withCString { openat(folder, $0, Self.pathOnly | O_DIRECTORY | O_CLOEXEC) }
      let code = errno
      if folder != AT_FDCWD { close(folder) }
      guard next >= 0 else { throw .cannotCreate(path, code) }
      folder = next
      guard let target = target(of: name, in: folder) else { return (folder, name) }
      rest = target
    }
    close(folder)
    throw .cannotCreate(path, ELOOP)
  }

  /// Where a link leads; nil for what is none.
  private static func target(of name: Path, in folder: Int32) -> Path? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = name.withCString { readlinkat(folder, $0, &target, target.count) }
    return count > 0 ? Path(bytes: target.prefix(count).map(UInt8.init(bitPattern:))) : nil
  }
}

extension Path {
  /// The folder and the name in it, which is empty after a slash at the end.
  fileprivate var parted: (folder: Path, name: Path) {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (Path("."), self) }
    return (Path(bytes: bytes[...slash]), Path(bytes: bytes[(slash + 1)...]))
  }
}

extension stat {
  /// The file, whatever its names are.
  var identity: Place.Identity { .existing(device: st_dev, inode: st_ino) }

  var isRegular: Bool { st_mode & S_IFMT == S_IFREG }

  /// Whether this is a device of characters, but no terminal, at a path.
  fileprivate func isSink(_ path: Path) -> Bool {
    st_mode & S_IFMT == S_IFCHR && !Destination.file(path).isTerminal
  }
}
