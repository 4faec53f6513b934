public import Autograd
internal import Formula

/// The steps of a computation, operands first, with values and gradients at a point.
public struct Computation: Sendable {
  /// One value on the way to the output.
  public struct Step: Sendable {
    /// What a value is.
    public enum Kind: Hashable, Sendable {
      case data, parameter
      case constant(Double)
      case operation
    }

    /// What it is.
    public let kind: Kind
    /// The name of an input, or how an operation is spelled; a square is `^2` of one operand.
    public let name: String
    /// The operands, by their indices in ``steps``.
    public let operands: [Int]
    /// At a point the elements of the value; nil for a constant.
    public fileprivate(set) var value: [Double]?
    /// At a point the elements of the output's gradient with respect to the value; nil for a constant.
    public fileprivate(set) var gradient: [Double]?
  }

  /// The values in the order in which they are computed.
  public private(set) var steps: [Step]
  /// The index of the prediction in ``steps``; nil if the output does not depend on it.
  public let prediction: Int?
  /// The index of the output in ``steps``.
  public var output: Int { steps.count - 1 }

  /// The steps of a binding.
  ///
  /// Operations that are there for slopes' sake alone are left out.
  fileprivate init(_ binding: Binding, _ nodes: [Node], _ passing: Passing) {
    let indices = Dictionary(uniqueKeysWithValues: zip(nodes.map(\.index), nodes.indices))
    let parameters = Set(binding.parameters.map(\.name))
    steps = nodes.map { node in
      let operation = node.squared == nil ? node.operation?.op.spelling : "^2"
      let kind: Step.Kind =
        if let value = node.constantValue { .constant(value) } else if operation != nil {
          .operation
        } else { parameters.contains(node.description) ? .parameter : .data }
      return Step(
        kind: kind, name: operation ?? node.description,
        operands: passing.operands(of: node).compactMap { indices[$0.index] })
    }
    prediction = indices[passing.shown(binding.prediction).index]
  }

  fileprivate mutating func set(values: [[Double]], gradients: [[Double]], of indices: [Int]) {
    for (index, (value, gradient)) in zip(indices, zip(values, gradients)) {
      steps[index].value = value
      steps[index].gradient = gradient
    }
  }
}

extension Binding {
  /// What the output is computed from, names only.
  public var computation: Computation {
    let passing = Passing(graph.nodes(behind: [output]))
    return Computation(self, passing.nodes(behind: output), passing)
  }

  /// What the output is computed from, with all values and gradients at a point.
  ///
  /// The point has a value for each column, by name, or the number of a text's level, and for parameters; layers
  /// whose parameters it does not name start as they do before training.
  public func computation<Scalar: Precision>(
    at point: [String: Double], as _: Scalar.Type = Scalar.self
  ) -> Computation {
    let passing = Passing(graph.nodes(behind: [output]))
    let nodes = passing.nodes(behind: output)
    var computation = Computation(self, nodes, passing)
    let shown = nodes.indices.filter { nodes[$0].constantValue == nil }
    let values = shown.map { nodes[$0] }
    let gradients = graph.gradients(of: output, withRespectTo: values)
    let given = parameters.compactMap { parameter in
      point[parameter.name].map { (parameter.name, GivenValues.Value.all($0)) }
    }
    guard let start = try? parameters.start(GivenValues(given)) else {
      preconditionFailure("one value for all elements fits any parameter")
    }
    let found = self.values(
      of: values + gradients, at: point, parameters: start.map { Scalar($0) }
    ).map { $0.map { Double($0) } }
    computation.set(
      values: Array(found.prefix(shown.count)), gradients: Array(found.dropFirst(shown.count)),
      of: shown)
    return computation
  }
}

/// Which nodes stand for others of the same value: `withSlope`, and within it `detach`.
///
/// A loss such as `huber` computes its value from detached operands and states its slope beside it. What a
/// formula detaches itself is none of that: it is computed before, so that the slope depends on it too.
private struct Passing {
  private let inner: Set<Int>

  init(_ nodes: [Node]) {
    var inner: Set<Int> = []
    for node in nodes where node.operation?.op == .withSlope {
      var value = node
      var causes: [Node] = []
      while let (op, operands) = value.operation, op == .withSlope {
        causes.append(operands[1])
        value = operands[0]
      }
      let graph = node.graph
      inner.formUnion(
        Set(graph.nodes(behind: [value]).map(\.index))
          .subtracting(graph.nodes(behind: causes).map(\.index)))
    }
    self.inner = inner
  }

  /// The node that a node stands for.
  func shown(_ node: Node) -> Node {
    var node = node
    while let (op, operands) = node.operation,
      op == .withSlope || op == .stopGradient && inner.contains(node.index)
    {
      node = operands[0]
    }
    return node
  }

  /// What is shown as the operands of a node, of a square what it is the square of.
  func operands(of node: Node) -> [Node] {
    (node.squared.map { [$0] } ?? node.operation?.operands ?? []).map(shown)
  }

  /// All that a node is computed from, and what it stands for itself, operands first.
  func nodes(behind output: Node) -> [Node] {
    let output = shown(output)
    var needed: Set = [output.index]
    let nodes = output.graph.nodes(behind: [output])
    for node in nodes.reversed() where needed.contains(node.index) {
      needed.formUnion(operands(of: node).map(\.index))
    }
    return nodes.filter { needed.contains($0.index) }
  }
}

extension Node {
  /// The node that this one is the square of, be it as a power or as a product.
  fileprivate var squared: Node? {
    guard let (op, operands) = operation else { return nil }
    let isSquare =
      op == .multiply && operands[0].index == operands[1].index
      || op == .power && operands[1].constantValue == 2
    return isSquare ? operands[0] : nil
  }
}
