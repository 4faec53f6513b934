import Glibc
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the run to end after its step, a second ends the process.
enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// The signal that has come, if one has.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Starts to listen, except to a signal that whoever started the program had it ignore.
  static func listen() {
    received.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      Interruption.received.store(number, ordering: .relaxed)
    }
    action.sa_flags = Int32(SA_RESTART) | Int32(bitPattern: UInt32(SA_RESETHAND))
    for number in [SIGINT, SIGTERM] {
      var inherited = sigaction()
      sigaction(number, nil, &inherited)
      // SIG_IGN, whose definition as a cast Swift does not import, is the handler at address 1.
      let handler = unsafeBitCast(inherited.__sigaction_handler.sa_handler, to: Int.self)
      if handler != 1 { sigaction(number, &action, nil) }
    }
    // A parent's threads may have blocked them.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    sigprocmask(SIG_UNBLOCK, &signals, nil)
  }
}
