import Glibc
import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP: the first asks a run to end after its step, any other ends the process at once.
enum Interruption {
  private static let isAwaited = Atomic(false)
  private static let received = Atomic<Int32>(0)

  /// The signal that has asked the run to end, if one has.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// From here on the first signal asks, as a run looks at `signal`.
  static func listen() { isAwaited.store(true, ordering: .relaxed) }

  /// Handles the signals, except one that whoever started the program had it ignore.
  static func handleSignals() {
    // What the handler reads is made here, and not by the first use, which may be its own.
    received.store(0, ordering: .relaxed)
    isAwaited.store(false, ordering: .relaxed)
    TemporaryFiles.prepare()
    StatusLine.erase()
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in Interruption.handle(number) }
    action.sa_flags = Int32(SA_RESTART)
    var handled = sigset_t()
    sigemptyset(&handled)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      sigaddset(&handled, number)
      var inherited = sigaction()
      sigaction(number, nil, &inherited)
      // SIG_IGN, whose definition as a cast Swift does not import, is the handler at address 1.
      let handler = unsafeBitCast(inherited.__sigaction_handler.sa_handler, to: Int.self)
      if handler != 1 { sigaction(number, &action, nil) }
    }
    // A parent's threads may have blocked them.
    sigprocmask(SIG_UNBLOCK, &handled, nil)
  }

  /// Runs as the signal's handler, where neither memory nor locks are to be had.
  private static func handle(_ number: Int32) {
    if isAwaited.load(ordering: .relaxed),
      received.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged
    {
      return
    }
    TemporaryFiles.removeAll()
    StatusLine.erase()
    // It is blocked here; once the handler returns, it ends the process.
    Glibc.signal(number, SIG_DFL)
    raise(number)
  }
}
