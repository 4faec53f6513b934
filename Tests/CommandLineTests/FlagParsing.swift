import Flags
import Training

@testable import backprop

extension String {
  /// The words of a command line; a space at the end is followed by an empty one.
  var words: [String] {
    isEmpty ? [] : split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  }
}

extension CommandDeclaration {
  /// The command that some words make.
  static func parsed(_ words: [String]) throws -> Self {
    do throws(UsageError) {
      if case .run(let command) = try parse(words.map { Word($0) }) { return command }
    } catch {
      throw Failure(error)
    }
    throw Failure(.usage, "the words ask for help")
  }
}

extension Train {
  /// The settings that a line of flags makes.
  static func settings(_ line: String) throws -> Settings {
    let train = try parsed(line.words)
    return try train.training.settings(optimizer: train.optimizer, schedule: train.schedule)
  }
}

extension SettingKind {
  /// A text that gives a value other than any default, and the value.
  var example: (text: String, value: SettingValue) {
    func number(_ bound: NumberBound) -> Double { bound.allows(0.625) ? 0.625 : 1.625 }
    switch self {
    case .number(let bound): return ("\(number(bound))", .number(number(bound)))
    case .pair(let first, let second):
      let pair = Pair(number(first), number(second))
      return ("\(pair.first),\(pair.second)", .pair(pair))
    case .count(let least, _): return ("\(least + 500)", .count(least + 500))
    case .epochs: return ("3,7,7", .epochs([3, 7, 7]))
    case .flag: return ("", .flag(true))
    case .choice(let words): return (words[words.count - 1], .choice(words[words.count - 1]))
    }
  }
}

extension SettingDeclaration {
  var flag: String { "--" + name.replacing("_", with: "-") }
  /// The flag with the example of its kind.
  var exampleFlag: String { kind == .flag ? flag : "\(flag) \(kind.example.text)" }
}

/// What is said when something is refused, on one line; nil if it is not.
func complaint(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let error as BadValue {
    return error.sentence
  } catch Failure.message(let text, _) {
    return text
  } catch {
    return "\(error)"
  }
}
