import Glibc

/// A text file that grows while the program runs, flushed often enough to be watched.
final class Log {
  /// How long a line may wait before it is written, in seconds; half of it is left to the step that runs.
  static let patience = 0.05

  private let writer: Writer
  private var buffer: [UInt8] = []
  private var lastFlush = Clock.now
  private var lastLine = Clock.now

  init(_ writer: Writer) { self.writer = writer }

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
