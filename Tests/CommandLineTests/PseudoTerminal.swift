import Foundation
import Glibc
import Testing

/// A program whose standard error, and other streams if asked, are a terminal of its own.
///
/// It leads the terminal's session, so that a Ctrl-C typed there is a signal for it. No wait is forever:
/// after two minutes the program is killed and the test fails.
final class PseudoTerminal {
  /// How a program ended.
  enum Ending: Hashable {
    case exited(Int32)
    case killed(signal: Int32)
  }

  /// What can be found wrong while waiting.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// A stream of the program that is not on the terminal.
  enum Stream: Int32, CaseIterable {
    case input, output, error
  }

  let sandbox: Sandbox
  let process: pid_t
  private(set) var screen: Screen
  /// Every byte that was written to the terminal.
  private(set) var bytes: [UInt8] = []
  private let terminal: Int32
  private var ending: Ending?

  /// Starts a shell command in the sandbox, with `backprop` on the path.
  ///
  /// Begin the command with `exec` where the process itself matters. Streams off the terminal read
  /// and write nothing.
  init(
    _ command: String, in sandbox: Sandbox, columns: Int = 80, streams: Set<Stream> = [.error],
    environment extra: [String: String?] = [:]
  ) throws {
    self.sandbox = sandbox
    screen = Screen(columns: columns)
    terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (isLocked, number): (Int32, Int32) = (0, 0)
    guard terminal >= 0, ioctl(terminal, LinuxConstant.setLock, &isLocked) == 0,
      ioctl(terminal, LinuxConstant.getNumber, &number) == 0
    else { throw Failure(description: "no pseudo-terminal: \(String(cString: strerror(errno)))") }
    Self.setColumns(columns, of: terminal)

    var environment: [String: String?] = ProcessInfo.processInfo.environment
    environment["PATH"] =
      "\(Sandbox.products.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
    let own = ["TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": nil]
    environment.merge(own) { $1 }
    environment.merge(extra) { $1 }
    let variables = environment.compactMap { name, value in value.map { "\(name)=\($0)" } }
    process = try Self.start(
      ["/bin/bash", "-c", "ulimit -t 60; cd '\(sandbox.folder.path)'; " + command], variables,
      terminal: "/dev/pts/\(number)", streams: streams)
  }

  deinit {
    if ending == nil {
      kill(-process, SIGKILL)
      waitpid(process, nil, 0)
    }
    close(terminal)
  }

  /// Reads what the program writes until the screen is as wanted.
  func wait(for wanted: String, until isReached: (Screen) -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: 120)
    while !isReached(screen) {
      guard Date() < deadline else { throw failure("waited too long for \(wanted)") }
      guard try read() else { throw failure("ended without \(wanted)") }
    }
  }

  /// Reads what the program writes, to its end, and tells how it ended.
  @discardableResult
  func end() throws -> Ending {
    let deadline = Date(timeIntervalSinceNow: 120)
    while true {
      if let ending { return ending }
      guard Date() < deadline else { throw failure("waited too long for the end") }
      let isOpen = try read()
      var status: Int32 = 0
      if waitpid(process, &status, WNOHANG) == process {
        while try read() {}
        let signal = status & 0x7F
        ending = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
      } else if !isOpen {
        usleep(10_000)
      }
    }
  }

  /// Waits until the program has begun to handle every signal that it was sent, and would not take the same one
  /// again for a repeat.
  func waitUntilHandled() throws {
    try wait(for: "signals to be handled") { _ in
      let lines = information("status", of: process)?.split(separator: "\n") ?? []
      let pending = lines.filter { $0.hasPrefix("SigPnd:") || $0.hasPrefix("ShdPnd:") }
      return pending.allSatisfy { Int($0.dropFirst(7).trimmingPrefix("\t"), radix: 16) == 0 }
    }
    usleep(110_000)
  }

  /// Types a character as a person would: `\u{3}` is Ctrl-C.
  ///
  /// The terminal sends its signal before it shows it as `^C`, which may so be the last on the screen.
  func type(_ character: Unicode.Scalar) {
    var byte = UInt8(truncatingIfNeeded: character.value)
    _ = write(terminal, &byte, 1)
  }

  /// Changes the width of the terminal, as a person does who drags the window's border.
  func resize(columns: Int) {
    Self.setColumns(columns, of: terminal)
    screen.resize(columns: columns)
  }

  /// The state of the program as `ps` shows it: `S` is asleep, `Z` has ended.
  var state: Character? { CommandLineTests.state(of: process) }

  /// The name of the program.
  var command: String? {
    information("comm", of: process)?.trimmingCharacters(in: .newlines)
  }

  /// What to show when a test fails.
  func failure(_ text: String) -> Failure {
    Failure(description: "\(text)\n\(screen)\nfiles: \((try? sandbox.files()) ?? [])")
  }

  /// Takes what has come, waiting a little for it; false once nothing more can come.
  private func read() throws -> Bool {
    var state = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
    guard poll(&state, 1, 20) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(terminal, &buffer, buffer.count)
    // The last to close the other side leaves EIO.
    guard count > 0 else { return false }
    bytes += buffer[..<count]
    screen.write(buffer[..<count])
    return true
  }

  private static func setColumns(_ columns: Int, of terminal: Int32) {
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  private static func start(
    _ arguments: [String], _ variables: [String], terminal: String, streams: Set<Stream>
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for stream in Stream.allCases {
      let path = streams.contains(stream) ? terminal : "/dev/null"
      posix_spawn_file_actions_addopen(&actions, stream.rawValue, path, O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The first terminal that the leader of a session opens becomes the session's own.
    posix_spawnattr_setflags(
      &attributes,
      LinuxConstant.newSession | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)

    var process = pid_t()
    let pointers = [arguments, variables].map { texts in texts.map { strdup($0) } + [nil] }
    defer { for pointer in pointers.joined() { free(pointer) } }
    let code = posix_spawn(
      &process, arguments[0], &actions, &attributes, pointers[0], pointers[1])
    guard code == 0 else { throw Failure(description: String(cString: strerror(code))) }
    return process
  }
}

/// The state of a process as `ps` shows it: `S` is asleep, `Z` has ended.
func state(of process: pid_t) -> Character? {
  // The name before it is in parentheses, and may hold some.
  information("stat", of: process)?.split(separator: ")").last?.dropFirst().first
}

/// What the system tells of a process.
private func information(_ name: String, of process: pid_t) -> String? {
  try? String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8)
}

/// Whether a pipe or a terminal takes more.
func hasRoom(_ descriptor: Int32) -> Bool {
  var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
  return poll(&state, 1, 0) == 1
}

/// What C spells by macros that Swift does not import, or hides from it.
private enum LinuxConstant {
  /// `TIOCSPTLCK`, which locks a new pseudo-terminal or unlocks it.
  static let setLock: UInt = 0x4004_5431
  /// `TIOCGPTN`, which asks for the number below `/dev/pts`.
  static let getNumber: UInt = 0x8004_5430
  /// `POSIX_SPAWN_SETSID`, which makes the new process the leader of a session.
  static let newSession: Int16 = 0x80
}
