import Autograd
import Formula
import Models
import Tables

/// What there is to say of a formula: who is who in it, its gradient and its program.
struct Explanation {
  private let binding: Binding

  /// The explanation of a formula, a preset or a loss; `columns` are those that `--columns` lists.
  init(of text: String, columns: [String]?) throws(Failure) {
    guard ModelLoss.isMeant(by: text) else {
      let request = try ModelRequest(model: text, loss: nil, modelFlag: "formula")
      binding = try Binding(request, columns: columns, modelFlag: "formula")
      return
    }
    if columns != nil {
      throw Failure(.usage, "--columns has no effect on '\(text)', which is a loss")
    }
    do throws(ModelLoss.Fault) {
      binding = try Binding(loss: ModelLoss(text), classCount: 3)
    } catch {
      throw Failure(error, of: text, flag: "formula")
    }
  }

  /// Lines of at most 80 columns.
  var text: String {
    var lines: [String]
    if let formula = binding.formula {
      let written = formula.text.map { $0.isNewline ? " " : String($0) }.joined()
      lines = Self.titled("formula", [written])
      if let number {
        return Self.text(lines + Self.titled("value", [number]))
      }
      lines += Self.titled("columns", columns)
      lines += Self.titled("parameters", parameters)
    } else {
      lines = Self.titled("loss", loss)
      lines += Self.titled("prediction", [prediction])
      lines += Self.titled("columns", columns)
    }
    lines += Self.titled("value", ["\(binding.shape)"])
    let gradients = binding.gradients
    if !gradients.isEmpty {
      let isScalar = binding.shape == .scalar
      lines += ["", "gradient of the \(isScalar ? "value" : "sum of the value")"]
      let names = gradients.map { "by \($0.name)" }
      let width = Swift.max(Self.titleWidth - 2, (names.map(\.count).max() ?? 0) + 2)
      for (name, gradient) in zip(names, gradients) {
        var parts = gradient.formula.wrapped(to: Self.lineWidth - 2 - width)
        // Longer ones nobody reads: the program says it better.
        if parts.count > 3 { parts = parts.prefix(2) + ["… as in the program"] }
        lines += parts.enumerated().map { "  " + ($0 == 0 ? name : "").padded(to: width) + $1 }
      }
    }
    lines += ["", "program of the value" + (gradients.isEmpty ? "" : " and its gradient")]
    for line in binding.listing.split(separator: "\n") {
      lines += line.wrapped(to: Self.lineWidth - 2, hanging: 4).map { "  " + $0 }
    }
    return Self.text(lines)
  }

  private static let lineWidth = 80
  private static let titleWidth = 12

  /// The value, if it depends on nothing.
  private var number: String? {
    guard let value = binding.constantValue else { return nil }
    let shape = binding.shape
    return (shape == .scalar ? "" : "\(shape): ")
      + value.map(\.shortestDecimal).joined(separator: " ")
  }

  /// The loss as it is spelled, and what it is.
  private var loss: [String] {
    guard let loss = binding.loss else { return [] }
    return [loss.text] + (loss.named.map { [$0.summary] } ?? [])
  }

  private var prediction: String {
    let shape = binding.predictionShape
    guard binding.loss?.named?.prediction == .scores else { return "\(shape)" }
    return "\(shape), one element per class; shown for \(shape.count) classes"
  }

  /// The columns one after another, then what is known of those with texts.
  private var columns: [String] {
    let schema = binding.roles.schema
    if schema.names.isEmpty { return ["none"] }
    let texts = schema.names.compactMap { name in
      schema.levels(of: name).map { texts in
        "\(name) holds texts; below, "
          + texts.enumerated().map { "\($0) is '\($1)'" }.joined(separator: ", ")
      }
    }
    return [schema.names.joined(separator: ", ")] + texts
  }

  /// Each parameter with its shape and start, then how many numbers they are.
  private var parameters: [String] {
    if binding.parameters.isEmpty { return ["none"] }
    let nameWidth = (binding.parameters.map(\.name.count).max() ?? 0) + 2
    let shapeWidth = (binding.parameters.map(\.shape.description.count).max() ?? 0) + 2
    let lines = binding.parameters.map {
      $0.name.padded(to: nameWidth) + $0.shape.description.padded(to: shapeWidth) + $0.start.words
    }
    let count = binding.parameterCount
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
