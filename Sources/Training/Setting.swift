public import Models

/// The name of a hyperparameter, the values that it may have, and what it does.
public struct SettingDeclaration: Hashable, Sendable {
  /// PyTorch's name, as in `weight_decay`.
  public let name: String
  /// What it may be.
  public let kind: SettingKind
  /// What it does, in a few words.
  public let summary: String
  /// Whether there is no default, so that it must be given.
  public var isRequired = false
  /// The default in words, where its value would not tell.
  public var defaultWords: String?
}

/// The values that a hyperparameter may have.
public enum SettingKind: Hashable, Sendable {
  case number(NumberBound)
  case pair(NumberBound, NumberBound)
  /// A whole number of `least` or more; `unit` says what it counts.
  case count(from: Int, unit: String)
  /// Epochs, one or more, each 1 or later.
  case epochs
  /// On where it is named.
  case flag
  /// One of these words.
  case choice([String])
}

/// The value of a hyperparameter.
public enum SettingValue: Hashable, Sendable {
  case number(Double)
  case pair(Pair)
  case count(Int)
  case epochs([Int])
  case flag(Bool)
  case choice(String)

  /// The value as it stands in metrics and checkpoints.
  public var json: JSON {
    switch self {
    case .number(let number): .number(number)
    case .pair(let pair): .list([.number(pair.first), .number(pair.second)])
    case .count(let count): .count(count)
    case .epochs(let epochs): .list(epochs.map(JSON.count))
    case .flag(let flag): .flag(flag)
    case .choice(let word): .text(word)
    }
  }

  fileprivate var number: Double? { if case .number(let value) = self { value } else { nil } }
  fileprivate var pair: Pair? { if case .pair(let value) = self { value } else { nil } }
  fileprivate var count: Int? { if case .count(let value) = self { value } else { nil } }
  fileprivate var epochs: [Int]? { if case .epochs(let value) = self { value } else { nil } }
  fileprivate var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
  fileprivate var choice: String? { if case .choice(let value) = self { value } else { nil } }
}

/// Two numbers that are given together, such as Adam's betas.
public struct Pair: Hashable, Sendable {
  /// The first number.
  public var first: Double
  /// The second number.
  public var second: Double

  /// A pair of numbers.
  public init(_ first: Double, _ second: Double) {
    self.first = first
    self.second = second
  }
}

/// Which finite numbers are allowed.
public enum NumberBound: String, Sendable {
  case zeroOrMore = "0 or more"
  case aboveZero = "above 0"
  case zeroToOne = "from 0 to 1"
  case zeroToBelowOne = "from 0 to below 1"
  case aboveZeroToOne = "above 0, at most 1"
  case aboveZeroToBelowOne = "above 0, below 1"
  case aboveOne = "above 1"

  /// Whether a number is within the bounds; nan never is.
  public func allows(_ value: Double) -> Bool {
    switch self {
    case .zeroOrMore: value >= 0
    case .aboveZero: value > 0
    case .zeroToOne: value >= 0 && value <= 1
    case .zeroToBelowOne: value >= 0 && value < 1
    case .aboveZeroToOne: value > 0 && value <= 1
    case .aboveZeroToBelowOne: value > 0 && value < 1
    case .aboveOne: value > 1
    }
  }
}

/// A hyperparameter and the property of a rule that holds it.
///
/// A rule lists its hyperparameters once, beside its properties. From that list come flags with their checks and
/// their help, the JSON of metrics and checkpoints, and the message when another rule does not have the
/// hyperparameter.
public struct Setting<Owner>: Sendable {
  /// Its name, kind and summary.
  public let declaration: SettingDeclaration
  /// The value that a rule has; nil where it is left to the run or to other settings.
  public let value: @Sendable (_ owner: Owner) -> SettingValue?
  /// Gives a rule a value of the setting's kind.
  let give: @Sendable (_ value: SettingValue, _ owner: inout Owner) -> Void

