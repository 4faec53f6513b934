internal import CThreads

/// The stack of the thread that runs, which recursion may exhaust where it is small.
enum Stack {
  /// How much is left to whatever a level of recursion calls.
  private static let reserve: UInt = 65_536

  /// The lowest address that it may reach; 0 if the system does not say.
  static var end: UInt { UInt(bitPattern: bp_stack_end()) }

  /// Whether there is room for another level of recursion above an end.
  static func isRoomy(above end: UInt) -> Bool {
    // Not the address of a variable, which sanitizers put elsewhere.
    UInt(bitPattern: bp_stack_pointer()) > end + reserve
  }
}
