extension Graph {
  /// The gradients of a scalar node with respect to others, appended to the graph as nodes.
  ///
  /// Reverse mode: one walk from `output` down to the inputs, with each operation's slope from the
  /// table of operations. The gradients are nodes like any others: differentiate them again for
  /// second derivatives. A node that `output` does not depend on has the constant gradient 0.
  public func gradients(of output: Node, withRespectTo nodes: [Node]) -> [Node] {
    precondition(output.graph === self, "gradients are taken of a node of the same graph")
    let isNeeded = dependents(of: nodes, upTo: output.index)
    var adjoints = [Int: Node]()
    adjoints[output.index] = constant(1)

    func add(_ contribution: Node?, to node: Node) {
      guard let contribution, isNeeded[node.index] else { return }
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
      }
    }
    return nodes.map { adjoints[$0.index] ?? constant(0) }
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
