/// A computation on one row: parameters, columns and constants joined by operations.
///
/// A graph has no batch axis. Its nodes are values of one row, or parameters that all rows share; a ``Program``
/// runs it over many rows. Equal subexpressions are one node, and operations between constants are done at once, in
/// double.
public final class Graph {
  /// What a node is; operands are earlier nodes' indices.
  enum Definition: Hashable {
    case constant(bitPattern: UInt64)
    case parameter(String)
    case column(String)
    case apply(Op, [Int])

    var operands: [Int] {
      if case .apply(_, let operands) = self { operands } else { [] }
    }
  }

  /// The first operation whose operands' shapes did not fit; its result is the constant nan.
  ///
  /// Check it before compiling a program if the shapes of values come from user data.
  public private(set) var shapeError: ShapeError?

  private(set) var definitions: [Definition] = []
  private(set) var shapes: [Shape] = []
  private var indices: [Definition: Int] = [:]
  /// For nodes that have the value of another, that node; they differ in their slopes.
  private var carriers: [Int: Int] = [:]
  /// The selections whose branch that is not taken has no gradient, whatever its slopes.
  private(set) var branchings: Set<Int> = []

  /// An empty graph.
  public init() {}

  /// The parameter of that name: a value shared by all rows, which training changes.
  ///
  /// A name has one shape in a graph.
  public func parameter(_ name: String, _ shape: Shape = .scalar) -> Node {
    node(.parameter(name), shape)
  }

  /// The column of that name: one value per row, which is data.
  public func column(_ name: String) -> Node { node(.column(name), .scalar) }

  /// Several columns of data as one vector per row.
  public func column(_ name: String, count: Int) -> Node { node(.column(name), .vector(count)) }

  /// A constant, which is rounded to the run's precision where it is combined with a value.
  public func constant(_ value: Double) -> Node {
    node(.constant(bitPattern: value.bitPattern), .scalar)
  }

  /// The result of an operation on nodes of this graph.
  ///
  /// Elementwise operations take values of one shape, and scalars beside them. Shapes that do not fit are
  /// noted in ``shapeError``.
  ///
  /// Results that need no work are simplified here: constants are folded in double, x^1, x·1, x/1, x−0 and −(−x) are
  /// x, x^0 is 1, and a constant condition selects its branch. Each gives the same bits as the operation
  /// would. Powers with the other exponents that PyTorch singles out are computed as products and roots.
  public func apply(_ op: Op, _ operands: Node...) -> Node { apply(op, operands) }

  /// The result of an operation on a list of nodes of this graph.
  public func apply(_ op: Op, _ operands: [Node]) -> Node {
    precondition(operands.count == op.arity, "\(op) takes \(op.arity) operands")
    for operand in operands {
      precondition(operand.graph === self, "operands must belong to the graph they are joined in")
    }
    guard let shape = op.rule.shape(operands) else {
      shapeError =
        shapeError
        ?? ShapeError(
          operation: op.spelling, expected: op.rule.operands.words, shapes: operands.map(\.shape))
      return constant(.nan)
    }
    if let known = folded(op, operands) ?? shortened(op, operands) ?? uniform(op, operands) {
      return known
    }
    let carrier = carrier(of: op, operands)
    let result = node(.apply(op, operands.map(\.index)), shape)
    carriers[result.index] = carrier?.index
    return result
  }

  /// The result of a `select` whose branch that is not taken has no gradient.
  func branch(_ operands: [Node]) -> Node {
    let result = apply(.select, operands)
    let choice = result.filling ?? result
    if choice.operation?.op == .select { branchings.insert(choice.index) }
    return result
  }

  /// What a program computes for a node: the node itself, or another that has its value.
  func computed(_ index: Int) -> Int { carriers[index].map(computed) ?? index }

  /// Everything that `outputs` are computed from, and themselves; operands come before their readers.
  public func nodes(behind outputs: [Node]) -> [Node] {
    let isNeeded = Graph.ancestors(
      of: outputs.map(\.index), operands: definitions.map(\.operands))
    return isNeeded.indices.filter { isNeeded[$0] }.map { Node(graph: self, index: $0) }
  }

