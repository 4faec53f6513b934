/// What a command takes: flags and arguments; and what its help says.
package protocol CommandDeclaration {
  static var name: String { get }
  /// What it does, in one sentence.
  static var summary: String { get }
  /// What follows its name in the help's line of usage.
  static var usage: String { get }
  /// Examples, then all that the flags do not say.
  static var discussion: String { get }
  static var sections: [FlagSection<Self>] { get }
  /// A flag that is in no section, as it belongs to another command, by its name.
  static func otherFlag(named name: String) -> Flag<Self>?
  /// The names of such flags.
  static var otherFlagNames: [String] { get }
  /// What may stand on the line besides flags; nil if nothing may.
  static var arguments: Arguments<Self>? { get }
  /// The names of commands of which one, with its own flags, follows `--`; none for most.
  static var commandsAfterDashes: [String] { get }

  /// The command without any flag.
  init()
}

/// What a command takes besides flags.
package struct Arguments<Command> {
  let name: String
  let help: String
  /// Whether a word that begins with one dash, and with no flag's letter after it, is one of them.
  let mayBe: (_ word: String) -> Bool
  /// Whether there must be one.
  let isRequired: Bool
  let add: (_ command: inout Command, _ word: Word) throws -> Void

  /// Arguments that are added to a command one by one.
  package init(
    name: String, help: String, isRequired: Bool = false,
    mayBe: @escaping (_ wordWithDash: String) -> Bool = { _ in false },
    add: @escaping (_ command: inout Command, _ word: Word) throws -> Void
  ) {
    self.name = name
    self.help = help
    self.mayBe = mayBe
    self.isRequired = isRequired
    self.add = add
  }
}

/// What the words after a command ask for.
package enum Request<Command> {
  case run(Command)
  case help, version
}

/// Why a command cannot be made of some words.
package enum UsageError: Error {
  /// No flag is spelled so; `known` are those that there are, and `argument` is what else a word may be.
  case unknownFlag(String, known: [String], argument: String?)
  case missingValue(of: String)
  case valueOfSwitch(String, value: String)
  /// A value that the flag or argument does not take; the sentence says what it takes.
  case invalidValue(String, of: String, sentence: String)
  case unexpectedArguments([String])
  case missingArgument(String)
}

extension CommandDeclaration {
  package static var arguments: Arguments<Self>? { nil }
  package static func otherFlag(named name: String) -> Flag<Self>? { nil }
  package static var otherFlagNames: [String] { [] }
  package static var commandsAfterDashes: [String] { [] }

  /// Reads the words that follow the command.
  ///
  /// `--flag value` and `--flag=value` are the same, and so are `-f value`, `-fvalue` and `-f=value`; a value may
  /// begin with a dash. After `--` every word is an argument. Of a flag given twice the last counts, unless
  /// it collects.
  package static func parse(_ words: some Sequence<Word>) throws(UsageError) -> Request<Self> {
    var command = Self()
    var flags = FlagFinder<Self>()
    var words = Array(words)[...]
    var areFlagsOver = false
    var argumentCount = 0
    var unexpected: [String] = []
    while let next = words.popFirst() {
      let word = next.text
      if !areFlagsOver, word == "--" {
        areFlagsOver = true
      } else if !areFlagsOver, word == "--help" || word == "-h" {
        return .help
      } else if !areFlagsOver, word == "--version" {
        return .version
      } else if !areFlagsOver, word.hasPrefix("-"), word != "-",
        let (flag, spelling, attached) = try flags.find(next)
      {
        if flag.value == nil, let attached { throw .valueOfSwitch(spelling, value: attached.text) }
        var given = attached
        if given == nil, let next = words.first,
          flag.takes(next: next, mayBeArgument: arguments != nil)
        {
          given = words.removeFirst()
        }
        guard let value = given ?? (flag.mayStandAlone ? Word("") : nil),
          !flag.isValueOptional || given?.bytes.isEmpty != true
        else { throw .missingValue(of: flag.usage(as: spelling)) }
        do { try flag.set(&command, value) } catch {
          throw UsageError(error, of: value.text, for: flag.usage)
        }
      } else if let arguments {
        argumentCount += 1
        do { try arguments.add(&command, next) } catch {
          throw UsageError(error, of: word, for: "<\(arguments.name)>")
        }
      } else {
        unexpected.append(word)
      }
    }
    if !unexpected.isEmpty { throw .unexpectedArguments(unexpected) }
    if let arguments, arguments.isRequired, argumentCount == 0 {
      throw .missingArgument(arguments.name)
    }
    return .run(command)
  }
}

extension UsageError {
  /// A value that a flag has refused, with a `BadValue` unless the flag is at fault.
  fileprivate init(_ error: any Error, of value: String, for usage: String) {
    let sentence = (error as? BadValue)?.sentence ?? "\(error)"
    self = .invalidValue(value, of: usage, sentence: sentence)
  }
}

/// Looks up flags, section by section, so that those of rare sections are seldom made.
private struct FlagFinder<Command: CommandDeclaration> {
  private let sections = Command.sections
  /// The flags of the first sections, as far as they were looked through.
  private var made: [[Flag<Command>]] = []

  /// The flag that a word names, how it was spelled, and the value that is attached to it; nil if the word is an
  /// argument.
  mutating func find(
    _ whole: Word
  ) throws(UsageError) -> (flag: Flag<Command>, spelling: String, attached: Word?)? {
    let word = whole.text
    if word.hasPrefix("--") {
      let equals = word.utf8.firstIndex(of: UInt8(ascii: "="))
      let name = word[word.index(word.startIndex, offsetBy: 2)..<(equals ?? word.endIndex)]
      if let flag = first(where: { $0.name == name }) ?? Command.otherFlag(named: String(name)) {
        let attached = equals.map { _ in whole.dropFirst(name.utf8.count + 3) }
        return (flag, "--\(name)", attached)
      }
      if let equals, ["help", "version"].contains(name) {
        throw .valueOfSwitch("--\(name)", value: String(word[word.index(after: equals)...]))
      }
      throw unknown("--\(name)")
    }
    let letter = Character(Unicode.Scalar(whole.bytes[1]))
    if let flag = first(where: { $0.short == letter }) {
      let rest = whole.dropFirst(2)
      let value = rest.bytes.first == UInt8(ascii: "=") ? rest.dropFirst(1) : rest
      return (flag, "-\(letter)", rest.bytes.isEmpty ? nil : value)
    }
    if Command.arguments?.mayBe(word) == true { return nil }
    throw unknown(word)
  }

  private mutating func first(
    where isMeant: (Flag<Command>) -> Bool
  ) -> Flag<Command>? {
    for (index, section) in sections.enumerated() {
      if index == made.count { made.append(section.flags) }
      if let flag = made[index].first(where: isMeant) { return flag }
    }
    return nil
  }

  private func unknown(_ word: String) -> UsageError {
    let known =
      (made.joined().map(\.name) + Command.otherFlagNames).map { "--\($0)" } + [
        "--help", "--version",
      ]
    return .unknownFlag(word, known: known, argument: Command.arguments?.name)
  }
}
