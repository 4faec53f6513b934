import Models

/// An optimizer or a schedule, with its names and its declared settings.
public protocol Rule: Hashable, Sendable {
  /// Its names and settings.
  var declaration: RuleDeclaration<Self> { get }
}

/// The names of a rule and its settings.
public struct RuleDeclaration<Declared> {
  /// What users call it.
  public let name: String
  /// The class that it is in PyTorch.
  public let pytorchName: String
  private let list: () -> [Setting<Declared>]

  init(
    _ name: String, pytorchName: String,
    settings: @autoclosure @escaping () -> [Setting<Declared>]
  ) {
    self.name = name
    self.pytorchName = pytorchName
    list = settings
  }

  /// The settings, in the order of the help; they are not made before somebody asks.
  public var settings: [Setting<Declared>] { list() }
}

extension Rule {
  /// What users call it.
  public var name: String { declaration.name }
  /// The class that it is in PyTorch.
  public var pytorchName: String { declaration.pytorchName }

  /// Its settings, each with the value that it has now, nil where that is left to the run.
  public var declarations: [(setting: SettingDeclaration, value: SettingValue?)] {
    declaration.settings.map { ($0.declaration, $0.value(self)) }
  }

  /// Gives a setting, which the rule must have, a value of its kind.
  public mutating func give(_ value: SettingValue, to name: String) {
    guard let setting = declaration.settings.first(where: { $0.declaration.name == name }) else {
      preconditionFailure("'\(self.name)' has no setting '\(name)'")
    }
    setting.give(value, &self)
  }

  /// The settings by name.
  var json: [String: JSON] {
    var all: [String: JSON] = [:]
    for (setting, value) in declarations { all[setting.name] = value?.json }
    return all
  }
}

/// Settings that contradict each other or the run.
public struct SettingFault: Error, Hashable, CustomStringConvertible {
  /// One sentence, in which settings stand in braces: `{nesterov} needs a {momentum} above 0`.
  private let template: String

  init(_ template: String) { self.template = template }

  /// The sentence, with PyTorch's names.
  public var description: String { sentence { $0 } }

  /// The sentence, in which `spelling` says how the settings are called.
  public func sentence(_ spelling: (_ name: String) -> String) -> String {
    template.split(separator: "{", omittingEmptySubsequences: false).enumerated()
      .map { index, part in
        guard index > 0, let end = part.firstIndex(of: "}") else { return String(part) }
        return spelling(String(part[..<end])) + part[part.index(after: end)...]
      }.joined()
  }
}