  /// The definitions with computed operands in place of those that stand for them, values only.
  var computedDefinitions: [Definition] {
    definitions.map {
      guard case .apply(let op, let operands) = $0 else { return $0 }
      return .apply(op, operands.prefix(op.valueCount).map(computed))
    }
  }

  /// The index of the first element that a `slice` takes or a `pad` puts; 0 for anything else.
  func firstElement(of index: Int) -> Int {
    guard case .apply(let op, let operands) = definitions[index], op.hasFirstElement else {
      return 0
    }
    return Node(graph: self, index: operands[1]).wholeNumber ?? 0
  }

  /// For each node, whether it is one of `outputs` or one of them is computed from it.
  static func ancestors(of outputs: [Int], operands: [[Int]]) -> [Bool] {
    var isAncestor = [Bool](repeating: false, count: operands.count)
    for output in outputs { isAncestor[output] = true }
    for index in operands.indices.reversed() where isAncestor[index] {
      for operand in operands[index] { isAncestor[operand] = true }
    }
    return isAncestor
  }

  private func node(_ definition: Definition, _ shape: Shape) -> Node {
    precondition(shape.count > 0, "a value has at least one element")
    if let known = indices[definition] {
      precondition(shapes[known] == shape, "a name has one shape in a graph")
      return Node(graph: self, index: known)
    }
    definitions.append(definition)
    shapes.append(shape)
    indices[definition] = definitions.count - 1
    return Node(graph: self, index: definitions.count - 1)
  }

  private func folded(_ op: Op, _ operands: [Node]) -> Node? {
    let values = operands.compactMap(\.constantValue)
    guard values.count == operands.count else { return nil }
    if op == .power, let product = powerAsProduct(operands[0], values[1]) { return product }
    switch op.rule {
    case .unary(_, let function, _): return constant(function(values[0]))
    case .binary(_, let function, _): return constant(function(values[0], values[1]))
    case .ternary(_, let function, _):
      return constant(function(values[0], values[1], values[2]))
    case .array: return op == .withSlope ? operands[0] : nil
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
    case .power where constant == 0: return fill(self.constant(1), x.shape)
    case .power where constant == 1: return x
    case .select:
      if let condition = x.constantValue, operands[1].shape == operands[2].shape {
        return condition != 0 ? operands[1] : operands[2]
      }
    case .sum, .max: if x.shape == .scalar { return x }
    case .outer where x.constantValue == 1: return operands[1]
    default: break
    }
    return nil
  }

  /// Elementwise work on values whose elements are all the same is done once, on the scalar.
  private func uniform(_ op: Op, _ operands: [Node]) -> Node? {
    guard op.isElementwise, op.hasKernel else { return nil }
    let scalars = operands.map(\.filling)
    guard scalars.contains(where: { $0 != nil }) else { return nil }
    if operands.indices.allSatisfy({ scalars[$0] != nil || operands[$0].shape == .scalar }) {
      let shape = operands.first { $0.shape != .scalar }?.shape ?? .scalar
      return fill(apply(op, operands.indices.map { scalars[$0] ?? operands[$0] }), shape)
    }
    return apply(op, operands.indices.map { scalars[$0] ?? operands[$0] })
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
    case 0: fill(constant(1), x.shape)
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
  /// Which of its graph's nodes it is: nodes with the same index are one.
  public let index: Int

  var definition: Graph.Definition { graph.definitions[index] }

  /// How many numbers the node has a row, or the parameter altogether.
  public var shape: Shape { graph.shapes[index] }

  /// The scalar that all elements of the node are copies of, if it was made of one.
  var filling: Node? {
    guard case .apply(.fill, let operands) = definition else { return nil }
    return Node(graph: graph, index: operands[0])
  }

  /// The node that a program computes for this one: another where the two differ in their slopes alone.
  public var computed: Node { Node(graph: graph, index: graph.computed(index)) }

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
