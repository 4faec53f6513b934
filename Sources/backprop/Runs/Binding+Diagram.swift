import Formula
import Models
import Plotting
import Tables

extension Binding {
  /// The graph as boxes: with a point, each with its value and the output's gradient.
  func diagram(at point: Assignments?, precision: PrecisionName) -> Diagram {
    let computation = computation(at: point, precision: precision)
    var boxes = Boxes()
    for (index, step) in computation.steps.enumerated() {
      let note =
        index == computation.output
        ? outputName : index == computation.prediction ? Formula.predictionName : ""
      boxes.add(step, at: index, note: note, isOutput: index == computation.output)
    }
    var diagram = Diagram(boxes: boxes.list)
    diagram.documentTitle = "Computation graph of \(title)"
    diagram.summary = summary(of: computation, boxes.list, at: point)
    if point != nil {
      diagram.captions.append("above the name: value; below: gradient of the \(outputName)")
    }
    if boxes.list.contains(where: { $0.inputs.count > 1 && !["+", "*"].contains($0.name) }) {
      diagram.captions.append("operands enter from top to bottom")
    }
    return diagram
  }

  private func computation(at point: Assignments?, precision: PrecisionName) -> Computation {
    guard let point else { return computation }
    let values = Dictionary(uniqueKeysWithValues: point.values.map { ($0.name, $0.value) })
    return switch precision {
    case .float32: computation(at: values, as: Float.self)
    case .float64: computation(at: values, as: Double.self)
    }
  }

  private var title: String { loss?.text ?? formula?.text ?? "" }

  private var outputName: String { loss == nil ? Formula.predictionName : "loss" }

  /// What the picture shows, for those who cannot see it.
  private func summary(
    of computation: Computation, _ boxes: [Diagram.Box], at point: Assignments?
  ) -> String {
    let counts = Diagram.Kind.allCases.compactMap { kind -> String? in
      let count = boxes.count { $0.kind == kind }
      if count == 0 { return nil }
      return "\(count) \(kind.rawValue)\(count == 1 || kind == .data ? "" : "s")"
    }
    var text = "Computation graph of "
    text +=
      loss.map { "the loss \($0.text), where the prediction is \(formula?.text ?? "")" } ?? title
    text += "; boxes: " + counts.joined(separator: ", ") + "."
    guard let point, let last = boxes.last?.above else { return text }
    text += " At \(point.text) the \(outputName) is \(last)"
    let slopes = computation.steps.filter { $0.kind == .parameter }
      .map { "\($0.name) \($0.gradient.map(numbers) ?? "")" }
    return text + (slopes.isEmpty ? "." : "; gradients: \(slopes.joined(separator: ", ")).")
  }
}

/// Boxes of steps, operands first, with a box of its own for each use of a constant.
private struct Boxes {
  private(set) var list: [Diagram.Box] = []
  private var constants: [Int: Double] = [:]
  /// The boxes of steps, by the steps' indices.
  private var indices: [Int: Int] = [:]

  mutating func add(_ step: Computation.Step, at index: Int, note: String, isOutput: Bool) {
    let kind: Diagram.Kind
    switch step.kind {
    case .constant(let value):
      constants[index] = value
      // A formula of numbers alone is one box.
      if isOutput { addConstant(value) }
      return
    case .data: kind = .data
    case .parameter: kind = .parameter
    case .operation: kind = isOutput ? .output : .operation
    }
    var box = Diagram.Box(
      step.name, kind, note: step.kind == .operation ? note : "", above: step.value.map(numbers),
      below: step.gradient.map(numbers))
    for operand in step.operands {
      if let value = constants[operand] { addConstant(value) }
      box.inputs.append(indices[operand] ?? list.count - 1)
    }
    indices[index] = list.count
    list.append(box)
  }

  private mutating func addConstant(_ value: Double) {
    let text = number(value)
    list.append(Diagram.Box(text.hasSuffix(".0") ? String(text.dropLast(2)) : text, .constant))
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
