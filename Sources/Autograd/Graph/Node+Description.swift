extension Node: CustomStringConvertible {
  /// The node as a formula, with no more parentheses than it needs.
  ///
  /// What lies more than 50 operations deep, or comes after 200 operations, is written `…`: a node that
  /// is used twice is written twice, so that a small graph can be a very long formula.
  public var description: String {
    var budget = 200
    return written(depth: 50, &budget).text
  }

  /// A number as formulas have it.
  static func written(_ value: Double) -> String {
    let isWhole = value == value.rounded() && value.magnitude < 1e15
    if value == 0 && value.sign == .minus { return "-0" }
    return isWhole ? "\(Int64(value))" : "\(value)"
  }

  /// The formula and how tightly its outermost operator binds.
  private func written(depth: Int, _ budget: inout Int) -> (text: String, binding: Int) {
    if depth == 0 || budget == 0 { return ("…", 5) }
    switch definition {
    case .constant(let bits):
      let value = Double(bitPattern: bits)
      return (Node.written(value), value.sign == .minus ? 3 : 5)
    case .parameter(let name): return (name, 5)
    case .column(let name):
      return (
        isPlain(name)
          ? name
          : "`\(name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`",
        5
      )
    case .apply(let op, let indices):
      budget -= 1
      var operands: [(text: String, binding: Int)] = []
      for index in indices {
        operands.append(Node(graph: graph, index: index).written(depth: depth - 1, &budget))
      }
      func operand(_ position: Int, atLeast binding: Int) -> String {
        let (text, own) = operands[position]
        return own < binding ? "(\(text))" : text
      }
      let binding = op.binding
      switch op {
      // What is filled with copies of a scalar is written as the scalar, as formulas have it.
      case .withSlope, .fill: return operands[0]
      case .negate: return ("-" + operand(0, atLeast: binding), binding)
      case .power: return (operand(0, atLeast: 5) + "^" + operand(1, atLeast: binding), binding)
      case .multiply, .divide:
        let text = operand(0, atLeast: binding) + op.spelling + operand(1, atLeast: binding + 1)
        return (text, binding)
      case _ where op.isFunction:
        return ("\(op.spelling)(\(operands.map(\.text).joined(separator: ", ")))", binding)
      default:
        // Sums group to the left; comparisons do not chain.
        let left = operand(0, atLeast: binding == 0 ? 1 : binding)
        return ("\(left) \(op.spelling) \(operand(1, atLeast: binding + 1))", binding)
      }
    }
  }
}

/// Whether formulas can have a name without quotes.
private func isPlain(_ name: String) -> Bool {
  func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
  return name.allSatisfy { $0.isLetter || isDigit($0) || $0 == "_" }
    && name.first.map { !isDigit($0) } == true && Function.named[name] == nil && name != "pi"
}

extension Op {
  /// How tightly the operation binds when it is written, from comparisons (0) to calls (5).
  fileprivate var binding: Int {
    switch self {
    case .equal, .less, .lessOrEqual: 0
    case .add, .subtract: 1
    case .multiply, .divide: 2
    case .negate: 3
    case .power: 4
    default: 5
    }
  }
}
