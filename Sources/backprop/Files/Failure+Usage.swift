import Flags
import Formula
import Tables

extension Failure {
  /// Words of which no command can be made.
  init(_ error: UsageError) {
    self.init(.usage, error.sentence)
  }

  /// A value that a flag does not take.
  init(_ error: BadValue, of value: String, for usage: String) {
    self.init(.invalidValue(value, of: usage, sentence: error.sentence))
  }
}

extension UsageError {
  fileprivate var sentence: String { rawSentence.onOneLine }

  private var rawSentence: String {
    switch self {
    case .unknownFlag(let word, let known, let argument):
      "Unknown option \(excerpt(word, limit: 100))"
        + (closest(to: word, in: known).map { ". Did you mean '\($0)'?" }
          ?? argument.map { "; put '--' before a \($0) that begins with '-'" } ?? "")
    case .missingValue(let usage): "Missing value for '\(usage)'"
    case .valueOfSwitch(let flag, let value):
      "\(flag) takes no value, but was given \(excerpt(value, limit: 100))"
    case .invalidValue(let value, let usage, let sentence):
      "The value \(excerpt(value, limit: 100)) is invalid for '\(usage)': \(sentence)"
    case .unexpectedArguments(let words):
      (words.count == 1 ? "Unexpected argument " : "\(words.count) unexpected arguments: ")
        + words.map { excerpt($0, limit: 100) }.joined(separator: ", ")
    case .missingArgument(let name): "Missing expected argument '<\(name)> ...'"
    }
  }
}
