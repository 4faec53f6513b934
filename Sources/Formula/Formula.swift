public import Autograd

/// A formula as it was typed, read and checked.
///
/// From loosest to tightest: `+` and `-`; `*` and `/`; unary minus; `^`, which groups to the right,
/// so that `-x^2` is −(x²) and `2^3^2` is 2⁹. Functions are the named operations of ``Op`` and `pi`
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
  private let expression: Expression

  /// Reads a formula.
  public init(_ text: String) throws(FormulaError) {
    var parser = Parser(text)
    expression = try parser.parse()
    self.text = text
    names = parser.names
  }

  /// Appends the formula to a graph.
  ///
  /// `resolve` gives the node of each name in ``names``.
  public func node(in graph: Graph, resolve: (String) -> Node) -> Node {
    expression.node(in: graph, resolve: resolve)
  }
}

/// A formula's syntax tree.
indirect enum Expression: Sendable {
  case number(Double)
  case name(String)
  case apply(Op, [Expression])

  func node(in graph: Graph, resolve: (String) -> Node) -> Node {
    switch self {
    case .number(let value): graph.constant(value)
    case .name(let name): resolve(name)
    case .apply(let op, let operands):
      graph.apply(op, operands.map { $0.node(in: graph, resolve: resolve) })
    }
  }
}
