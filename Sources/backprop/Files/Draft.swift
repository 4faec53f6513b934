import Glibc
import Tables

/// A file beside a place, whose name it will take.
///
/// It is locked as long as its process lives, by which those of dead ones are known.
struct Draft {
  private let place: Place
  private let name: Path
  private let note: TemporaryFiles.Note
  private let writer: Writer
  /// The file that was there when this one was made.
  private let former: stat?

  init(for place: Place) throws(Failure) {
    self.place = place
    let former = place.currentStatus
    self.former = former
    while true {
      let name = place.draftName()
      let note = TemporaryFiles.register(name, in: place.folder)
      let descriptor = name.withCString {
        openat(
          place.folder, $0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
          // Nobody reads what is to have an older file's permissions before it has them.
          former == nil ? 0o666 : 0o600)
      }
      if descriptor < 0 {
        let code = errno
        TemporaryFiles.forget(note)
        if code == EEXIST || code == EINTR { continue }
        throw .cannotCreate(place.path, code)
      }
      while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
        // Another run has taken it for a leftover before it was locked.
        TemporaryFiles.forget(note)
        close(descriptor)
        continue
      }
      self.name = name
      self.note = note
      writer = Writer(descriptor: descriptor, name: "\(place.path)")
      return
    }
  }

  /// Another descriptor of the file, for whoever fills it.
  func duplicate() -> Int32 { fcntl(writer.descriptor, F_DUPFD_CLOEXEC, 0) }

  /// Fills the file and lets it take the other's name.
  ///
  /// The lock is held until then, so that nobody takes it for a leftover. A lasting file is on the disk before the
  /// older one is gone, and has its name there at the end.
  func commit(_ bytes: [UInt8], isLasting: Bool) throws(Failure) {
    do throws(Failure) {
      try writer.writeAll(bytes)
      if try !takePlace(isLasting: isLasting) { try writeInPlace(bytes) }
    } catch {
      discard()
      throw error
    }
  }

  /// Lets the file, which its other descriptor has filled, take the other's name.
  func commitFilled() throws(Failure) {
    do throws(Failure) {
      if try !takePlace(isLasting: false) { throw .cannotCreate(place.path, EPERM) }
    } catch {
      discard()
      throw error
    }
  }

  /// Gives the file the rights of the older one and its name; false if the older one may be written and yet not be
  /// replaced.
  private func takePlace(isLasting: Bool) throws(Failure) -> Bool {
    let older = place.currentStatus ?? former
    if let older, older.isRegular { takeOwnerAndMode(of: older) }
    if isLasting { try writer.synchronize() }
    guard try rename() else { return false }
    TemporaryFiles.forget(note)
    close(writer.descriptor)
    if isLasting { place.synchronizeFolder() }
    return true
  }

  /// Removes the file.
  func discard() {
    TemporaryFiles.remove(note)
    close(writer.descriptor)
  }

  /// Gives the file its name; false if the older one may be written and yet not be replaced: it is a mount point,
  /// or somebody else's in a folder such as `/tmp`.
  private func rename() throws(Failure) -> Bool {
    let result = name.withCString { name in
      place.name.withCString { renameat(place.folder, name, place.folder, $0) }
    }
    if result == 0 { return true }
    guard errno == EBUSY || errno == EPERM else { throw .cannotCreate(place.path, errno) }
    return false
  }

  /// Fills the older file itself.
  private func writeInPlace(_ bytes: [UInt8]) throws(Failure) {
    let older = try place.open(O_TRUNC)
    do throws(Failure) {
      try older.writeAll(bytes)
      try older.synchronize()
    } catch {
      Glibc.close(older.descriptor)
      throw error
    }
    try older.close()
    discard()
  }

  /// Takes over who may read and write a file, as far as the system lets it, and nothing more.
  private func takeOwnerAndMode(of file: stat) {
    let descriptor = writer.descriptor
    let hasGroup =
      fchown(descriptor, file.st_uid, file.st_gid) == 0
      || fchown(descriptor, uid_t.max, file.st_gid) == 0
    var mode = file.st_mode & 0o777
    // What the old group was granted is not for any other.
    if !hasGroup { mode = mode & 0o707 | (mode & 0o007) << 3 }
    fchmod(descriptor, mode)
  }
}

// MARK: Names

extension Place {
  /// What follows a file's name in those of its drafts, and then letters and digits: too many for anybody to
  /// give such a name to a file of his own.
  private static let draftMark = Array(".backprop-".utf8)
  private static let draftLetters = Array(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
  private static let letterCount = 16
  /// NAME_MAX, in bytes.
  private static let longestName = 255

  /// A new name for a draft, cut where it would be too long.
  fileprivate func draftName() -> Path {
    var letters: [UInt8] = []
    for _ in 0..<Self.letterCount { letters.append(Self.draftLetters.randomElement() ?? 0) }
    return Path(bytes: draftStem + letters)
  }

  /// What the names of all drafts begin with.
  private var draftStem: [UInt8] {
    let longest = Self.longestName - Self.draftMark.count - Self.letterCount
    var stem = name.bytes[...]
    if stem.count > longest {
      stem = stem.prefix(longest)
      // Half a character is no text, which some file systems insist on.
      while let next = name.bytes[stem.endIndex...].first, next & 0xC0 == 0x80 { stem.removeLast() }
    }
    return stem + Self.draftMark
  }

  /// Removes the drafts of this place whose runs were killed.
  func removeLeftovers() {
    let listed = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard listed >= 0 else { return }
    guard let entries = fdopendir(listed) else {
      close(listed)
      return
    }
    defer { closedir(entries) }
    let stem = draftStem
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name.count == stem.count + Self.letterCount, name.starts(with: stem),
        name.dropFirst(stem.count).allSatisfy(Self.draftLetters.contains)
      {
        removeIfDead(Path(bytes: name))
      }
    }
  }

  /// Removes a draft if it is our own user's and no process has it locked.
  private func removeIfDead(_ name: Path) {
    name.withCString { name in
      let descriptor = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { return }
      defer { close(descriptor) }
      var (own, named) = (stat(), stat())
      // Where locks are not to be had, nothing is known of the process.
      guard fstat(descriptor, &own) == 0, own.isRegular, own.st_uid == geteuid(),
        flock(descriptor, LOCK_EX | LOCK_NB) == 0,
        fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0, named.identity == own.identity
      else { return }
      unlinkat(folder, name, 0)
    }
  }
}

// MARK: Lasting

extension Place {
  /// Has the disk keep the folder's names; not every file system can.
  fileprivate func synchronizeFolder() {
    let descriptor = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

extension Writer {
  /// Has the disk keep what was written, where the file system can.
  fileprivate func synchronize() throws(Failure) {
    while fsync(descriptor) != 0 {
      switch errno {
      case EINTR: continue
      case EINVAL, ENOTSUP, ENOSYS, EROFS: return
      case let code: throw .cannotWrite(name, code)
      }
    }
  }
}
