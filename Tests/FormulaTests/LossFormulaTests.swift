import Autograd
import Foundation
import Testing

@testable import Formula

/// PyTorch's losses written as formulas, with PyTorch's values and gradients.
@Suite struct LossFormulaTests {
  /// The losses of losses.json by their names; `input` is a vector where it scores classes.
  static let formulas = [
    "mse": "(input - target)^2",
    "l1": "abs(input - target)",
    "huber_1.0": huber("1"), "huber_0.5": huber("0.5"),
    "smooth_l1_1.0": smoothL1("1"), "smooth_l1_0.5": smoothL1("0.5"),
    "log_cosh": "input - target + softplus(-2*(input - target)) - log(2)",
    "pinball_0.5": pinball("0.5"), "pinball_0.1": pinball("0.1"), "pinball_0.9": pinball("0.9"),
    "bce": "-target*maximum(log(input), -100) - (1 - target)*maximum(log(1 - input), -100)",
    "bce_with_logits": "(1 - target)*input + log1p(exp(-abs(input))) + maximum(-input, 0)",
    "cross_entropy_0.0": "-pick(log_softmax(input), target)",
    "cross_entropy_0.1":
      "-0.9*pick(log_softmax(input), target) - 0.1*mean(log_softmax(input))",
    "nll": "-pick(input, target)",
    // The target's own term is 1, whatever its score.
    "multi_margin_p1": "(sum(relu(1 - pick(input, target) + input)) - 1)/sum(0*input + 1)",
    "multi_margin_p2": "(sum(relu(1 - pick(input, target) + input)^2) - 1)/sum(0*input + 1)",
    "hinge": "relu(1 - target*input)",
    "squared_hinge": "relu(1 - target*input)^2",
    "poisson_nll_log": "exp(input) - target*input",
    "poisson_nll_log_full": "exp(input) - target*input + \(stirling)",
    "poisson_nll_rate": "input - target*log(input + 1e-8)",
    "poisson_nll_rate_full": "input - target*log(input + 1e-8) + \(stirling)",
    "gaussian_nll": "(log(`var`) + (input - target)^2/`var`)/2",
    "gaussian_nll_full": "(log(`var`) + (input - target)^2/`var` + log(2*pi))/2",
  ]

  private static func huber(_ delta: String) -> String {
    "abs(input - target) <= \(delta) ? (input - target)^2/2 "
      + ": \(delta)*(abs(input - target) - \(delta)/2)"
  }

  private static func smoothL1(_ beta: String) -> String {
    "abs(input - target) < \(beta) ? (input - target)^2/(2*\(beta)) "
      + ": abs(input - target) - \(beta)/2"
  }

  private static func pinball(_ quantile: String) -> String {
    "maximum(\(quantile)*(target - input), (\(quantile) - 1)*(target - input))"
  }

  private static let stirling =
    "(target > 1 ? target*log(target) - target + log(2*pi*target)/2 : 0)"

  /// A number as the fixtures write it: JSON's, or the text of an infinity or nan.
  struct Number: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      value =
        if let text = try? container.decode(String.self) { Double(text) ?? .nan } else {
          try container.decode(Double.self)
        }
    }
  }

  struct Loss: Decodable, Sendable, CustomTestStringConvertible {
    struct Tensor: Decodable, Sendable { let data: [Number] }
    struct Case: Decodable, Sendable {
      let id, dtype, kind, reduction: String
      let inputs, grads: [String: Tensor]
      let value: Number
    }
    let name: String
    let cases: [Case]

    var testDescription: String { name }

    static func all() throws -> [Loss] {
      struct File: Decodable { let losses: [Loss] }
      let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
      let file = tests.appendingPathComponent("AutogradTests/Fixtures/losses.json")
      return try JSONDecoder().decode(File.self, from: Data(contentsOf: file)).losses
    }
  }

  @Test(arguments: try Loss.all())
  func `a loss as a formula has PyTorch's values and gradients`(loss: Loss) throws {
    let formula = try Formula(try #require(Self.formulas[loss.name]))
    // At kinks and beyond a formula follows its own operations.
    let ordinary = loss.cases.filter { $0.kind == "ordinary" }
    #expect(!ordinary.isEmpty)
    for example in ordinary {
      switch example.dtype {
      case "float32": try check(formula, example, as: Float.self)
      default: try check(formula, example, as: Double.self)
      }
    }
  }

  private func check<Scalar: Precision>(
    _ formula: Formula, _ example: Loss.Case, as _: Scalar.Type
  ) throws {
    let graph = Graph()
    let names = ["input", "target", "var"].filter { example.inputs[$0] != nil }
    let values = names.map { name in example.inputs[name]?.data.map(\.value) ?? [] }
    let rows = try #require(example.inputs["target"]).data.count
    let columns = zip(names, values).map { name, values in
      values.count == rows
        ? graph.column(name) : graph.column(name, count: values.count / rows)
    }
    let byName = Dictionary(uniqueKeysWithValues: zip(names, columns))
    let output = try formula.node(in: graph) { byName[$0] ?? graph.constant(.nan) }
    let wanted = names.filter { example.grads[$0] != nil }
    let gradients = graph.gradients(of: output, withRespectTo: wanted.compactMap { byName[$0] })
    let data = Columns<Scalar>(
      values.flatMap { values in
        let width = values.count / rows
        return (0..<width).map { index in (0..<rows).map { values[$0 * width + index] } }
      })
    var executor = Executor<Scalar>(
      Program(outputs: [output] + gradients, columns: columns, parameters: []), batchRows: rows)

    let found = (0..<rows).map { executor.values(ofRow: $0, in: data, parameters: []) }
    let divisor = example.reduction == "mean" ? Double(rows) : 1
    var loss = 0.0
    var slopes = wanted.map { _ in [Double]() }
    for row in found {
      loss += Double(row[0]) / divisor
      var first = 1
      for (index, gradient) in gradients.enumerated() {
        slopes[index] += row[first..<first + gradient.shape.count].map { Double($0) / divisor }
        first += gradient.shape.count
      }
    }
    compare([loss], [example.value.value], "value", example, Scalar.self)
    for (name, slopes) in zip(wanted, slopes) {
      let expected = try #require(example.grads[name]).data.map(\.value)
      compare(slopes, expected, "gradient by \(name)", example, Scalar.self)
    }
  }

  private func compare<Scalar: Precision>(
    _ found: [Double], _ expected: [Double], _ what: String, _ example: Loss.Case, _: Scalar.Type
  ) {
    let largest = expected.reduce(1) { max($0, abs($1)) }
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      #expect(
        abs(found - expected) <= 16 * Double(Scalar.ulpOfOne) * largest,
        "\(example.id) \(what): \(found), PyTorch has \(expected)")
    }
  }
}
