import Autograd
import Formula
import Models
import Tables

/// What there is to say of a formula: who is who in it, its gradient and its program.
struct Explanation {
  let graph: FormulaGraph

  /// Lines of at most 80 columns.
  var text: String {
    let value = graph.prediction
    let formula = graph.model.text.map { $0.isNewline ? " " : String($0) }.joined()
    var lines = Self.titled("formula", [formula])
    if let number {
      let text = value.shape == .scalar ? number : "\(value.shape): \(number)"
      return Self.text(lines + Self.titled("value", [text]))
    }
    lines += Self.titled("columns", columns)
    lines += Self.titled("parameters", parameters)
    lines += Self.titled("value", ["\(value.shape)"])

    let isScalar = value.shape == .scalar
    let output = isScalar || graph.parameters.isEmpty ? value : sum(value)
    let nodes = graph.parameters.map { value.graph.parameter($0.name, $0.shape) }
    let gradients = nodes.isEmpty ? [] : value.graph.gradients(of: output, withRespectTo: nodes)
    if !gradients.isEmpty {
      lines += ["", "gradient of the \(isScalar ? "value" : "sum of the value")"]
      let names = graph.parameters.map { "by \($0.name)" }
      let width = Swift.max(Self.titleWidth - 2, (names.map(\.count).max() ?? 0) + 2)
      for (name, gradient) in zip(names, gradients) {
        var parts = gradient.description.wrapped(to: Self.lineWidth - 2 - width)
        // Longer ones nobody reads: the program says it better.
        if parts.count > 3 { parts = parts.prefix(2) + ["… as in the program"] }
        lines += parts.enumerated().map { "  " + ($0 == 0 ? name : "").padded(to: width) + $1 }
      }
    }
    lines += ["", "program of the value" + (gradients.isEmpty ? "" : " and its gradient")]
    let listing = graph.program(of: [output] + gradients).description
    for line in listing.split(separator: "\n") {
      lines += line.wrapped(to: Self.lineWidth - 2, hanging: 4).map { "  " + $0 }
    }
    return Self.text(lines)
  }

  private static let lineWidth = 80
  private static let titleWidth = 12

  /// The value, if it depends on nothing.
  private var number: String? {
    guard graph.columns.isEmpty, graph.parameters.isEmpty else { return nil }
    let values = graph.values(of: [graph.prediction], at: .none, precision: .float64)
    return values[0].map(\.shortestDecimal).joined(separator: " ")
  }

  /// The columns one after another, then what is known of those with texts.
  private var columns: [String] {
    if graph.columns.isEmpty { return ["none"] }
    let texts = graph.columns.compactMap { name in
      graph.texts[name].map { texts in
        "\(name) holds texts; below, "
          + texts.enumerated().map { "\($0) is '\($1)'" }.joined(separator: ", ")
      }
    }
    return [graph.columns.joined(separator: ", ")] + texts
  }

  /// Each parameter with its shape and start, then how many numbers they are.
  private var parameters: [String] {
    if graph.parameters.isEmpty { return ["none"] }
    let nameWidth = (graph.parameters.map(\.name.count).max() ?? 0) + 2
    let shapeWidth = (graph.parameters.map(\.shape.description.count).max() ?? 0) + 2
    let lines = graph.parameters.map {
      $0.name.padded(to: nameWidth) + $0.shape.description.padded(to: shapeWidth) + $0.start.words
    }
    let count = graph.parameters.reduce(0) { $0 + $1.shape.count }
    return lines + (count > lines.count ? ["\(count) numbers in all"] : [])
  }

  private static func titled(_ title: String, _ entries: [String]) -> [String] {
    entries.flatMap { $0.wrapped(to: lineWidth - titleWidth) }.enumerated().map {
      ($0 == 0 ? title : "").padded(to: titleWidth) + $1
    }
  }

  private static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }
}

extension Parameter.Start {
  fileprivate var words: String {
    switch self {
    case .value(let value): "starts at \(brief(value))"
    case .uniform(let bound): "starts within ±\(brief(bound))"
    }
  }
}
