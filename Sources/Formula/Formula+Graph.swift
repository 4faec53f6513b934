public import Autograd

extension Formula {
  /// Adds the formula to the graph of a scope.
  ///
  /// Throws if a name has no meaning in the scope, or if shapes do not fit.
  public func node(in scope: inout Scope) throws(FormulaError) -> Node {
    let multipliedNames = multipliedNames
    var stack: [Value] = []
    for (stepIndex, step) in steps.enumerated() {
      let operands = Array(stack.suffix(step.kind.operandCount))
      stack.removeLast(operands.count)
      var value = try value(of: step, operands, at: stepIndex, in: &scope)
      if case .parameter(let name, _) = value, !multipliedNames.contains(name) {
        value = .node(try node(value, in: &scope))
      }
      stack.append(value)
      if let error = scope.graph.shapeError {
        throw FormulaError(.shapes(error), in: text, at: step.range)
      }
    }
    precondition(stack.count == 1, "a formula that was read has one value")
    return try node(stack[0], in: &scope)
  }

  /// Appends the formula, whose value must be a scalar, to a graph.
  ///
  /// `resolve` gives the node of each name in ``names``.
  public func node(
    in graph: Graph, resolve: @escaping (String) -> Node
  ) throws(FormulaError) -> Node {
    var scope = Scope(graph, allowsLayers: false) { .value(resolve($0)) }
    return try scalar(in: &scope)
  }

  /// As ``node(in:)``, of a formula whose value must be a scalar.
  public func scalar(in scope: inout Scope) throws(FormulaError) -> Node {
    let result = try node(in: &scope)
    guard result.shape == .scalar else {
      throw FormulaError(.notScalar(result.shape), in: text, at: 0..<text.utf8.count)
    }
    return result
  }

  /// What stands on the stack while a formula is built, and the part of the text that it comes from.
  private enum Value {
    case node(Node)
    case text(String, Range<Int>)
    case textColumn(Node, levels: [String], name: String, Range<Int>)
    /// A parameter whose shape is not known before it is used.
    case parameter(String, stepIndex: Int)
  }

  private func value(
    of step: Step, _ operands: [Value], at stepIndex: Int, in scope: inout Scope
  ) throws(FormulaError) -> Value {
    switch step.kind {
    case .number(let value): return .node(scope.graph.constant(value))
    case .text(let text): return .text(text, step.range)
    case .name(let name, let isQuoted):
      return try meaning(of: name, isQuoted: isQuoted, step.range, at: stepIndex, in: scope)
    case .combine(let op):
      if let node = try textComparison(op, operands) { return .node(node) }
      return .node(op.body(try nodes(operands, in: &scope)))
    case .choice:
      let nodes = try nodes(operands, in: &scope)
      return .node(branch(nodes[0], nodes[1], else: nodes[2]))
    case .call(let function, let count):
      if function.name == Op.dot.spelling { declare(operands, in: &scope) }
      let nodes = try nodes(operands, in: &scope)
      if function.joinsElements, count == 1, nodes[0].shape == .scalar,
        let column = lonelyColumn(ofStep: stepIndex, in: scope)
      {
        throw FormulaError(
          .oneNumberPerRow(function.name, column: column), in: text, at: step.range)
      }
      return .node(function(nodes))
    case .concat: return .node(concat(try nodes(operands, in: &scope)))
    case .layer(let layer, _):
      let nodes = try nodes(operands, in: &scope)
      return .node(try build(layer, nodes, step.range, at: stepIndex, in: &scope))
    }
  }

  private func meaning(
    of name: String, isQuoted: Bool, _ range: Range<Int>, at stepIndex: Int, in scope: Scope
  ) throws(FormulaError) -> Value {
    let isPi = !isQuoted && Formula.isConstant(name)
    switch scope.meaning(name) {
    case .value(let node): return .node(node)
    case .text(let node, let levels): return .textColumn(node, levels: levels, name: name, range)
    case .parameter where isQuoted:
      throw FormulaError(.unknownColumn(name, suggestion: nil), in: text, at: range)
    case .parameter where isPi, nil where isPi: return .node(scope.graph.constant(.pi))
    case .parameter: return .parameter(name, stepIndex: stepIndex)
    case nil: throw FormulaError(.unknownName(name, suggestion: nil), in: text, at: range)
    }
  }

