internal import CDecimal
internal import CMapping
import Glibc

/// The bytes of a file, followed by zeros so that windows of bytes can be read anywhere in it.
///
/// Large files are mapped: fresh memory for a copy costs more than parsing it. What is cut off such a file
/// turns into zeros; `checkIsWhole(name:)` tells.
public struct FileBytes: ~Copyable {
  private static let padding = Int(BP_WINDOW)
  private static let leastMapped = 1 << 20

  /// Zeros until bytes are put there; mapped, so that untouched pages cost nothing.
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var count = 0
  /// The file behind mapped bytes.
  private var file: WatchedFile?

  /// Lends the bytes to `body`; the zeros follow the end of the buffer.
  public borrowing func withBytes<R, E: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    let bytes = base.assumingMemoryBound(to: UInt8.self)
    return try body(UnsafeBufferPointer(start: bytes, count: count))
  }

  private init(capacity: Int, name: String) throws(TableError) {
    self.capacity = capacity + Self.padding
    let pages = mmap(
      nil, self.capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
    )
    guard let pages, pages != MAP_FAILED else {
      throw TableError(.cannotRead(errno: errno), file: name)
    }
    base = pages
  }

  deinit {
    if file != nil { bp_unmap(base) }
    munmap(base, capacity)
  }

  /// A copy of bytes in memory; `name` is for messages.
  init(_ bytes: some Collection<UInt8>, name: String) throws(TableError) {
    try self.init(capacity: bytes.count, name: name)
    count = bytes.count
    UnsafeMutableRawBufferPointer(start: base, count: count).copyBytes(from: bytes)
  }

  /// All bytes of the file at `path`, or of standard input for nil; `name` is for messages.
  ///
  /// What is not mapped has been copied in one piece: a file that grows meanwhile is read again.
  public static func contents(
    of path: Path?, name: String, mayMap: Bool = true
  ) throws(TableError) -> FileBytes {
    let descriptor = path?.withCString { open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
    defer { if path != nil { close(descriptor) } }
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      throw TableError(.cannotOpen(errno: errno), file: name)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      throw TableError(.cannotOpen(errno: EISDIR), file: name)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      var bytes = try FileBytes(capacity: 1 << 16, name: name)
      try bytes.readAll(descriptor, name: name)
      return bytes
    }
    let start = lseek(descriptor, 0, SEEK_CUR)
    if mayMap, status.st_size >= leastMapped, start == 0 {
      var bytes = try FileBytes(capacity: Int(status.st_size), name: name)
      if bytes.map(descriptor, status) { return bytes }
    }
    return try copy(descriptor, from: start, name: name)
  }

  /// The bytes of a regular file as they are at one moment.
  ///
  /// `whenRead` is called after they are read, before it is looked whether the file has changed.
  static func copy(
    _ descriptor: Int32, from start: off_t, name: String, attempts: Int = 3,
    whenRead: () -> Void = {}
  ) throws(TableError) -> FileBytes {
    var status = stat()
    fstat(descriptor, &status)
    let file = try WatchedFile(duplicating: descriptor, status, name: name)
    // One byte more than the file has, so that its end is seen without growing.
    var bytes = try FileBytes(capacity: max(file.size + 1, 1 << 16), name: name)
    lseek(descriptor, start, SEEK_SET)
    try bytes.readAll(descriptor, name: name)
    whenRead()
    guard let change = file.change else { return bytes }
    if change == .growth, attempts > 1 {
      return try copy(
        descriptor, from: start, name: name, attempts: attempts - 1, whenRead: whenRead)
    }
    // Whoever reads it again begins where this began.
    lseek(descriptor, start, SEEK_SET)
    throw TableError(.changedWhileRead(onlyGrew: change == .growth), file: name)
  }

  /// Throws if the file behind mapped bytes is not what it was when they were mapped.
  borrowing func checkIsWhole(name: String) throws(TableError) {
    guard let file else { return }
    if let change = file.change {
      throw TableError(.changedWhileRead(onlyGrew: change == .growth), file: name)
    }
    if bp_has_failed(base) { throw TableError(.cannotRead(errno: EIO), file: name) }
  }

  /// Forgets a Ctrl-Z at the end, which marked a text's end under DOS, and what line ends follow it.
  mutating func dropFinalControlZ() {
    let bytes = base.assumingMemoryBound(to: UInt8.self)
    var end = count
    while end > 0, isLineEnd(bytes[end - 1]) { end -= 1 }
    guard end > 0, bytes[end - 1] == 0x1A else { return }
    while end > 0, bytes[end - 1] == 0x1A { end -= 1 }
    // A mapped file's pages are not to be written, but are this process's own.
    mprotect(base, capacity, PROT_READ | PROT_WRITE)
    for index in end..<count { bytes[index] = 0 }
    count = end
  }

  /// Puts the file's pages over the first of these; false if it cannot be mapped.
  private mutating func map(_ descriptor: Int32, _ status: stat) -> Bool {
    guard let watched = try? WatchedFile(duplicating: descriptor, status, name: ""),
      bp_map(base, Int(status.st_size), descriptor)
    else { return false }
    file = watched
    count = Int(status.st_size)
    return true
  }

  /// Reads to the end.
  private mutating func readAll(_ descriptor: Int32, name: String) throws(TableError) {
    while true {
      if count + Self.padding == capacity { try grow(name: name) }
      let taken = read(descriptor, base + count, capacity - Self.padding - count)
      if taken == 0 { return }
      if taken > 0 { count += taken }
      if taken < 0 && errno != EINTR { throw TableError(.cannotRead(errno: errno), file: name) }
    }
  }

  private mutating func grow(name: String) throws(TableError) {
    var larger = try FileBytes(capacity: 2 * capacity, name: name)
    memcpy(larger.base, base, count)
    swap(&base, &larger.base)
    swap(&capacity, &larger.capacity)
  }
}

