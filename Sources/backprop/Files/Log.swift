import Glibc

/// A text file that grows while the program runs, flushed often enough to be watched.
///
/// Where it is given up before it begins, a file that it made is removed.
final class Log {
  /// How long a line may wait before it is written, in seconds; half of it is left to the step that runs.
  static let patience = 0.05

  private let writer: Writer
  /// Where the file is; nil for a stream.
  private let place: Place?
  /// A file that was not there before, until the first line may be written.
  private var newFile: TemporaryFiles.Note?
  private var buffer: [UInt8] = []
  private var lastFlush = Clock.now
  private var lastLine = Clock.now

  /// Opens the destination, but leaves what a file has until ``begin()``.
  init(_ destination: Destination) throws(Failure) {
    switch destination {
    case .descriptor(let number):
      place = nil
      writer = try .open(descriptor: number)
    case .file(let path):
      let place = try Place(path)
      try place.checkCanWrite()
      self.place = place
      let isNew = place.kind == .missing
      if isNew { newFile = TemporaryFiles.register(place.name, in: place.folder) }
      // Whoever else writes the file, or empties it, loses nothing by this.
      do throws(Failure) { writer = try place.open(O_APPEND | (isNew ? O_EXCL : 0)) } catch {
        if let newFile { TemporaryFiles.forget(newFile) }
        throw error
      }
    }
  }

  deinit {
    guard let newFile else { return }
    try? writer.close()
    TemporaryFiles.remove(newFile)
  }

  /// Keeps so many bytes of an older file, after which lines are then written.
  func begin(keeping byteCount: Int = 0) {
    // What a stream has was written by others; of what is no regular file nothing can be taken away.
    if place != nil { ftruncate(writer.descriptor, off_t(byteCount)) }
    if let newFile { TemporaryFiles.forget(newFile) }
    newFile = nil
  }

  /// Keeps other processes that ask from writing the file until this one has closed it; false if one writes it now, or
  /// has just replaced it.
  ///
  /// Where the system has no locks, nothing is known of others.
  func lock() -> Bool {
    while flock(writer.descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno != EINTR { return errno != EWOULDBLOCK }
    }
    var status = stat()
    return fstat(writer.descriptor, &status) == 0
      && status.identity == place?.currentStatus?.identity
  }

  /// Adds to the current line, through `append`.
  func write(_ append: (inout [UInt8]) -> Void) throws(Failure) {
    append(&buffer)
    if buffer.count > 1 << 16 { try flush() }
  }

  /// Adds a text to the current line.
  func write(_ text: String) throws(Failure) { try write { $0.append(contentsOf: text.utf8) } }

  /// Says that lines are complete: they are written now if others may be long in coming.
  ///
  /// Lines that come slowly are written at once; quick ones together, every 25 ms.
  func endOfLines() throws(Failure) {
    let now = Clock.now
    defer { lastLine = now }
    if now - lastLine > Self.patience / 10 || now - lastFlush > Self.patience / 2 { try flush() }
  }

  /// Writes what has been added if it has waited long enough.
  func flushIfDue() throws(Failure) {
    if !buffer.isEmpty, Clock.now - lastFlush > Self.patience / 2 { try flush() }
  }

  /// Writes what has been added.
  func flush() throws(Failure) {
    try writer.writeAll(buffer)
    buffer.removeAll(keepingCapacity: true)
    lastFlush = Clock.now
  }

  /// Writes the rest and closes the file.
  func close() throws(Failure) {
    try flush()
    try writer.close()
  }
}

/// Seconds of a clock that nobody sets.
enum Clock {
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
