public import Autograd
public import Formula

/// The loss that a model is trained to minimise: one with a name, or a formula.
public enum ModelLoss: Sendable {
  /// A loss with a name, and its settings.
  case named(Loss, settings: [Double])
  /// A formula in `prediction` and columns.
  case formula(Formula)

  /// Why a text is no loss.
  public enum Fault: Error {
    /// A named loss was given a setting that it does not have; the text says which settings it has.
    case setting(String)
    case formula(FormulaError)
  }

  /// The squared error.
  public static let squaredError = ModelLoss.named(Loss.all[0], settings: [])

  /// Reads a name in any case, a name and its setting as in `huber:0.5`, or a formula.
  ///
  /// A formula must use the prediction: else it would say nothing of the model. Other libraries' names of
  /// losses are refused with ours for a suggestion.
  public init(_ text: String) throws(Fault) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if let loss = Loss.named[name.lowercased()] {
      guard parts.count > 1 else {
        self = .named(loss, settings: [])
        return
      }
      guard let setting = loss.settings.first else {
        throw .setting("'\(loss.name)' takes no setting")
      }
      guard let value = Double(parts[1]), loss.settingRange.contains(value) else {
        let (least, most) = (loss.settingRange.lowerBound, loss.settingRange.upperBound)
        let range =
          most < 1e300 ? "from \(Int(least)) to \(Int(most))" : least > 0 ? "above 0" : "0 or more"
        throw .setting(
          "the \(setting.name) of '\(loss.name)' is a number \(range), as in "
            + "\(loss.name):\(setting.value)")
      }
      self = .named(loss, settings: [value])
      return
    }
    if let loss = Loss.all.first(where: { $0.isAlsoCalled(name) }) {
      let range = 0..<name.utf8.count
      throw .formula(
        FormulaError(.unknownName(name, suggestion: loss.name), in: text, at: range))
    }
    do throws(FormulaError) {
      let formula = try Formula(text)
      guard formula.names.contains(where: { $0.text == Formula.predictionName }) else {
        if let name = formula.names.first(where: { $0.range == 0..<text.utf8.count }) {
          let suggestion = closest(to: text, in: Loss.all.map(\.name))
          throw FormulaError(.unknownName(text, suggestion: suggestion), in: text, at: name.range)
        }
        let prediction = Formula.predictionName
        if let name = formula.names.first(where: { closest(to: $0.text, in: [prediction]) != nil })
        {
          throw FormulaError(
            .unknownName(name.text, suggestion: prediction), in: text, at: name.range)
        }
        throw FormulaError(.lossWithoutPrediction, in: text, at: 0..<text.utf8.count)
      }
      self = .formula(formula)
    } catch {
      throw .formula(error)
    }
  }

  /// Whether a text is meant to be a loss: a name of one, be it ours, or a formula in the prediction.
  public static func isMeant(by text: String) -> Bool {
    let name = String(text.prefix { $0 != ":" })
    if Loss.all.contains(where: { $0.isAlsoCalled(name) }) { return true }
    let names = (try? Formula(text))?.names ?? []
    return names.contains { $0.text == Formula.predictionName && !$0.isQuoted }
  }

  /// How it was typed.
  public var text: String {
    switch self {
    case .named(let loss, let settings):
      ([loss.name] + settings.map { "\($0)" }).joined(separator: ":")
    case .formula(let formula): formula.text
    }
  }

  /// The loss, if it is one with a name.
  public var named: Loss? {
    if case .named(let loss, _) = self { loss } else { nil }
  }

  /// Whether the target is a class, so that it cannot be brought to another scale.
  public var isOfClasses: Bool {
    named.map { $0.prediction == .scores || $0.targets == 0...1 } ?? false
  }

  /// The formula, if it is one.
  public var formula: Formula? {
    if case .formula(let formula) = self { formula } else { nil }
  }
}
