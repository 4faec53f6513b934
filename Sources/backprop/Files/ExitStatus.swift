/// The exit codes that are not signals': the program's own, then those of sysexits.h.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case notFitted = 3
  case diverged = 4
  case checkFailed = 5
  case usage = 64
  case badData = 65
  case noInput = 66
  case cannotCreate = 73
  case inputOutput = 74

  /// What it says, in a word or two for the help and in sentences for the manual.
  var meaning: (brief: String, text: String) {
    switch self {
    case .done: ("done", "Everything has been done and written.")
    case .notFitted:
      (
        "not fitted",
        """
        The parameters could not be found, or cannot be told apart by the data. \
        The message says which and why, and the report has what there is.
        """
      )
    case .diverged:
      (
        "diverged",
        "The loss or a parameter stopped being finite. The message names the epoch and the operation."
      )
    case .checkFailed:
      ("a check failed", "A gradient differs, or a model is not as good as it must be.")
    case .usage:
      (
        "usage",
        "A flag, its value or a formula is wrong, or a flag names a column that is not there."
      )
    case .badData:
      (
        "bad data",
        "A table, a model or another input has a fault. The message says where: file, line, field."
      )
    case .noInput: ("no such or unreadable input", "An input is not there or cannot be read.")
    case .cannotCreate: ("cannot create", "An output cannot be created.")
    case .inputOutput:
      ("I/O error", "Reading or writing failed, as on a full disk, or memory is out.")
    }
  }

  /// The signals that end the program, as a shell numbers them: 128 more than the system does.
  static let signals: [(code: Int32, brief: String, text: String)] = [
    (129, "SIGHUP", "Ended by SIGHUP. A run has written what has been trained."),
    (130, "Ctrl-C", "Ended by Ctrl-C, SIGINT. A run has written what has been trained."),
    (141, "a closed pipe", "Whoever read the output has gone."),
    (143, "SIGTERM", "Ended by SIGTERM. A run has written what has been trained."),
  ]

  /// All of them in a sentence, for the help.
  static var summary: String {
    let codes = allCases.map { "\($0.rawValue) \($0.meaning.brief)" }.joined(separator: ", ")
    let numbers = signals.map { "\($0.code)" }
    let ends = signals.map(\.brief).joined(separator: ", ")
    return
      "\(codes); \(numbers.dropLast().joined(separator: ", ")) and \(numbers[numbers.count - 1]): "
      + "ended by \(ends)."
  }
}
