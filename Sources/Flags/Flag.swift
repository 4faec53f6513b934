/// A flag of a command: how it is written, what the help says of it, and what it sets.
///
/// A group of options lists its flags once, beside the properties that they set; parsing, the help and the
/// completions of shells all read that list. It is our own, since with a hundred flags swift-argument-parser takes
/// 45 of the 52 million instructions of a small run, 31 of them even where the subcommand is parsed as the root;
/// and since the flags of optimizers and schedules come from lists, which its property wrappers cannot.
package struct Flag<Options> {
  /// The name without dashes.
  package let name: String
  /// Another name, of one letter.
  package let short: Character?
  /// What the value is called in the help; nil for a switch, which has none.
  package let value: String?
  /// Whether the value, one of the ``choices``, may be left out.
  package let isValueOptional: Bool
  /// One or more sentences, then the default in square brackets; made when somebody reads it.
  package var help: String { helpText() }
  private let helpText: () -> String
  /// The words that the value can be, where `value` does not list them.
  package let choices: [String]
  private let setter: Setter

  /// Takes the value, or throws a `BadValue`.
  private enum Setter {
    /// A switch's text is empty.
    case text((_ options: inout Options, _ text: String) throws -> Void)
    case word((_ options: inout Options, _ word: Word) throws -> Void)
  }

  /// A flag that is followed by a value.
  package init(
    _ name: String, short: Character? = nil, _ value: String,
    _ help: @autoclosure @escaping () -> String,
    choices: [String] = [],
    set: @escaping (_ options: inout Options, _ text: String) throws -> Void
  ) {
    self.init(
      name: name, short: short, value: value, isValueOptional: false, help: help, choices: choices,
      setter: .text(set))
  }

  /// A flag whose value can be the name of a file, and so need not be text.
  package init(
    _ name: String, short: Character? = nil, file value: String,
    _ help: @autoclosure @escaping () -> String,
    set: @escaping (_ options: inout Options, _ word: Word) throws -> Void
  ) {
    self.init(
      name: name, short: short, value: value, isValueOptional: false, help: help, choices: [],
      setter: .word(set))
  }

  /// A switch that may be followed by one of some words; the text is empty without.
  package init(
    _ name: String, optional choices: [String], _ help: @autoclosure @escaping () -> String,
    set: @escaping (_ options: inout Options, _ text: String) throws -> Void
  ) {
    self.init(
      name: name, short: nil, value: choices.joined(separator: "|"), isValueOptional: true,
      help: help, choices: choices, setter: .text(set))
  }

  /// A switch.
  package init(
    _ name: String, _ help: @autoclosure @escaping () -> String,
    set: @escaping (_ options: inout Options) -> Void
  ) {
    self.init(
      name: name, short: nil, value: nil, isValueOptional: false, help: help, choices: [],
      setter: .text { options, _ in set(&options) })
  }

  /// The flag and what follows it, as in `--lr <number>`.
  package var usage: String { usage(as: "--\(name)") }

  func usage(as spelling: String) -> String {
    guard let value else { return spelling }
    return isValueOptional ? "\(spelling) [\(value)]" : "\(spelling) <\(value)>"
  }

  /// What the value can be: words that stand for themselves, and names of what is meant.
  var alternatives: [(text: String, isName: Bool)] {
    let words = value?.split(separator: "|").map(String.init) ?? []
    return words.map { ($0, words.count == 1 && !isValueOptional || Self.names.contains($0)) }
  }

  /// What is no word to be typed where the name of a value lists several.
  private static var names: Set<String> { ["count", "part", "file", "column", "formula"] }

  /// Whether it says something without a value.
  package var mayStandAlone: Bool { value == nil || isValueOptional }

  /// Whether the word that follows is the flag's value; `mayBeArgument` says whether the command takes others.
  func takes(next word: Word, mayBeArgument: Bool) -> Bool {
    guard isValueOptional else { return value != nil }
    return choices.contains(word.text) || !mayBeArgument && !word.text.hasPrefix("-")
  }

  /// The flag of a group, as one of the command whose property the group is.
  package func lifted<Command>(_ group: WritableKeyPath<Command, Options>) -> Flag<Command> {
    lifted { try set(&$0[keyPath: group], $1) }
  }

  fileprivate func lifted<Command>(
    _ set: @escaping (_ command: inout Command, _ word: Word) throws -> Void
  ) -> Flag<Command> {
    Flag<Command>(
      name: name, short: short, value: value, isValueOptional: isValueOptional, help: helpText,
      choices: choices, setter: .word(set))
  }

  /// Gives the options the value; throws a `BadValue` if it is none.
  func set(_ options: inout Options, _ value: Word) throws {
    switch setter {
    case .text(let set): try set(&options, value.text)
    case .word(let set): try set(&options, value)
    }
  }

  private init(
    name: String, short: Character?, value: String?, isValueOptional: Bool,
    help: @escaping () -> String, choices: [String], setter: Setter
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.isValueOptional = isValueOptional
    helpText = help
    self.choices = choices
    self.setter = setter
  }
}

extension Flag where Options: NotesFlags {
  /// The flag of a group, as one of the command whose property the group is; the group notes the values that it takes.
  fileprivate func notingLifted<Command>(
    _ group: WritableKeyPath<Command, Options>
  ) -> Flag<Command> {
    lifted {
      try set(&$0[keyPath: group], $1)
      let isBare = value == nil || isValueOptional && $1.bytes.isEmpty
      $0[keyPath: group].given.append(GivenFlag(name: name, value: isBare ? nil : $1.text))
    }
  }
}

/// A group of options that keeps which of its flags were given.
package protocol NotesFlags {
  /// The flags in the order in which they were given, each with what followed it.
  var given: [GivenFlag] { get set }
}

/// A flag as it stood on the command line.
package struct GivenFlag: Hashable {
  package let name: String
  /// What followed it; nil for a switch.
  package let value: String?

  init(name: String, value: String?) {
    self.name = name
    self.value = value
  }

  /// Reads a flag and its value, as in `--lr=0.01`; nil for what no word of a command line is.
  package init?(_ text: String) {
    guard text.hasPrefix("--"), !text.utf8.contains(0) else { return nil }
    let parts = text.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : nil)
  }

  /// The flag and its value in one word.
  package var word: Word { Word("--\(name)" + (value.map { "=\($0)" } ?? "")) }
}

/// Flags that stand together in the help.
package struct FlagSection<Command> {
  package let title: String
  private let list: () -> [Flag<Command>]

  /// The flags of a group of options; they are not made before somebody asks.
  package init<Options>(
    _ title: String, _ group: WritableKeyPath<Command, Options>,
    _ flags: @autoclosure @escaping () -> [Flag<Options>]
  ) {
    self.title = title
    list = { flags().map { $0.lifted(group) } }
  }

  /// The flags of a group of options that notes which of them are given.
  package init<Options: NotesFlags>(
    _ title: String, _ group: WritableKeyPath<Command, Options>,
    _ flags: @autoclosure @escaping () -> [Flag<Options>]
  ) {
    self.title = title
    list = { flags().map { $0.notingLifted(group) } }
  }

  /// The flags of the command itself.
  package init(_ title: String, _ flags: @autoclosure @escaping () -> [Flag<Command>]) {
    self.title = title
    list = flags
  }

  package var flags: [Flag<Command>] { list() }
}

/// What is wrong with the value of a flag, as a sentence that says what to give.
package struct BadValue: Error {
  package let sentence: String

  package init(_ sentence: String) { self.sentence = sentence }
}