  private init<Value>(
    _ declaration: SettingDeclaration,
    _ property: any WritableKeyPath<Owner, Value> & Sendable,
    write: @escaping @Sendable (Value) -> SettingValue?,
    read: @escaping @Sendable (SettingValue) -> Value?
  ) {
    self.declaration = declaration
    value = { write($0[keyPath: property]) }
    give = { value, owner in
      guard let value = read(value) else {
        preconditionFailure("a value of another kind for '\(declaration.name)'")
      }
      owner[keyPath: property] = value
    }
  }

  /// A finite number.
  static func number(
    _ name: String, _ property: any WritableKeyPath<Owner, Double> & Sendable,
    _ bound: NumberBound, _ summary: String, isRequired: Bool = false, defaultWords: String? = nil
  ) -> Setting {
    Setting(
      SettingDeclaration(
        name: name, kind: .number(bound), summary: summary, isRequired: isRequired,
        defaultWords: defaultWords),
      property, write: { .number($0) }, read: \.number)
  }

  /// A finite number that is left to the run unless it is given.
  static func number(
    _ name: String, _ property: any WritableKeyPath<Owner, Double?> & Sendable,
    _ bound: NumberBound, _ summary: String, defaultWords: String
  ) -> Setting {
    Setting(
      SettingDeclaration(
        name: name, kind: .number(bound), summary: summary, defaultWords: defaultWords),
      property, write: { $0.map(SettingValue.number) }, read: \.number)
  }

  /// Two finite numbers.
  static func pair(
    _ name: String, _ property: any WritableKeyPath<Owner, Pair> & Sendable,
    _ first: NumberBound, _ second: NumberBound, _ summary: String
  ) -> Setting {
    Setting(
      SettingDeclaration(name: name, kind: .pair(first, second), summary: summary),
      property, write: { .pair($0) }, read: \.pair)
  }

  /// A whole number; `unit` says what it counts.
  static func count(
    _ name: String, _ property: any WritableKeyPath<Owner, Int> & Sendable, from least: Int = 1,
    unit: String = "count", _ summary: String, isRequired: Bool = false
  ) -> Setting {
    Setting(
      SettingDeclaration(
        name: name, kind: .count(from: least, unit: unit), summary: summary,
        isRequired: isRequired),
      property, write: { .count($0) }, read: \.count)
  }

  /// A whole number that is left to the run or to other settings unless it is given.
  static func count(
    _ name: String, _ property: any WritableKeyPath<Owner, Int?> & Sendable, from least: Int = 1,
    unit: String = "count", _ summary: String, defaultWords: String
  ) -> Setting {
    Setting(
      SettingDeclaration(
        name: name, kind: .count(from: least, unit: unit), summary: summary,
        defaultWords: defaultWords),
      property, write: { $0.map(SettingValue.count) }, read: \.count)
  }

  /// Epochs, which must be given.
  static func epochs(
    _ name: String, _ property: any WritableKeyPath<Owner, [Int]> & Sendable, _ summary: String
  ) -> Setting {
    Setting(
      SettingDeclaration(name: name, kind: .epochs, summary: summary, isRequired: true),
      property, write: { .epochs($0) }, read: \.epochs)
  }

  /// Something to switch on.
  static func flag(
    _ name: String, _ property: any WritableKeyPath<Owner, Bool> & Sendable, _ summary: String
  ) -> Setting {
    Setting(
      SettingDeclaration(name: name, kind: .flag, summary: summary),
      property, write: { .flag($0) }, read: \.flag)
  }

  /// One of an enumeration's cases.
  static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ property: any WritableKeyPath<Owner, Choice> & Sendable, _ summary: String
  ) -> Setting {
    Setting(
      SettingDeclaration(
        name: name, kind: .choice(Choice.allCases.map(\.rawValue)), summary: summary),
      property, write: { .choice($0.rawValue) },
      read: { $0.choice.flatMap(Choice.init(rawValue:)) })
  }
}
