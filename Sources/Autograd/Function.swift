/// A function that formulas call by name: an operation, or several joined.
///
/// The parser, the help and the documentation read ``all``; nothing lists the functions twice.
public struct Function: Sendable {
  /// What formulas call it.
  public let name: String
  /// How many arguments it takes when none is left out.
  public let arity: Int
  /// What the last arguments are when they are left out.
  public let defaults: [Double]
  private let body: @Sendable ([Node]) -> Node

  /// Every function, operations first.
  public static let all =
    Op.allCases.filter(\.isCallable).map(Function.init) + [
      Function("reciprocal", reciprocal),
      Function("square", square),
      Function("clamp", clamp(_:_:_:)),
      Function("clamp_min", clamp(_:min:)),
      Function("clamp_max", clamp(_:max:)),
      Function("hardtanh", defaults: [-1, 1], hardtanh),
      Function("leaky_relu", defaults: [0.01], leakyReLU),
      Function("elu", defaults: [1], elu),
      Function("softplus", defaults: [1, 20], softplus(_:sharpness:threshold:)),
      Function("silu", silu),
      Function("mish", mish),
      Function("gelu", gelu),
      Function("gelu_tanh", geluByTanh),
      Function("mean", mean),
      Function("amax", amax),
      Function("logsumexp", logsumexp),
      Function("softmax", softmax),
      Function("log_softmax", logSoftmax),
    ]

  /// Every function by its name.
  public static let named = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// How many arguments a call may have.
  public var argumentCounts: ClosedRange<Int> { arity - defaults.count...arity }

  /// The function of nodes of one graph; the last ones may be left out where they have defaults.
  public func callAsFunction(_ arguments: [Node]) -> Node {
    precondition(argumentCounts.contains(arguments.count), "wrong number of arguments of \(name)")
    let graph = arguments[0].graph
    return body(arguments + defaults.suffix(arity - arguments.count).map(graph.constant))
  }

  private init(_ op: Op) {
    (name, arity, defaults) = (op.spelling, op.arity, [])
    body = { $0[0].graph.apply(op, $0) }
  }

  private init(_ name: String, _ body: @escaping @Sendable (Node) -> Node) {
    (self.name, arity, defaults) = (name, 1, [])
    self.body = { body($0[0]) }
  }

  private init(
    _ name: String, defaults: [Double] = [], _ body: @escaping @Sendable (Node, Node) -> Node
  ) {
    (self.name, arity, self.defaults) = (name, 2, defaults)
    self.body = { body($0[0], $0[1]) }
  }

  private init(
    _ name: String, defaults: [Double] = [], _ body: @escaping @Sendable (Node, Node, Node) -> Node
  ) {
    (self.name, arity, self.defaults) = (name, 3, defaults)
    self.body = { body($0[0], $0[1], $0[2]) }
  }
}
