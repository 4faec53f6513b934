/// A computation on one example: parameters, columns and constants joined by operations.
///
/// A graph has no batch axis. Its nodes are values of one example or parameters shared by all; a
/// ``Program`` runs it over many rows. Equal subexpressions are one node, and operations between
/// constants are done at once, in double.
public final class Graph {
  /// What a node is; operands are earlier nodes' indices.
  enum Definition: Hashable {
    case constant(bitPattern: UInt64)
    case parameter(String)
    case column(String)
    case apply(Op, [Int])
  }

  private(set) var definitions: [Definition] = []
  private var indices: [Definition: Int] = [:]
  /// For nodes that have the value of another, that node; they differ in their slopes.
  private var carriers: [Int: Int] = [:]

  /// An empty graph.
  public init() {}

  /// The parameter of that name: one value shared by all rows, which training changes.
  public func parameter(_ name: String) -> Node { node(.parameter(name)) }

  /// The column of that name: one value a row, which is data.
  public func column(_ name: String) -> Node { node(.column(name)) }

  /// A constant, rounded to the run's precision where it meets a value.
  public func constant(_ value: Double) -> Node {
    node(.constant(bitPattern: value.bitPattern))
  }

  /// The result of an operation on nodes of this graph.
  ///
  /// Results that need no work are found here: constants are folded, x^1, x·1, x/1, x−0 and −(−x) are
  /// x, x^0 is 1, and a constant condition selects its branch. Each gives the same bits as the operation
  /// would. Powers with the other exponents that PyTorch singles out are computed as products and roots.
  public func apply(_ op: Op, _ operands: Node...) -> Node { apply(op, operands) }

  /// The result of an operation on a list of nodes of this graph.
  public func apply(_ op: Op, _ operands: [Node]) -> Node {
    precondition(operands.count == op.arity, "\(op) takes \(op.arity) operands")
    for operand in operands {
      precondition(operand.graph === self, "operands must belong to the graph they are joined in")
    }
    if let known = folded(op, operands) ?? shortened(op, operands) { return known }
    let carrier = carrier(of: op, operands)
    let result = node(.apply(op, operands.map(\.index)))
    carriers[result.index] = carrier?.index
    return result
  }

  /// What a program computes for a node: the node itself, or another that has its value.
  func computed(_ index: Int) -> Int { carriers[index].map(computed) ?? index }

  /// Everything that `outputs` are computed from, and themselves; operands come before their readers.
  public func nodes(behind outputs: [Node]) -> [Node] {
    let isNeeded = Graph.ancestors(of: outputs.map(\.index), in: definitions)
    return isNeeded.indices.filter { isNeeded[$0] }.map { Node(graph: self, index: $0) }
  }

  /// The definitions with computed operands in place of those that stand for them.
  var computedDefinitions: [Definition] {
    definitions.map {
      if case .apply(let op, let operands) = $0 { .apply(op, operands.map(computed)) } else { $0 }
    }
  }

  /// For each node, whether it is one of `outputs` or one of them is computed from it.
  static func ancestors(of outputs: [Int], in definitions: [Definition]) -> [Bool] {
    var isAncestor = [Bool](repeating: false, count: definitions.count)
    for output in outputs { isAncestor[output] = true }
    for index in definitions.indices.reversed() where isAncestor[index] {
      if case .apply(_, let operands) = definitions[index] {
        for operand in operands { isAncestor[operand] = true }
      }
    }
    return isAncestor
  }

  private func node(_ definition: Definition) -> Node {
    if let known = indices[definition] { return Node(graph: self, index: known) }
    definitions.append(definition)
    indices[definition] = definitions.count - 1
    return Node(graph: self, index: definitions.count - 1)
  }

  private func folded(_ op: Op, _ operands: [Node]) -> Node? {
    let values = operands.compactMap(\.constantValue)
    guard values.count == operands.count else { return nil }
    if op == .power, let product = powerAsProduct(operands[0], values[1]) { return product }
    return switch op.rule {
    case .unary(_, let function, _): constant(function(values[0]))
    case .binary(_, let function, _): constant(function(values[0], values[1]))
    case .ternary(_, let function, _): constant(function(values[0], values[1], values[2]))
    }
  }

  private func shortened(_ op: Op, _ operands: [Node]) -> Node? {
    let x = operands[0]
    let constant = operands.last?.constantValue
    switch op {
    case .multiply where constant == 1, .divide where constant == 1: return x
    case .multiply where x.constantValue == 1: return operands[1]
    case .subtract where constant?.bitPattern == 0: return x
    case .negate:
      if case .apply(.negate, let inner) = x.definition {
        return Node(graph: self, index: inner[0])
      }
    case .power where constant == 0: return self.constant(1)
    case .power where constant == 1: return x
    case .select:
      if let condition = x.constantValue { return condition != 0 ? operands[1] : operands[2] }
    default: break
    }
    return nil
  }

  private func carrier(of op: Op, _ operands: [Node]) -> Node? {
    switch op {
    case .stopGradient, .withSlope: operands[0]
    case .power: operands[1].constantValue.flatMap { powerAsProduct(operands[0], $0) }
    default: nil
    }
  }

  /// The exponents that PyTorch computes without `pow`.
  private func powerAsProduct(_ x: Node, _ exponent: Double) -> Node? {
    switch exponent {
    case 0: constant(1)
    case 1: x
    case 2: x * x
    case 3: x * x * x
    case 0.5: sqrt(x)
    case -0.5: 1 / sqrt(x)
    case -1: 1 / x
    case -2: 1 / (x * x)
    default: nil
    }
  }
}

/// One value of a ``Graph``; arithmetic on nodes records operations.
public struct Node {
  /// The graph that the node belongs to.
  public let graph: Graph
  /// The node's place in its graph: nodes with the same index are one.
  public let index: Int

  var definition: Graph.Definition { graph.definitions[index] }

  /// The node's value if it is a constant.
  public var constantValue: Double? {
    if case .constant(let bits) = definition { Double(bitPattern: bits) } else { nil }
  }

  /// The operation and operands that the node is the result of, or nil for an input.
  public var operation: (op: Op, operands: [Node])? {
    guard case .apply(let op, let operands) = definition else { return nil }
    return (op, operands.map { Node(graph: graph, index: $0) })
  }
}
