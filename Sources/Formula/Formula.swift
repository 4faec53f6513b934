public import Autograd

/// A formula as it was typed, read and checked.
///
/// From loosest to tightest: `+` and `-`; `*` and `/`; unary minus; `^`, which groups to the right,
/// so that `-x^2` is −(x²) and `2^3^2` is 2⁹. Functions are those of ``Function`` and `pi`
/// is the constant.
public struct Formula: Sendable {
  /// A name in the formula and where it stands.
  public struct Name: Hashable, Sendable {
    /// The name itself.
    public let text: String
    /// Its UTF-8 offsets in the formula.
    public let range: Range<Int>
  }

  /// Names that stand for something else than a column or a parameter.
  public static let reservedNames = ["prediction", "inputs", "pi"]

  /// How deep parentheses, signs and powers may nest.
  public static let deepestNesting = 200

  /// How many operations a formula may have.
  public static let mostOperations = 10_000

  /// The formula as it was typed.
  public let text: String
  /// The names that are not functions or constants, each once, in order of appearance.
  public let names: [Name]
  /// The formula in postfix order: operands, then what is done with them.
  private let steps: [Step]

  /// Reads a formula.
  public init(_ text: String) throws(FormulaError) {
    var parser = Parser(text)
    try parser.parse()
    self.text = text
    names = parser.names
    steps = parser.steps
  }

  /// Appends the formula to a graph.
  ///
  /// `resolve` gives the node of each name in ``names``. Throws if the shapes of values do not fit what is
  /// done with them, or if the formula's value is not a scalar.
  public func node(in graph: Graph, resolve: (String) -> Node) throws(FormulaError) -> Node {
    var stack: [Node] = []
    for step in steps {
      switch step.kind {
      case .number(let value): stack.append(graph.constant(value))
      case .name(let name): stack.append(resolve(name))
      case .apply(let op):
        let operands = Array(stack.suffix(op.arity))
        stack.removeLast(op.arity)
        stack.append(graph.apply(op, operands))
      case .call(let function, let count):
        let arguments = Array(stack.suffix(count))
        stack.removeLast(count)
        stack.append(function(arguments))
      }
      if let error = graph.shapeError {
        throw FormulaError(.shapes(error), in: text, at: step.range)
      }
    }
    precondition(stack.count == 1, "a formula that was read has one value")
    guard stack[0].shape == .scalar else {
      throw FormulaError(.notScalar(stack[0].shape), in: text, at: 0..<text.utf8.count)
    }
    return stack[0]
  }
}

/// One step of a formula in postfix order, and the part of the text that asks for it.
struct Step: Sendable {
  enum Kind: Sendable {
    case number(Double)
    case name(String)
    /// Takes the operation's operands from the stack and leaves its result.
    case apply(Op)
    /// Takes so many arguments from the stack and leaves the function's result.
    case call(Function, Int)
  }
  let kind: Kind
  let range: Range<Int>
}
