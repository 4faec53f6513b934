extension Graph {
  /// The gradients of a scalar node with respect to others, appended to the graph as nodes.
  ///
  /// This is reverse mode: one walk from `output` down to the inputs, with the slope of each operation from the
  /// table of operations. The gradients are nodes like any others; differentiate them again for second derivatives.
  /// Each has the shape of its node. The gradient of a node that `output` does not depend on is the constant 0.
  ///
  /// A branch of ``branch(_:_:else:)`` that is not taken adds nothing, even where its own slopes are infinite: the
  /// gradient is masked where it leaves the branch, which is at nodes that are also used outside, at `nodes`, and
  /// where elements are joined.
  public func gradients(of output: Node, withRespectTo nodes: [Node]) -> [Node] {
    precondition(output.graph === self, "gradients are taken of a node of the same graph")
    precondition(output.shape == .scalar, "gradients are taken of a scalar")
    let isNeeded = dependents(of: nodes, upTo: output.index)
    var adjoints = [Int: Adjoint]()
    adjoints[output.index] = Adjoint(value: constant(1))

    func pass(_ contribution: Node?, _ choices: [Choice], to node: Node) {
      guard let contribution, isNeeded[node.index] else { return }
      var found = Adjoint(value: contribution, choices: choices)
      if node.shape != contribution.shape {
        // A scalar was broadcast over elements, or all elements share a slope.
        found = found.settlingElements()
        found.value = node.shape == .scalar ? sum(found.value) : fill(found.value, node.shape)
      }
      adjoints[node.index] =
        adjoints[node.index]?.joined(found, isEnd: node.operation == nil) ?? found
    }

    for index in stride(from: output.index, through: 0, by: -1) where isNeeded[index] {
      let z = Node(graph: self, index: index)
      guard var adjoint = adjoints[index], let (op, operands) = z.operation else { continue }
      if branchings.contains(index) {
        for (isTaken, operand) in [(true, operands[1]), (false, operands[2])] {
          pass(adjoint.value, adjoint.choices(with: operands[0], isTaken), to: operand)
        }
        continue
      }
      if !op.isElementwise { adjoint = adjoint.settlingElements() }
      let g = adjoint.value
      func add(_ contribution: Node?, to node: Node) {
        pass(contribution, adjoint.choices, to: node)
      }
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
    return nodes.map { adjoints[$0.index]?.settled() ?? fill(constant(0), $0.shape) }
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

/// A choice between two branches, and which of them a gradient comes through.
private struct Choice {
  let condition: Node
  let isTaken: Bool

  func isSame(as other: Choice) -> Bool {
    condition.index == other.condition.index && isTaken == other.isTaken
  }

  /// 1 where all of some choices fall on the branch that the gradient comes through, else 0.
  static func areMet(_ choices: [Choice]) -> Node {
    let met = choices.map { $0.isTaken ? 1 - ($0.condition == 0) : $0.condition == 0 }
    return met.dropFirst().reduce(met[0], *)
  }
}

/// The gradient that has reached a node, and the choices on all its ways from the output: where one of
/// them falls on the other branch, the gradient is 0 whatever `value` says.
private struct Adjoint {
  var value: Node
  var choices: [Choice] = []

  func choices(with condition: Node, _ isTaken: Bool) -> [Choice] {
    let choice = Choice(condition: condition, isTaken: isTaken)
    return choices.contains(where: choice.isSame) ? choices : choices + [choice]
  }

  /// The gradient, 0 where a choice says so.
  func settled() -> Node {
    choices.reduce(value) { value, choice in
      let zero = value.graph.constant(0)
      return choice.isTaken
        ? branch(choice.condition, value, else: zero) : branch(choice.condition, zero, else: value)
    }
  }

  /// The same with only those choices left that `isKept` says.
  private func settling(but isKept: (Choice) -> Bool) -> Adjoint {
    let others = Adjoint(value: value, choices: choices.filter { !isKept($0) })
    return Adjoint(value: others.settled(), choices: choices.filter(isKept))
  }

  /// The same without choices that are made for each element, which must not be joined before.
  func settlingElements() -> Adjoint { settling { $0.condition.shape == .scalar } }

  /// The sum, under the choices that both have, and where one of the others is met.
  ///
  /// What the sum does not go on from, as `isEnd` says, needs no more than its value.
  func joined(_ other: Adjoint, isEnd: Bool) -> Adjoint {
    let ours = settling { choice in other.choices.contains(where: choice.isSame) }
    let theirs = other.settling { choice in choices.contains(where: choice.isSame) }
    var sum = Adjoint(value: ours.value + theirs.value, choices: ours.choices)
    let own = choices.filter { choice in !sum.choices.contains(where: choice.isSame) }
    let others = other.choices.filter { choice in !sum.choices.contains(where: choice.isSame) }
    let areOpposite =
      own.count == 1 && others.count == 1 && own[0].condition.index == others[0].condition.index
    if !isEnd, !own.isEmpty, !others.isEmpty, !areOpposite {
      let isReached = maximum(Choice.areMet(own), Choice.areMet(others))
      sum.choices.append(Choice(condition: isReached, isTaken: true))
    }
    return sum
  }
}
