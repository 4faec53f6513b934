import Flags

/// What becomes of a text in a column that the model's table did not have.
enum Unseen: String, CaseIterable {
  case error, zero

  /// The flag that says it.
  static func flag<Command>(_ set: @escaping (inout Command, Unseen) -> Void) -> Flag<Command> {
    Flag(
      "unseen", "error|zero",
      """
      What to do about a text that its column did not have in training: report an error, or encode it as \
      all zeros. [error]
      """
    ) { set(&$0, try choice($1)) }
  }
}
