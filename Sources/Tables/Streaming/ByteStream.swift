internal import CDecimal
import Glibc

/// The bytes of a file, a pipe or a terminal as they come, with those kept that are not yet done with.
///
/// Zeros stand after the bytes that ``withBytes(upTo:_:)`` lends, so that windows of bytes can be read anywhere in
/// them.
struct ByteStream: ~Copyable {
  private static let padding = Int(BP_WINDOW)
  /// How long bytes that are there may wait for more, in milliseconds: for the next, and for all.
  private static let patience: (next: Int32, all: Double) = (2, 25)

  /// The open file.
  let descriptor: Int32
  private let isOwn: Bool
  private let name: String
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0
  /// Whether no more bytes will come.
  private(set) var isAtEnd = false
  /// Behind the last LF, and, where there is none, behind the last CR that has a byte after it; 0 for none.
  private var lastLineFeed = 0
  private var lastReturn = 0

  /// Opens a file, or standard input for nil; `name` is for messages.
  init(_ path: Path?, name: String, capacity: Int) throws(TableError) {
    let opened = path?.withCString { open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
    var status = stat()
    guard opened >= 0, fstat(opened, &status) == 0 else {
      throw TableError(.cannotOpen(errno: errno), file: name)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      if path != nil { close(opened) }
      throw TableError(.cannotOpen(errno: EISDIR), file: name)
    }
    descriptor = opened
    isOwn = path != nil
    self.name = name
    self.capacity = capacity
    base = .allocate(capacity: capacity + Self.padding)
  }

  /// Reads an open file from a byte on, and leaves it open; `name` is for messages.
  init(_ file: WatchedFile, from offset: Int, name: String, capacity: Int) {
    lseek(file.descriptor, offset, SEEK_SET)
    descriptor = file.descriptor
    isOwn = false
    self.name = name
    self.capacity = capacity
    base = .allocate(capacity: capacity + Self.padding)
  }

  deinit {
    base.deallocate()
    if isOwn { close(descriptor) }
  }

  /// Where the last whole line ends; 0 if there is none.
  ///
  /// A CR at the end may be the first half of a CRLF, and does not count.
  var endOfLines: Int { isAtEnd ? count : lastLineFeed > 0 ? lastLineFeed : lastReturn }

  /// Where the last whole line ends of so many bytes, or the first one if it is longer; 0 if there is none.
  func endOfLines(upTo most: Int) -> Int {
    if endOfLines <= most { return endOfLines }
    func isEnd(_ place: Int) -> Bool {
      let (last, next) = (base[place - 1], base[place])
      return last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") && next != UInt8(ascii: "\n")
    }
    return (1...most).last(where: isEnd) ?? (most..<endOfLines).first(where: isEnd) ?? endOfLines
  }

  /// Looks for line ends among the bytes from `first` on.
  private mutating func findLineEnds(from first: Int) {
    let feed = (first..<count).last { base[$0] == UInt8(ascii: "\n") }
    if let feed { lastLineFeed = feed + 1 }
    if lastLineFeed > 0 { return }
    let last = (max(0, first - 1)..<max(0, count - 1)).last { base[$0] == UInt8(ascii: "\r") }
    if let last { lastReturn = last + 1 }
  }

  /// Reads until the room is full, the stream ends, or it has whole lines and seems to have no more for now.
  ///
  /// At least one byte is waited for, unless the stream has ended.
  mutating func fill() throws(TableError) {
    let before = count
    var deadline = Double.infinity
    while !isAtEnd, count < capacity {
      if count > before, endOfLines > 0, !hasMore(before: deadline) { return }
      let found = read(descriptor, base + count, capacity - count)
      if found > 0 {
        count += found
        findLineEnds(from: count - found)
        deadline = min(deadline, Self.now + Self.patience.all)
      } else if found == 0 {
        isAtEnd = true
      } else if errno == EAGAIN {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&state, 1, -1)
      } else if errno != EINTR {
        throw TableError(.cannotRead(errno: errno), file: name)
      }
    }
  }

  /// Whether bytes come before the patience is at its end.
  private func hasMore(before deadline: Double) -> Bool {
    guard Self.now < deadline else { return false }
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, Self.patience.next) != 0
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
  }

  /// Makes room for so many bytes.
  mutating func grow(to capacity: Int) {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + Self.padding)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    self.capacity = capacity
  }

  /// The number of bytes that there is room for.
  var room: Int { capacity }

  /// Lends the first bytes to `body`; zeros stand after them meanwhile.
  mutating func withBytes<R, E: Error>(
    upTo end: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> R
  ) throws(E) -> R {
    let after = base + end
    typealias Window = SIMD32<UInt8>
    let kept = UnsafeMutableRawPointer(after).loadUnaligned(as: Window.self)
    UnsafeMutableRawPointer(after).storeBytes(of: .zero, as: Window.self)
    defer { UnsafeMutableRawPointer(after).storeBytes(of: kept, as: Window.self) }
    return try body(UnsafeBufferPointer(start: base, count: end))
  }

  /// Forgets the first bytes.
  mutating func removeFirst(_ number: Int) {
    memmove(base, base + number, count - number)
    count -= number
    lastLineFeed = max(0, lastLineFeed - number)
    lastReturn = max(0, lastReturn - number)
  }

  /// Forgets the bytes up to where the first line ends, or all if none does, and says how many.
  mutating func removeLine() throws(TableError) -> Int {
    var removed = 0
    while true {
      try fill()
      if isAtEnd { dropFinalControlZ() }
      let end = endOfLines > 0 ? endOfLines(upTo: 1) : 0
      // A CR at the end may be the first half of a CRLF.
      let some = end > 0 || isAtEnd ? end : count - 1
      removeFirst(some)
      removed += some
      if end > 0 || isAtEnd { return removed }
    }
  }

  /// Forgets a Ctrl-Z at the end, which marked a text's end under DOS, and what line ends follow it.
  mutating func dropFinalControlZ() {
    var end = count
    while end > 0, isLineEnd(base[end - 1]) { end -= 1 }
    guard end > 0, base[end - 1] == 0x1A else { return }
    while end > 0, base[end - 1] == 0x1A { end -= 1 }
    count = end
  }
}
