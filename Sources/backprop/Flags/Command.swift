import Formula

/// A subcommand: its flags and arguments, its help, and what it does.
protocol Command {
  static var name: String { get }
  /// What it does, in one sentence.
  static var summary: String { get }
  /// What follows its name in the help's line of usage.
  static var usage: String { get }
  /// Examples, then all that the flags do not say.
  static var discussion: String { get }
  static var sections: [FlagSection<Self>] { get }
  /// What may stand on the line besides flags; nil if nothing may.
  static var arguments: Arguments<Self>? { get }

  /// The command without any flag.
  init()
  mutating func run() throws(Failure)
}

/// What a subcommand takes besides flags.
struct Arguments<Command> {
  let name: String
  let help: String
  /// Whether a word that begins with one dash and is no flag is one of them.
  var mayBeginWithDash = false
  /// Whether there must be one.
  var isRequired = false
  let add: (_ command: inout Command, _ text: String) throws -> Void
}

/// What the words after a subcommand ask for.
enum Request<Subcommand: Command> {
  case run(Subcommand)
  case help, version
}

extension Command {
  static var arguments: Arguments<Self>? { nil }

  /// Reads the words that follow the subcommand.
  ///
  /// `--flag value` and `--flag=value` are the same, and so are `-f value`, `-fvalue` and `-f=value`; a value may
  /// begin with a dash. After `--` every word is an argument. Of a flag given twice the last counts, unless
  /// it collects.
  static func parse(_ words: some Sequence<String>) throws(Failure) -> Request<Self> {
    var command = Self()
    var flags = FlagFinder<Self>()
    var words = words.makeIterator()
    var areFlagsOver = false
    var extra: [String] = []
    var argumentCount = 0
    while let word = words.next() {
      if !areFlagsOver, word == "--" {
        areFlagsOver = true
      } else if !areFlagsOver, word == "--help" || word == "-h" {
        return .help
      } else if !areFlagsOver, word == "--version" {
        return .version
      } else if !areFlagsOver, word.hasPrefix("-"), word != "-",
        let (flag, spelling, attached) = try flags.find(word)
      {
        if flag.value == nil, let attached {
          throw Failure(.usage, "\(spelling) is a switch and takes no value, not '\(attached)'")
        }
        guard let value = attached ?? (flag.value == nil ? "" : words.next()) else {
          throw Failure(.usage, "Missing value for '\(spelling) <\(flag.value ?? "")>'")
        }
        try flag.give(value, to: &command)
      } else if let arguments {
        argumentCount += 1
        do { try arguments.add(&command, word) } catch {
          throw Failure(error, of: word, for: "<\(arguments.name)>")
        }
      } else {
        extra.append("'\(word)'")
      }
    }
    if !extra.isEmpty {
      throw Failure(
        .usage,
        extra.count == 1
          ? "Unexpected argument \(extra[0])"
          : "\(extra.count) unexpected arguments: \(extra.joined(separator: ", "))")
    }
    if let arguments, arguments.isRequired, argumentCount == 0 {
      throw Failure(.usage, "Missing expected argument '<\(arguments.name)> ...'")
    }
    return .run(command)
  }

  /// Does what the words ask for.
  static func perform(_ words: some Sequence<String>) throws(Failure) {
    switch try parse(words) {
    case .run(var command): try command.run()
    case .help: try Writer.standardOutput.writeAll(help)
    case .version: try Writer.standardOutput.writeAll(Backprop.creator + "\n")
    }
  }
}

/// Looks up flags, section by section, so that those of rare sections are seldom made.
private struct FlagFinder<Subcommand: Command> {
  private var sections: [[Flag<Subcommand>]] = []

  /// The flag that a word names, how it was spelled, and the value that is attached to it; nil if the word is an
  /// argument.
  mutating func find(
    _ word: String
  ) throws(Failure) -> (flag: Flag<Subcommand>, spelling: String, attached: String?)? {
    if word.hasPrefix("--") {
      let equals = word.firstIndex(of: "=")
      let name = word[word.index(word.startIndex, offsetBy: 2)..<(equals ?? word.endIndex)]
      if let flag = first(where: { $0.name == name }) {
        return (flag, "--\(name)", equals.map { String(word[word.index(after: $0)...]) })
      }
      throw Failure(.usage, complaint(about: "--\(name)"))
    }
    let letter = word[word.index(after: word.startIndex)]
    if let flag = first(where: { $0.short == letter }) {
      let rest = word.dropFirst(2)
      let value = rest.hasPrefix("=") ? rest.dropFirst() : rest
      return (flag, "-\(letter)", rest.isEmpty ? nil : String(value))
    }
    if Subcommand.arguments?.mayBeginWithDash == true { return nil }
    throw Failure(.usage, complaint(about: word))
  }

  private mutating func first(
    where isMeant: (Flag<Subcommand>) -> Bool
  ) -> Flag<Subcommand>? {
    for (index, section) in Subcommand.sections.enumerated() {
      if index == sections.count { sections.append(section.flags) }
      if let flag = sections[index].first(where: isMeant) { return flag }
    }
    return nil
  }

  private func complaint(about word: String) -> String {
    if Subcommand.arguments?.mayBeginWithDash == true {
      return "Unknown option '\(word)'; before a formula that begins so, put '--'"
    }
    let names = sections.joined().map { "--\($0.name)" } + ["--help", "--version"]
    let guess = closest(to: word, in: names).map { ". Did you mean '\($0)'?" }
    return "Unknown option '\(word)'" + (guess ?? "")
  }
}

extension Flag {
  /// Gives the flag a value.
  fileprivate func give(_ text: String, to options: inout Options) throws(Failure) {
    do { try set(&options, text) } catch { throw Failure(error, of: text, for: usage) }
  }
}

extension Failure {
  /// A value that a flag or an argument does not take; `error` is a `BadValue`, or a failure of its own.
  init(_ error: any Error, of text: String, for usage: String) {
    switch error {
    case let failure as Failure: self = failure
    case let error as BadValue:
      self.init(.usage, "The value '\(text)' is invalid for '\(usage)': \(error.sentence)")
    default: self.init(.usage, "The value '\(text)' is invalid for '\(usage)': \(error)")
    }
  }
}
