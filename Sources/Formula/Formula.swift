internal import Autograd

/// A formula as it was typed, read and checked.
///
/// From loosest to tightest: `|>`; `? :`; `||`; `&&`; comparisons, which do not chain; `+` and `-`; `*` and
/// `/`; signs and `!`; `^`, which groups to the right, so that `-x^2` is −(x²) and `2^3^2` is 2⁹. A pipe
/// gives its value to a function as the first argument: `inputs |> dense(8) |> relu`. ``Reference`` lists
/// operators, functions and layers.
public struct Formula: Sendable {
  /// A name in the formula and where it stands.
  public struct Name: Hashable, Sendable {
    /// The name itself.
    public let text: String
    /// Its UTF-8 offsets in the formula.
    public let range: Range<Int>
    /// Whether it stands in backquotes, so that only a column can be meant.
    public let isQuoted: Bool
  }

  /// The name that stands for the formula's value in a loss.
  public static let predictionName = "prediction"
  /// The name that stands for the vector of all features.
  public static let inputsName = "inputs"
  /// The name that stands for the number of the target's classes.
  public static let classesName = "classes"

  /// Names that stand for something else than a column or a parameter.
  public static let reservedNames = [predictionName, inputsName, classesName, "pi"]

  /// How deep parentheses, signs and powers may nest.
  public static let deepestNesting = 200

  /// How many operations a formula may have.
  public static let mostOperations = 10_000

  /// How many weights the layers of a formula may have together.
  public static let mostWeights = 100_000_000

  /// The formula as it was typed.
  public let text: String
  /// The names that are not functions or constants, each once, in order of appearance.
  public let names: [Name]
  /// The formula in postfix order: operands, then what is done with them.
  let steps: [Step]

  /// Reads a formula.
  public init(_ text: String) throws(FormulaError) {
    var parser = Parser(text)
    try parser.parse()
    self.text = text
    names = parser.names
    steps = parser.steps
  }

  /// The texts that names are compared with, as in `species == 'setosa'`, by the names.
  public var comparedTexts: [String: [String]] {
    var texts: [String: [String]] = [:]
    for place in steps.indices.dropFirst(2) {
      guard case .combine(let op) = steps[place].kind, op.comparesTexts else { continue }
      switch (steps[place - 2].kind, steps[place - 1].kind) {
      case (.name(let name, _), .text(let text)), (.text(let text), .name(let name, _)):
        if texts[name]?.contains(text) != true { texts[name, default: []].append(text) }
      default: break
      }
    }
    return texts
  }
}

/// One step of a formula in postfix order, and the part of the text that asks for it.
struct Step: Sendable {
  enum Kind: Sendable {
    case number(Double)
    case text(String)
    case name(String, isQuoted: Bool)
    /// Each takes its operands from the stack and leaves its result.
    case combine(Operator)
    case apply(Op)
    case call(Function, Int)
    case concat(Int)
    case layer(Layer, Int)

    var operandCount: Int {
      switch self {
      case .number, .text, .name: 0
      case .combine(let op): op.level == 0 ? 1 : 2
      case .apply(let op): op.arity
      case .call(_, let count), .concat(let count), .layer(_, let count): count
      }
    }
  }
  let kind: Kind
  let range: Range<Int>
}
