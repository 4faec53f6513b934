import Flags
import Formula
import Training

/// The rules of one kind, of which a run has one.
enum RuleFamily: String {
  case optimizer, schedule

  /// The rules that can be chosen.
  var rules: [any Rule] {
    switch self {
    case .optimizer: optimizerRules
    case .schedule: scheduleRules
    }
  }
}

/// Settings of optimizers or schedules as they were given, until it is known which rule must have them.
struct RuleSettings {
  private let family: RuleFamily
  private var given: [(name: String, text: String)] = []

  init(of family: RuleFamily) { self.family = family }

  /// Whether a setting was given.
  func contains(_ name: String) -> Bool { given.contains { $0.name == name } }

  /// The values that were given, each of which the rule has.
  func values(for rule: any Rule) throws(Failure) -> [(name: String, value: SettingValue)] {
    let declarations = rule.declarations.map(\.setting)
    let values = try given.map { name, text throws(Failure) in
      guard let setting = declarations.first(where: { $0.name == name }) else {
        throw Failure(
          .usage,
          "\(Self.flag(name)) is not an option of \(rule.name); it belongs to \(owners(of: name))")
      }
      do throws(BadValue) { return (name, try Self.value(of: text, as: setting.kind)) } catch {
        throw Failure(error, of: text, for: Self.flag(name) + " <\(setting.kind.valueName ?? "")>")
      }
    }
    if let missing = declarations.first(where: { $0.isRequired && !contains($0.name) }) {
      throw Failure(.usage, "--\(family.rawValue) \(rule.name) needs \(Self.flag(missing.name))")
    }
    return values
  }

  /// Complains of a setting that was given though no rule was chosen.
  func requireNone() throws(Failure) {
    guard let name = given.first?.name else { return }
    throw Failure(
      .usage,
      "\(Self.flag(name)) has no effect without --\(family.rawValue): give one of "
        + owners(of: name))
  }

  /// The index of the rule that a text names, in any case.
  func index(named text: String) throws(BadValue) -> Int {
    let rules = family.rules
    let text = text.lowercased()
    if let index = rules.firstIndex(where: { $0.name == text }) { return index }
    let meant =
      rules.first { $0.pytorchName.lowercased() == text }?.name
      ?? closest(to: text, in: rules.map(\.name))
    throw BadValue(
      meant.map { "did you mean '\($0)'?" }
        ?? "choose one of \(rules.map(\.name).joined(separator: ", "))")
  }

  /// The value that a text gives.
  private static func value(of text: String, as kind: SettingKind) throws(BadValue) -> SettingValue
  {
    switch kind {
    case .number(let bound): return .number(try number(text, bound))
    case .count(let least, _): return .count(try wholeNumber(text, from: least))
    case .flag: return .flag(true)
    case .choice(let words):
      guard words.contains(text) else {
        throw BadValue("choose one of \(words.joined(separator: ", "))")
      }
      return .choice(text)
    case .pair(let first, let second):
      let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
      if numbers.count == 2, let a = try? number(numbers[0], first),
        let b = try? number(numbers[1], second)
      {
        return .pair(Pair(a, b))
      }
      throw BadValue(
        first == second
          ? "give two numbers separated by a comma, each \(first.rawValue)"
          : "give two numbers separated by a comma, the first \(first.rawValue), "
            + "the second \(second.rawValue)")
    case .epochs:
      let epochs = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { try? wholeNumber($0) }
      guard !epochs.contains(nil) else {
        throw BadValue("give epochs, whole numbers of 1 or more, as in 30,80")
      }
      return .epochs(epochs.compactMap(\.self))
    }
  }

  /// The flag of a setting.
  static func flag(_ name: String) -> String { "--" + flagName(name) }

  private static func flagName(_ name: String) -> String {
    String(name.map { $0 == "_" ? "-" : $0 })
  }

  private func owners(of name: String) -> String {
    family.rules.filter { $0.declarations.contains { $0.setting.name == name } }.map(\.name)
      .joined(separator: ", ")
  }
}

extension Failure {
  /// Settings that contradict each other, or the run.
  init(_ fault: SettingFault) { self.init(.usage, fault.sentence(RuleSettings.flag)) }
}

extension RuleSettings {
  /// One flag for each setting of a family's rules, whichever have it.
  static func flags<Options>(
    of family: RuleFamily, storedIn property: WritableKeyPath<Options, RuleSettings>
  ) -> [Flag<Options>] {
    var settings: [(name: String, owners: [Owner])] = []
    for rule in family.rules {
      for (setting, value) in rule.declarations {
        let owner = Owner(rule: rule.name, setting: setting, value: value)
        if let index = settings.firstIndex(where: { $0.name == setting.name }) {
          settings[index].owners.append(owner)
        } else {
          settings.append((setting.name, [owner]))
        }
      }
    }
    return settings.map { name, owners in
      guard let value = owners[0].setting.kind.valueName else {
        return Flag(flagName(name), help(owners)) { $0[keyPath: property].given.append((name, "")) }
      }
      return Flag(flagName(name), value, help(owners)) {
        $0[keyPath: property].given.append((name, $1))
      }
    }
  }

  /// A rule that has a setting, and its value there.
  private struct Owner {
    let rule: String
    let setting: SettingDeclaration
    let value: SettingValue?

    /// The default for the help; nil if there is none.
    var defaultText: String? {
      setting.isRequired ? nil : setting.defaultWords ?? value?.defaultText
    }
  }

  /// Which rules have a setting, what it does there, and its defaults.
  private static func help(_ owners: [Owner]) -> String {
    func names(_ owners: [Owner]) -> String { owners.map(\.rule).joined(separator: ", ") }
    return owners.grouped(by: \.setting.summary).map { owners in
      let defaults = owners.filter { $0.defaultText != nil }.grouped(by: \.defaultText)
      let isOptional = owners.allSatisfy { !$0.setting.isRequired }
      // The first of the most frequent ones stands for all rules that are not named.
      let most = defaults.map(\.count).max()
      let usual = isOptional ? defaults.first { $0.count == most }?[0].defaultText : nil
      let words = defaults.map { owners in
        let text = owners[0].defaultText ?? ""
        return text == usual ? text : "\(names(owners)): \(text)"
      }
      return "\(names(owners)): \(owners[0].setting.summary)."
        + (words.isEmpty ? "" : " [\(words.joined(separator: "; "))]")
    }.joined(separator: " ")
  }
}

extension Array {
  /// The elements in groups of one key, in the order in which the keys appear.
  fileprivate func grouped<Key: Equatable>(by key: (Element) -> Key) -> [[Element]] {
    var groups: [[Element]] = []
    for element in self {
      if let index = groups.firstIndex(where: { key($0[0]) == key(element) }) {
        groups[index].append(element)
      } else {
        groups.append([element])
      }
    }
    return groups
  }
}

extension SettingKind {
  /// What the help calls a value; nil for a switch.
  fileprivate var valueName: String? {
    switch self {
    case .number: "number"
    case .pair: "numbers"
    case .count(_, let unit): unit
    case .epochs: "epochs"
    case .flag: nil
    case .choice(let words): words.joined(separator: "|")
    }
  }
}

extension SettingValue {
  /// How the help writes a default; nil for a switch, which is off.
  fileprivate var defaultText: String? {
    switch self {
    case .number(let number): brief(number, digits: 6)
    case .pair(let pair): "\(brief(pair.first)),\(brief(pair.second))"
    case .count(let count): "\(count)"
    case .epochs, .flag: nil
    case .choice(let word): word
    }
  }
}
