internal import Autograd

/// The reference of the formula language, which the parser, the help and the documentation share.
public struct Reference: Sendable {
  /// One operator, function or layer.
  public struct Entry: Hashable, Sendable {
    /// How it is written, as in `x |> dense(n)` or `hypot(x, y)`.
    public let spelling: String
    /// What it gives, in a few words.
    public let summary: String
    /// A formula that uses it.
    public let example: String
  }

  /// What the entries are, as `Operators, lowest precedence first`.
  public let title: String
  /// The entries, in order.
  public let entries: [Entry]

  /// All there is, part by part.
  public static let parts = [
    Reference(title: "Operators, lowest precedence first", entries: operators),
    Reference(
      title: "Functions",
      entries: Function.all.map {
        Entry(spelling: "\($0.name)(\($0.arguments))", summary: $0.summary, example: $0.example)
      }),
    Reference(
      title: "Layers, which add their own parameters",
      entries: Layer.all.map {
        Entry(spelling: "\($0.name)(\($0.arguments))", summary: $0.summary, example: $0.example)
      }),
    Reference(title: "Names", entries: names),
  ]

  private static let operators =
    [
      Entry(
        spelling: "x |> f(…)", summary: "f(x, …): x is the first argument",
        example: "1 |> exp |> log"),
      Entry(spelling: "c ? x : y", summary: "x if c is not 0, else y", example: "1 < 2 ? 5 : 6"),
    ]
    + Operator.infix.filter { $0.level < Operator.powerLevel }.map {
      Entry(spelling: "x \($0.symbol) y", summary: $0.summary, example: $0.example)
    }
    + Operator.prefix.map {
      Entry(spelling: "\($0.symbol)x", summary: $0.summary, example: $0.example)
    }
    + Operator.infix.filter { $0.level == Operator.powerLevel }.map {
      Entry(spelling: "x\($0.symbol)y", summary: $0.summary, example: $0.example)
    }

  private static let names = [
    Entry(
      spelling: Formula.piName, summary: "the number π; also written π, PI",
      example: "pi"),
    Entry(
      spelling: Formula.inputsName, summary: "the vector of all features",
      example: "dot(w, inputs) + b"),
    Entry(
      spelling: Formula.classesName, summary: "number of classes of the target",
      example: "inputs |> dense(classes)"),
    Entry(
      spelling: Formula.predictionName, summary: "in a loss: the model's prediction",
      example: "(prediction - y)^2"),
    Entry(
      spelling: "`a column`", summary: "a column with any name",
      example: "w*`petal length`"),
    Entry(
      spelling: "column == 'text'", summary: "1 if it is the text, else 0",
      example: "w*(species == 'setosa')"),
  ]
}
