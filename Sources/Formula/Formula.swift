internal import Autograd

/// A formula as it was typed, read and checked.
///
/// From loosest to tightest: `|>`; `? :`; `||`; `&&`; comparisons, which do not chain; `+` and `-`; `*` and
/// `/`; signs and `!`; `^`, which groups to the right, so that `-x^2` is −(x²) and `2^3^2` is 2⁹. A pipe
/// gives its value to a function as the first argument: `inputs |> dense(8) |> relu`. ``Reference`` lists
/// operators, functions and layers.
public struct Formula: Sendable {
  /// A name in the formula and its position.
  public struct Name: Hashable, Sendable {
    /// The name itself.
    public let text: String
    /// Its UTF-8 offsets in the formula.
    public let range: Range<Int>
    /// Whether it is in backquotes, so that only a column can be meant.
    public let isQuoted: Bool
  }

  /// In a loss, what the model gives.
  public static let predictionName = "prediction"
  /// The vector of all features.
  public static let inputsName = "inputs"
  /// How many classes the target has.
  public static let classesName = "classes"
  /// Half a turn in radians.
  static let piName = "pi"
  /// Other names of it, unless a column has them.
  static let otherPiNames = ["π", "PI"]

  /// Whether a name is a number unless a column has it.
  public static func isConstant(_ name: String) -> Bool { otherPiNames.contains(name) }

  /// Names that are neither columns nor parameters.
  public static let reservedNames = [predictionName, inputsName, classesName, piName]

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

  /// The name of Euler's number where it is raised to a power, as in `e^x`.
  public var powerOfE: Name? {
    for index in steps.indices {
      guard case .combine(let op) = steps[index].kind, op.level == Operator.powerLevel,
        let base = operands(ofStep: index).first, base.count == 1,
        case .name("e", isQuoted: false) = steps[base.lowerBound].kind
      else { continue }
      return names.first { $0.text == "e" && !$0.isQuoted }
    }
    return nil
  }

  /// Whether values are compared anywhere, which has no gradient.
  public var hasComparison: Bool {
    steps.contains {
      if case .combine(let op) = $0.kind { op.level == Operator.comparisonLevel } else { false }
    }
  }

  /// What a name is said to equal, if the whole formula says so: `a*x` of `y == a*x`.
  public func equated(to name: String) -> (text: String, range: Range<Int>)? {
    guard let last = steps.last, case .combine(let op) = last.kind, op.symbol == "==" else {
      return nil
    }
    for (side, other) in zip(operands(ofStep: steps.count - 1), [1, 0]) {
      guard side.count == 1, case .name(name, _) = steps[side.lowerBound].kind else { continue }
      let rest =
        other == 1
        ? ForeignSpelling.part(of: text, last.range.upperBound...)
        : ForeignSpelling.part(of: text, ..<last.range.lowerBound)
      return (rest, last.range)
    }
    return nil
  }

  /// The steps that compute each operand of a step.
  func operands(ofStep index: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var end = index
    for _ in 0..<steps[index].kind.operandCount {
      var start = end
      var missing = 1
      while missing > 0 {
        start -= 1
        missing += steps[start].kind.operandCount - 1
      }
      ranges.insert(start..<end, at: 0)
      end = start
    }
    return ranges
  }

  /// The texts that each name is compared with, as in `species == 'setosa'`.
  public var comparedTexts: [String: [String]] {
    var texts: [String: [String]] = [:]
    for index in steps.indices.dropFirst(2) {
      guard case .combine(let op) = steps[index].kind, op.comparesTexts else { continue }
      switch (steps[index - 2].kind, steps[index - 1].kind) {
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
    /// `condition ? value : value`.
    case choice
    case call(Function, Int)
    case concat(Int)
    case layer(Layer, Int)

    var operandCount: Int {
      switch self {
      case .number, .text, .name: 0
      case .combine(let op): op.level == 0 ? 1 : 2
      case .choice: 3
      case .call(_, let count), .concat(let count), .layer(_, let count): count
      }
    }
  }
  let kind: Kind
  let range: Range<Int>
}
