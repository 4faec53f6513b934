import Flags

/// What becomes of a text in a column that the model's table did not have.
enum Unseen: String, CaseIterable {
  case error, zero

  /// The flag that says it.
  static func flag<Command>(_ set: @escaping (inout Command, Unseen) -> Void) -> Flag<Command> {
    Flag(
      "unseen", "error|zero",
      """
      Where a column of texts holds one that the model was not trained on: error, or zero, which takes it for none \
      of those that it knows. [error]
      """
    ) { set(&$0, try choice($1)) }
  }
}
