import Glibc

/// The bytes of a file, followed by eight zeros so that words of eight can be read anywhere in it.
///
/// Large files are mapped: fresh memory for a copy costs more than parsing it. If such a file is cut
/// short while it is read, the process dies of SIGBUS.
public struct FileBytes: ~Copyable {
  private static let padding = 8
  private static let leastMapped = 1 << 20

  /// Zeros until bytes are put there; mapped, so that untouched pages cost nothing.
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var count = 0

  /// Lends the bytes to `body`; the zeros stand after the buffer's end.
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

  deinit { munmap(base, capacity) }

  /// A copy of bytes in memory; `name` is for messages.
  init(_ bytes: some Collection<UInt8>, name: String) throws(TableError) {
    try self.init(capacity: bytes.count, name: name)
    count = bytes.count
    UnsafeMutableRawBufferPointer(start: base, count: count).copyBytes(from: bytes)
  }

  /// All bytes of the file at `path`, or of standard input for nil; `name` is for messages.
  public static func contents(ofFile path: String?, name: String) throws(TableError) -> FileBytes {
    let descriptor = path.map { open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
    defer { if path != nil { close(descriptor) } }
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      throw TableError(.cannotOpen(errno: errno), file: name)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      throw TableError(.cannotOpen(errno: EISDIR), file: name)
    }
    let isFile = status.st_mode & S_IFMT == S_IFREG
    let size = isFile ? Int(status.st_size) : 0
    if size >= leastMapped, lseek(descriptor, 0, SEEK_CUR) == 0 {
      var bytes = try FileBytes(capacity: size, name: name)
      if bytes.map(descriptor, size: size) { return bytes }
    }
    // One byte more than a file has, so that its end is seen without growing.
    var bytes = try FileBytes(capacity: max(size + 1, 1 << 16), name: name)
    try bytes.readAll(descriptor, name: name)
    return bytes
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
  private mutating func map(_ descriptor: Int32, size: Int) -> Bool {
    count = size
    return mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, descriptor, 0)
      != MAP_FAILED
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

/// Asks for large pages under memory that is about to be filled: small ones cost as much as parsing.
///
/// A hint: where the kernel has none to give, nothing changes.
func adviseHugePages(_ start: UnsafeMutableRawPointer, byteCount: Int) {
  let first = start.alignedUp(toMultipleOf: sysconf(Int32(_SC_PAGESIZE)))
  let length = start + byteCount - first
  if length >= 1 << 21 { madvise(first, length, MADV_HUGEPAGE) }
}
