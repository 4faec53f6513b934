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

  /// Starts to listen.
  static func listen() {
    received.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      Interruption.received.store(number, ordering: .relaxed)
    }
    action.sa_flags = Int32(SA_RESTART) | Int32(bitPattern: UInt32(SA_RESETHAND))
    for number in [SIGINT, SIGTERM] { sigaction(number, &action, nil) }
  }
}
