/// A function that formulas call by name, made of one operation or of several.
///
/// The parser, the help and the documentation read ``all``; nothing lists the functions twice.
public struct Function: Sendable {
  /// What formulas call it.
  public let name: String
  /// How many arguments it takes when none is left out.
  public let arity: Int
  /// What the last arguments are when they are left out.
  public let defaults: [Double]
  /// Whether it takes any number of arguments from ``arity`` on.
  public let takesMore: Bool
  private let body: @Sendable ([Node]) -> Node

  /// The arguments' names and what the last ones are when they are left out, as in `x, slope=0.01`.
  public let arguments: String
  /// What it gives, in a few words.
  public let summary: String
  /// A formula that calls it.
  public let example: String

  /// Every function, operations first.
  public static let all =
    Op.allCases.compactMap(Function.init) + [
      Function("reciprocal", "x", "1/x", "reciprocal(4)", reciprocal),
      Function("square", "x", "x^2", "square(3)", square),
      Function("pow", "x, y", "x^y", "pow(2, 10)", pow),
      Function(
        "clamp", "x, low, high", "x limited to low and high", "clamp(5, 1, 2)", clamp(_:_:_:)),
      Function("clamp_min", "x, low", "the larger of x and low", "clamp_min(-1, 0)") {
        clamp($0, min: $1)
      },
      Function("clamp_max", "x, high", "the smaller of x and high", "clamp_max(3, 2)") {
        clamp($0, max: $1)
      },
      Function(
        "hardtanh", "x, low, high", defaults: [-1, 1], "clamp; its gradient is 0 at bounds",
        "hardtanh(3)", hardtanh),
      Function(
        "leaky_relu", "x, slope", defaults: [0.01], "x if x > 0, else slope*x",
        "leaky_relu(-3)", leakyReLU),
      Function(
        "elu", "x, scale", defaults: [1], "x if x > 0, else scale*(exp(x)-1)",
        "elu(-1)", elu),
      Function(
        "softplus", "x, sharpness, threshold", defaults: [1, 20],
        "log(1 + exp(sharpness*x))/sharpness", "softplus(0)",
        softplus(_:sharpness:threshold:)),
      Function("silu", "x", "x*sigmoid(x)", "silu(1)", silu),
      Function("mish", "x", "x*tanh(softplus(x))", "mish(1)", mish),
      Function("gelu", "x", "x times the normal CDF of x", "gelu(1)", gelu),
      Function("gelu_tanh", "x", "gelu approximated by tanh", "gelu_tanh(1)", geluByTanh),
      Function(
        "min", Documentation("x, y, …", "smallest argument or element", "min(2, 3, 1)"), 1,
        takesMore: true, smallest),
      Function("mean", "v", "mean of a vector's elements", "mean(concat(1, 2, 6))", mean),
      Function(
        "amax", "v", "largest; nan makes gradients nan", "amax(concat(1, 3, 2))",
        amax),
      Function(
        "logsumexp", "v", "log(sum(exp(v))), no overflow", "logsumexp(concat(1, 2))",
        logsumexp),
      Function(
        "softmax", "v", "exp(v)/sum(exp(v))", "pick(softmax(concat(1, 2)), 0)", softmax),
      Function(
        "log_softmax", "v", "log(softmax(v)), accurate",
        "pick(log_softmax(concat(1, 2)), 0)", logSoftmax),
    ]

  /// Every function by its name.
  public static let named = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// How many arguments a call may have.
  public var argumentCounts: ClosedRange<Int> {
    arity - defaults.count...(takesMore ? Int.max : arity)
  }

  /// Whether it makes something of all elements of a vector, so that one number is no use to it alone.
  public var joinsElements: Bool { arguments == "v" || takesMore }

  /// The function of nodes of one graph; the last ones may be left out where they have defaults.
  public func callAsFunction(_ arguments: [Node]) -> Node {
    precondition(argumentCounts.contains(arguments.count), "wrong number of arguments of \(name)")
    let graph = arguments[0].graph
    let left = max(0, arity - arguments.count)
    return body(arguments + defaults.suffix(left).map(graph.constant))
  }

  private init?(_ op: Op) {
    guard let documentation = op.documentation else { return nil }
    switch op {
    case .max: self.init(op.spelling, documentation, op.arity, takesMore: true, largest)
    case .select: self.init(op.spelling, documentation, op.arity) { $0[0].graph.branch($0) }
    default: self.init(op.spelling, documentation, op.arity) { $0[0].graph.apply(op, $0) }
    }
  }

  private init(
    _ name: String, _ arguments: String, _ summary: String, _ example: String,
    _ body: @escaping @Sendable (Node) -> Node
  ) {
    self.init(name, Documentation(arguments, summary, example), 1) { body($0[0]) }
  }

  private init(
    _ name: String, _ arguments: String, defaults: [Double] = [], _ summary: String,
    _ example: String, _ body: @escaping @Sendable (Node, Node) -> Node
  ) {
    self.init(name, Documentation(arguments, summary, example), 2, defaults) { body($0[0], $0[1]) }
  }

  private init(
    _ name: String, _ arguments: String, defaults: [Double] = [], _ summary: String,
    _ example: String, _ body: @escaping @Sendable (Node, Node, Node) -> Node
  ) {
    self.init(name, Documentation(arguments, summary, example), 3, defaults) {
      body($0[0], $0[1], $0[2])
    }
  }

  private init(
    _ name: String, _ documentation: Documentation, _ arity: Int, _ defaults: [Double] = [],
    takesMore: Bool = false, _ body: @escaping @Sendable ([Node]) -> Node
  ) {
    self.name = name
    self.arity = arity
    self.defaults = defaults
    self.takesMore = takesMore
    let names = documentation.arguments.split { ", ".contains($0) }
    arguments = names.enumerated().map { position, name in
      let value = position - (names.count - defaults.count)
      return value < 0 ? String(name) : "\(name)=\(Node.written(defaults[value]))"
    }.joined(separator: ", ")
    summary = documentation.summary
    example = documentation.example
    self.body = body
  }
}
