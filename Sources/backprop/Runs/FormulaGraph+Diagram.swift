import Autograd
import Formula
import Models
import Plotting
import Tables

extension FormulaGraph {
  /// The graph as boxes: with a point, each with its value and the output's gradient.
  func diagram(at point: Assignments?, precision: PrecisionName) -> Diagram {
    let nodes = output.graph.nodes(behind: [output]).filter { $0.constantValue == nil }
    var above: [String?] = nodes.map { _ in nil }
    var below = above
    if let point {
      let gradients = output.graph.gradients(of: output, withRespectTo: nodes)
      let values = values(of: nodes + gradients, at: point, precision: precision).map(numbers)
      above = Array(values.prefix(nodes.count))
      below = Array(values.dropFirst(nodes.count))
    }
    var boxes = Boxes()
    for (position, node) in nodes.enumerated() {
      boxes.add(node, box(of: node, above: above[position], below: below[position]))
    }
    // A formula of numbers alone is one box.
    if boxes.list.isEmpty { boxes.addConstant(output) }
    var diagram = Diagram(boxes: boxes.list)
    diagram.documentTitle = "Computation graph of \(loss?.text ?? model.text)"
    diagram.summary = summary(of: boxes.list, gradients: zip(nodes, below), at: point)
    if point != nil {
      diagram.captions.append("above the name: value; below: gradient of the \(outputName)")
    }
    if boxes.list.contains(where: { $0.inputs.count > 1 && !["+", "*"].contains($0.name) }) {
      diagram.captions.append("operands enter from top to bottom")
    }
    return diagram
  }

  private func isParameter(_ node: Node) -> Bool {
    parameters.contains { $0.name == node.description }
  }

  private var outputName: String { loss == nil ? Model.predictionName : "loss" }

  private func box(of node: Node, above: String?, below: String?) -> Diagram.Box {
    let isOutput = node.index == output.index
    let note = isOutput ? outputName : node.index == prediction.index ? Model.predictionName : ""
    guard let (op, _) = node.operation else {
      let kind: Diagram.Kind = isParameter(node) ? .parameter : .data
      return Diagram.Box(node.description, kind, above: above, below: below)
    }
    return Diagram.Box(
      node.squared == nil ? op.spelling : "^2", isOutput ? .output : .operation, note: note,
      above: above, below: below)
  }

  /// What the picture shows, for those who cannot see it.
  private func summary(
    of boxes: [Diagram.Box], gradients: some Sequence<(Node, String?)>, at point: Assignments?
  ) -> String {
    let counts = Diagram.Kind.allCases.compactMap { kind -> String? in
      let count = boxes.count { $0.kind == kind }
      if count == 0 { return nil }
      return "\(count) \(kind.rawValue)\(count == 1 || kind == .data ? "" : "s")"
    }
    var text = "Computation graph of "
    text += loss.map { "the loss \($0.text), where the prediction is \(model.text)" } ?? model.text
    text += "; boxes: " + counts.joined(separator: ", ") + "."
    guard let point, let last = boxes.last?.above else { return text }
    text += " At \(point.text) the \(outputName) is \(last)"
    let slopes = gradients.filter { $0.0.operation == nil && isParameter($0.0) }
      .map { "\($0.0) \($0.1 ?? "")" }
    return text + (slopes.isEmpty ? "." : "; gradients: \(slopes.joined(separator: ", ")).")
  }
}

/// Boxes of nodes, operands first, with a box of its own for each use of a constant.
private struct Boxes {
  private(set) var list: [Diagram.Box] = []
  private var places: [Int: Int] = [:]

  mutating func add(_ node: Node, _ box: Diagram.Box) {
    var box = box
    let operands = node.squared.map { [$0] } ?? node.operation?.operands ?? []
    for operand in operands {
      if operand.constantValue != nil { addConstant(operand) }
      box.inputs.append(places[operand.index] ?? list.count - 1)
    }
    places[node.index] = list.count
    list.append(box)
  }

  mutating func addConstant(_ node: Node) {
    let text = number(node.constantValue ?? .nan)
    list.append(Diagram.Box(text.hasSuffix(".0") ? String(text.dropLast(2)) : text, .constant))
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

/// A number, or the first few of a vector's in brackets.
private func numbers(_ elements: [Double]) -> String {
  if elements.count == 1 { return number(elements[0]) }
  let some = elements.prefix(3).map { brief($0, digits: 3) } + (elements.count > 3 ? ["…"] : [])
  return "[\(some.joined(separator: ", "))]"
}

/// A number as Python prints it if that is short, else to six significant digits.
private func number(_ value: Double) -> String {
  let text = value.shortestDecimal
  return text.utf8.count <= 9 ? text : brief(value, digits: 6)
}
