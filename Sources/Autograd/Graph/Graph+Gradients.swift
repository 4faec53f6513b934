extension Graph {
  /// The gradients of a scalar node with respect to others, appended to the graph as nodes.
  ///
  /// Reverse mode: one walk from `output` down to the inputs, with each operation's slope from the
  /// table of operations. The gradients are nodes like any others: differentiate them again for
  /// second derivatives. A gradient has its node's shape;
  /// that of a node which `output` does not depend on is the constant 0.
  public func gradients(of output: Node, withRespectTo nodes: [Node]) -> [Node] {
    precondition(output.graph === self, "gradients are taken of a node of the same graph")
    precondition(output.shape == .scalar, "gradients are taken of a scalar")
    let isNeeded = dependents(of: nodes, upTo: output.index)
    var adjoints = [Int: Node]()
    adjoints[output.index] = constant(1)

    func add(_ contribution: Node?, to node: Node) {
      guard var contribution, isNeeded[node.index] else { return }
      if node.shape != contribution.shape {
        // A scalar was broadcast over elements, or all elements share a slope.
        contribution = node.shape == .scalar ? sum(contribution) : fill(contribution, node.shape)
      }
      adjoints[node.index] = adjoints[node.index].map { $0 + contribution } ?? contribution
    }

    for index in stride(from: output.index, through: 0, by: -1) where isNeeded[index] {
      let z = Node(graph: self, index: index)
      guard let g = adjoints[index], let (op, operands) = z.operation else { continue }
      switch op.rule {
      case .unary(_, _, let slope):
        add(slope(operands[0], z, g), to: operands[0])
      case .binary(_, _, let slopes):
        let (dx, dy) = slopes(operands[0], operands[1], z, g)
        add(dx, to: operands[0])
        add(dy, to: operands[1])
      case .ternary(_, _, let slopes):
        let (dx, dy, dz) = slopes(operands, g)
        add(dx, to: operands[0])
        add(dy, to: operands[1])
        add(dz, to: operands[2])
      case .array(_, _, _, let slopes):
        for (slope, operand) in zip(slopes(operands, z, g), operands) { add(slope, to: operand) }
      }
    }
    return nodes.map { adjoints[$0.index] ?? fill(constant(0), $0.shape) }
  }

  /// For each node up to `last`, whether it is one of `nodes` or computed from one.
  private func dependents(of nodes: [Node], upTo last: Int) -> [Bool] {
    var depends = [Bool](repeating: false, count: last + 1)
    for node in nodes where node.index <= last { depends[node.index] = true }
    for index in 0...last {
      if case .apply(_, let operands) = definitions[index],
        operands.contains(where: { depends[$0] })
      {
        depends[index] = true
      }
    }
    return depends
  }
}