  /// The column that the operand of a step is computed from, if nothing in it can be a vector.
  private func lonelyColumn(ofStep index: Int, in scope: Scope) -> String? {
    var column: String?
    for step in operands(ofStep: index).joined().map({ steps[$0] }) {
      switch step.kind {
      case .concat, .layer, .name(Formula.inputsName, _), .name(Formula.predictionName, _):
        return nil
      case .name(let name, _):
        if case .value(let node)? = scope.meaning(name), node.constantValue == nil {
          column = column ?? name
        }
      default: break
      }
    }
    return column
  }

  /// The names that are themselves operands of a `dot`, which may make them vectors.
  private var multipliedNames: Set<String> {
    var names: Set<String> = []
    var stack: [String?] = []
    for step in steps {
      let operands = stack.suffix(step.kind.operandCount)
      if case .call(let function, _) = step.kind, function.name == Op.dot.spelling {
        names.formUnion(operands.compactMap(\.self))
      }
      stack.removeLast(operands.count)
      if case .name(let name, _) = step.kind { stack.append(name) } else { stack.append(nil) }
    }
    return names
  }

  /// Gives a parameter that is multiplied with a vector the vector's shape.
  private func declare(_ operands: [Value], in scope: inout Scope) {
    for (own, other) in [(0, 1), (1, 0)] {
      if case .parameter(let name, let stepIndex) = operands[own],
        case .node(let vector) = operands[other]
      {
        _ = scope.parameter(name, vector.shape, at: stepIndex)
      }
    }
  }

  /// `column == 'text'` or `!=`; nil if no text is involved.
  private func textComparison(
    _ op: Operator, _ operands: [Value]
  ) throws(FormulaError) -> Node? {
    guard op.comparesTexts else { return nil }
    switch (operands[0], operands[1]) {
    case (.textColumn(let node, let levels, let name, _), .text(let level, let range)),
      (.text(let level, let range), .textColumn(let node, let levels, let name, _)):
      guard let code = levels.firstIndex(of: level) else {
        let suggestion = closest(to: level, in: levels)
        throw FormulaError(
          .unknownLevel(level, column: name, suggestion: suggestion), in: text, at: range)
      }
      return op.body([node, node.graph.constant(Double(code))])
    default: return nil
    }
  }

  private func nodes(
    _ values: [Value], in scope: inout Scope
  ) throws(FormulaError) -> [Node] {
    var nodes: [Node] = []
    for value in values { nodes.append(try node(value, in: &scope)) }
    return nodes
  }

  private func node(_ value: Value, in scope: inout Scope) throws(FormulaError) -> Node {
    switch value {
    case .node(let node): return node
    case .parameter(let name, let stepIndex): return scope.parameter(name, at: stepIndex)
    case .text(let content, let range):
      throw FormulaError(.uncomparedText(content), in: text, at: range)
    case .textColumn(_, _, let name, let range):
      throw FormulaError(.uncomparedColumn(name), in: text, at: range)
    }
  }

  private func build(
    _ layer: Layer, _ operands: [Node], _ range: Range<Int>, at stepIndex: Int,
    in scope: inout Scope
  ) throws(FormulaError) -> Node {
    guard scope.allowsLayers else {
      throw FormulaError(.misplacedLayer(layer.name), in: text, at: range)
    }
    let constants = operands.dropFirst().compactMap(\.constantValue)
    guard constants.count == operands.count - 1 else {
      throw FormulaError(.argumentNotConstant(layer.name), in: text, at: range)
    }
    if let complaint = constants.isEmpty ? nil : layer.complaint(constants) {
      throw FormulaError(.badArgument(layer.name, complaint: complaint), in: text, at: range)
    }
    let isSuitable =
      switch operands[0].shape {
      case .scalar: !layer.takesVector
      case .vector: true
      case .matrix: false
      }
    guard isSuitable else {
      let error = ShapeError(
        operation: layer.name, expected: "a vector", shapes: [operands[0].shape])
      throw FormulaError(.shapes(error), in: text, at: range)
    }
    let result = layer.body(operands[0], constants, &scope, stepIndex)
    guard scope.weightCount <= Formula.mostWeights else {
      throw FormulaError(.tooManyWeights, in: text, at: range)
    }
    return result
  }
}
