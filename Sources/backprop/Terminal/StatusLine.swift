import Glibc
import Synchronization

/// The last line of standard error while it is drawn over and over; every message takes it away first.
///
/// The cursor waits at its start. There the terminal's `^C` is erased with it, and where a window that
/// became narrow broke the line in two, the next drawing erases the second part.
enum StatusLine {
  private static let isShown = Atomic(false)

  /// Draws the line, which must be shorter than the terminal is wide, over the one before.
  static func show(_ text: String) {
    guard isInForeground, hasRoom else { return }
    isShown.store(true, ordering: .relaxed)
    // A line that cannot be drawn is no reason to stop.
    try? Writer.standardError.writeAll("\(text)\u{1B}[J\r")
  }

  /// Takes the line away, if it is there; a signal handler may do so too.
  static func erase() {
    guard isShown.exchange(false, ordering: .relaxed), isInForeground, hasRoom else { return }
    let sequence: StaticString = "\r\u{1B}[J"
    _ = write(STDERR_FILENO, sequence.utf8Start, sequence.utf8CodeUnitCount)
  }

  /// Whether the terminal is ours to draw on, and not that of the shell that runs us in the background.
  private static var isInForeground: Bool {
    let group = tcgetpgrp(STDERR_FILENO)
    return group < 0 || group == getpgrp()
  }

  /// Whether the terminal takes more: one that Ctrl-S has stopped does not, and must not hold us up.
  private static var hasRoom: Bool {
    var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    return poll(&state, 1, 0) == 1
  }
}
