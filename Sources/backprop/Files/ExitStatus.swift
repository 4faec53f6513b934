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
    case .done: ("done", "Everything was done and written.")
    case .notFitted:
      (
        "not fitted",
        """
        The parameters could not be found, or the data do not determine them. \
        The message says which ones and why, and the report contains what is known.
        """
      )
    case .diverged:
      (
        "diverged",
        "The loss or a parameter stopped being finite. The message names the epoch and the operation."
      )
    case .checkFailed:
      ("a check failed", "A gradient is wrong, or a model misses a limit such as --min-accuracy.")
    case .usage:
      (
        "usage error",
        "An option, its value or a formula is wrong, or an option names a column that does not exist."
      )
    case .badData:
      (
        "bad data",
        "A table, a model or another input is invalid. The message says where: file, line and field."
      )
    case .noInput: ("missing or unreadable input", "An input does not exist or cannot be read.")
    case .cannotCreate: ("cannot create output", "An output file cannot be created.")
    case .inputOutput:
      (
        "I/O error",
        "Reading or writing failed, for example because the disk is full, or memory ran out."
      )
    }
  }

  /// The signals that end the program, as a shell numbers them: 128 more than the system does.
  static let signals: [(code: Int32, brief: String, text: String)] = [
    (129, "SIGHUP", "Ended by SIGHUP. A training run first writes its results so far."),
    (130, "Ctrl-C", "Ended by Ctrl-C (SIGINT). A training run first writes its results so far."),
    (141, "a closed pipe", "The program that read the output has ended."),
    (143, "SIGTERM", "Ended by SIGTERM. A training run first writes its results so far."),
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
