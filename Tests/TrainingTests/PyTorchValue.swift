import Testing
import Training

/// What a fixture tells an optimizer or a schedule, by PyTorch's name.
enum PyTorchValue: Decodable, Sendable {
  case number(Double)
  case numbers([Double])
  case flag(Bool)
  case word(String)
  /// Null, or what no rule is told.
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode([Double].self) {
      self = .numbers(value)
    } else if let value = try? container.decode(String.self) {
      self = .word(value)
    } else {
      self = .other
    }
  }

  var number: Double? { if case .number(let value) = self { value } else { nil } }
  var word: String? { if case .word(let value) = self { value } else { nil } }
  var isTrue: Bool { if case .flag(true) = self { true } else { false } }

  /// The value of a setting; nil if it is of another kind.
  fileprivate func value(of kind: SettingKind) -> SettingValue? {
    switch (kind, self) {
    case (.number, .number(let value)): .number(value)
    case (.count, .number(let value)): .count(Int(value))
    case (.pair, .numbers(let values)) where values.count == 2: .pair(Pair(values[0], values[1]))
    case (.epochs, .numbers(let values)): .epochs(values.map { Int($0) })
    case (.flag, .flag(let value)): .flag(value)
    case (.choice, .word(let value)): .choice(value)
    default: nil
    }
  }
}

extension Rule {
  /// Tells the rule what PyTorch's was told; all that it can be told must be among it.
  mutating func tell(_ told: [String: PyTorchValue], except: Set<String> = []) throws {
    let told = Dictionary(told.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    for (setting, _) in declarations where !except.contains(setting.name) {
      let name = setting.name == "plateau_patience" ? "patience" : setting.name
      guard let value = told[name] else { continue }
      if case .other = value { continue }
      give(try #require(value.value(of: setting.kind), "\(name) of \(self.name)"), to: setting.name)
    }
  }
}

/// A rule with some settings changed.
func with<Changed: Rule>(_ rule: Changed, _ change: (inout Changed) -> Void) -> Changed {
  var rule = rule
  change(&rule)
  return rule
}
