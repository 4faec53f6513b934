/// A model with a name, and the formula that it stands for.
public struct Preset: Sendable {
  /// What users call it.
  public let name: String
  /// What it is, in a few words.
  public let summary: String
  /// The loss that it is trained with unless another is given.
  public let loss: String
  /// Whether its name is followed by the widths of hidden layers, as in `mlp:64,64`.
  public let hasWidths: Bool
  private let formula: @Sendable (_ widths: [Int], _ outputs: String) -> String

  /// Every preset.
  public static let all = [
    Preset(name: "linear", summary: "linear regression", loss: "mse", hasWidths: false) { _, _ in
      "inputs |> dense(1)"
    },
    Preset(
      name: "logistic", summary: "logistic regression; the prediction is the log-odds",
      loss: "bce-logits", hasWidths: false
    ) { _, _ in "inputs |> dense(1)" },
    Preset(
      name: "softmax", summary: "multinomial logistic regression", loss: "cross-entropy",
      hasWidths: false
    ) { _, _ in "inputs |> dense(classes)" },
    Preset(
      name: "mlp", summary: "network with hidden layers of these widths", loss: "mse",
      hasWidths: true
    ) { widths, outputs in
      "inputs" + widths.map { " |> dense(\($0)) |> relu" }.joined() + " |> dense(\(outputs))"
    },
  ]

  /// The preset and the widths that a text names, in any case; nil if it names none.
  public static func named(_ text: String) -> (preset: Preset, widths: [Int])? {
    let parts = text.lowercased().split(separator: ":", omittingEmptySubsequences: false)
    guard let preset = all.first(where: { $0.name == parts[0] }),
      parts.count == (preset.hasWidths ? 2 : 1)
    else { return nil }
    let widths = parts.dropFirst().flatMap {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let numbers = widths.compactMap { Int($0) }.filter { $0 > 0 && $0 <= 1_000_000 }
    return numbers.count == widths.count ? (preset, numbers) : nil
  }

  /// The preset that a text names with widths that it cannot have, as `mlp:` and `linear:3` do; nil if none.
  public static func misused(in text: String) -> Preset? {
    let name = text.lowercased().prefix { $0 != ":" }
    guard let preset = all.first(where: { $0.name == name }), named(text) == nil else { return nil }
    return preset
  }

  /// The formula that the preset stands for, with one score per class for losses of classes.
  public func text(widths: [Int] = [], isForClasses: Bool = false) -> String {
    formula(widths, isForClasses ? "classes" : "1")
  }

  private init(
    name: String, summary: String, loss: String, hasWidths: Bool,
    _ formula: @escaping @Sendable (_ widths: [Int], _ outputs: String) -> String
  ) {
    self.name = name
    self.summary = summary
    self.loss = loss
    self.hasWidths = hasWidths
    self.formula = formula
  }
}
