import Glibc
import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP: they end the process at once, but while a run listens the first only asks it to
/// end after its step.
///
/// A repeat within a tenth of a second is the same request: `timeout` sends its signal to the program and once
/// more to the program's group. A hand that presses Ctrl-C twice takes longer.
enum Interruption {
  private static let isAwaited = Atomic(false)
  private static let received = Atomic<Int32>(0)
  /// When it was received, in nanoseconds.
  private static let receptionTime = Atomic<UInt64>(0)
  private static let repeatInterval: UInt64 = 100_000_000

  /// The signal that has asked the run to end, if one has.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Takes a signal for received that has reached another process of the same job.
  static func receive(_ number: Int32) { received.store(number, ordering: .relaxed) }

  /// From here on the first signal asks, as a run looks at `signal`.
  static func listen() { isAwaited.store(true, ordering: .relaxed) }

  /// From here on any signal ends the process.
  static func stopListening() { isAwaited.store(false, ordering: .relaxed) }

  /// Handles the signals, except one that whoever started the program had it ignore.
  ///
  /// They interrupt what the process waits for: the opening of a pipe, reading, writing.
  static func handleSignals() {
    // What the handler reads is made here, and not by the first use, which may be its own.
    received.store(0, ordering: .relaxed)
    receptionTime.store(0, ordering: .relaxed)
    isAwaited.store(false, ordering: .relaxed)
    TemporaryFiles.prepare()
    StatusLine.erase()
    let numbers = [SIGINT, SIGTERM, SIGHUP]
    var handled = sigset_t()
    sigemptyset(&handled)
    for number in numbers + [SIGALRM] { sigaddset(&handled, number) }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in Interruption.handle(number) }
    // One after the other, so that the second that comes is the second that is handled.
    action.sa_mask = handled
    for number in numbers {
      var inherited = sigaction()
      sigaction(number, nil, &inherited)
      // SIG_IGN, whose definition as a cast Swift does not import, is the handler at address 1.
      let handler = unsafeBitCast(inherited.__sigaction_handler.sa_handler, to: Int.self)
      if handler != 1 { sigaction(number, &action, nil) }
    }
    // A parent's threads may have blocked them.
    sigprocmask(SIG_UNBLOCK, &handled, nil)
  }

  /// Ends the process as a signal does that nobody handles, so that a shell sees it and ends its loop too.
  static func end(by number: Int32) -> Never {
    Glibc.signal(number, SIG_DFL)
    raise(number)
    // It is blocked.
    exit(128 + number)
  }

  /// Runs as the signal's handler, where neither memory nor locks are to be had.
  private static func handle(_ number: Int32) {
    var clock = timespec()
    clock_gettime(CLOCK_MONOTONIC, &clock)
    let now = UInt64(clock.tv_sec) * 1_000_000_000 + UInt64(clock.tv_nsec)
    if isAwaited.load(ordering: .relaxed) {
      // The time first: another thread may handle the repeat.
      _ = receptionTime.compareExchange(
        expected: 0, desired: now, ordering: .sequentiallyConsistent)
      let isFirst = received.compareExchange(
        expected: 0, desired: number, ordering: .sequentiallyConsistent
      ).exchanged
      if isFirst { return interruptEverySecond() }
    }
    if received.load(ordering: .sequentiallyConsistent) == number,
      now < receptionTime.load(ordering: .sequentiallyConsistent) + repeatInterval
    {
      return
    }
    TemporaryFiles.removeAll()
    StatusLine.erase()
    // It is blocked here; once the handler returns, it ends the process.
    Glibc.signal(number, SIG_DFL)
    raise(number)
  }

  /// Has the process interrupted each second, as a call that waits may begin just after a signal.
  private static func interruptEverySecond() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in alarm(1) }
    sigaction(SIGALRM, &action, nil)
    alarm(1)
  }
}

/// How long an output may take nothing once a signal has asked the run to end: some three seconds.
///
/// Before that, an output may take its time.
struct Patience {
  private var interruptions = 0

  /// Notes that a call was interrupted while the output of that name took nothing; throws when that is enough.
  mutating func use(on name: String) throws(Failure) {
    guard let signal = Interruption.signal else { return }
    interruptions += 1
    if interruptions > 3 { throw .interrupted(signal: signal, losing: name) }
  }
}