/// An open file, and what it was when it was opened.
///
/// It has a descriptor of its own, which is closed with it.
final class WatchedFile: Sendable {
  enum Change {
    /// The file is longer; what it had may be as it was.
    case growth
    case any
  }

  let descriptor: Int32
  let status: Status

  /// What tells whether a file is still the same.
  struct Status: Hashable, Sendable {
    let size: Int
    /// When it was last written to, in seconds and billionths of one.
    let seconds, nanoseconds: Int

    init(_ status: stat) {
      size = Int(status.st_size)
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
  }

  /// The file behind a descriptor, which the caller closes; `name` is for messages.
  init(duplicating descriptor: Int32, _ status: stat, name: String) throws(TableError) {
    self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    self.status = Status(status)
    if self.descriptor < 0 { throw TableError(.cannotOpen(errno: errno), file: name) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  var size: Int { status.size }

  /// What somebody has done to the file since; nil if nothing.
  var change: Change? {
    var now = stat()
    fstat(descriptor, &now)
    let status = Status(now)
    if status.size > size { return .growth }
    return status == self.status ? nil : .any
  }

  /// Reads bytes from a place on; false if the file ends before.
  func read(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, count: Int, at offset: Int, name: String
  ) throws(TableError) -> Bool {
    var done = 0
    while done < count {
      let taken = pread(
        descriptor, bytes.baseAddress.map { $0 + done }, count - done, offset + done)
      if taken == 0 { return false }
      if taken > 0 { done += taken }
      if taken < 0 && errno != EINTR { throw TableError(.cannotRead(errno: errno), file: name) }
    }
    return true
  }
}

/// Asks for large pages under memory that is about to be filled: small ones cost as much as parsing.
///
/// A hint: where the kernel has none to give, nothing changes.
func adviseHugePages(_ start: UnsafeMutableRawPointer, byteCount: Int) {
  let first = start.alignedUp(toMultipleOf: sysconf(Int32(_SC_PAGESIZE)))
  let length = start + byteCount - first
  if length >= 1 << 21 { madvise(first, length, MADV_HUGEPAGE) }
}
