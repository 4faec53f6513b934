import Autograd
import Formula
import Foundation
import Tables
import Testing

@testable import Models

/// A model that is exported, and the table whose rows it is compared on.
struct ExportCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let formula: String
  var loss = "mse"
  var target = "y"
  var features: [String]?
  var standardization: Standardization?
  var isDouble = false
  /// The parameters' numbers; nil for any.
  var parameters: [Double]?
  var rows = Self.rows

  static let rows = """
    a,b,kind,it's,class,y
    1,0.5,red,u,0,3
    2.5,-1,blue,v,1,1
    -4,2,red,w,1,2
    0.25,7,"gr""een?",u,0,5
    8,-3,blue,v,1,0.5

    """

  private static func sample(_ name: String) -> String {
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = repository.appendingPathComponent("samples/\(name)")
    return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }

  static let all = [
    ExportCase(
      testDescription: "iris",
      formula: "inputs |> dense(8) |> layerNorm |> relu |> dropout(0.3) |> dense(classes)",
      loss: "cross-entropy", target: "species", standardization: .inputs,
      rows: sample("iris.csv")),
    ExportCase(
      testDescription: "diabetes", formula: "inputs |> dense(1)", target: "progression",
      standardization: .all,
      // As least squares has them.
      parameters: [
        -0.00619, -0.14814, 0.32111, 0.20034, -0.48936, 0.29456, 0.06242, 0.10931, 0.4641, 0.04177,
        0,
      ],
      rows: sample("diabetes.csv")),
    ExportCase(testDescription: "where", formula: "where(a > q, p*a^2, r - b/a)"),
    ExportCase(
      testDescription: "where in float64", formula: "where(a > q, p*a^1.5, r - b/a)",
      standardization: .inputs, isDouble: true),
    ExportCase(
      testDescription: "texts",
      formula: "p*(kind == 'red') + q*(`it's` == 'v')*a + r*(kind == 'gr\"een?')"),
    ExportCase(
      testDescription: "texts as indicators", formula: "inputs |> dense(3) |> tanh |> dense(1)",
      features: ["kind", "a", "it's"], standardization: .all, isDouble: true),
    ExportCase(
      testDescription: "two texts", formula: "inputs |> dense(1)", loss: "bce-logits",
      target: "class", features: ["a", "kind"]),
    ExportCase(
      testDescription: "a probability", formula: "sigmoid(p*a + q)", loss: "bce", target: "class"),
    ExportCase(
      testDescription: "a rate", formula: "p*log(a^2) + q", loss: "poisson",
      isDouble: true),
    ExportCase(
      testDescription: "mean and variance", formula: "concat(p*a + q, exp(r*b))",
      loss: "gaussian-nll", standardization: .all),
    ExportCase(
      testDescription: "log-probabilities", formula: "inputs |> dense(3) |> log_softmax",
      loss: "nll", target: "kind", features: ["a", "b"], isDouble: true),
    ExportCase(
      testDescription: "margins", formula: "inputs |> dense(classes)", loss: "multi-margin",
      target: "kind", features: ["a", "b"]),
    ExportCase(
      testDescription: "hinge", formula: "p*a - q", loss: "hinge", target: "side",
      rows: "a,side\n1,-1\n2,1\n-3,-1\n7,1\n"),
    ExportCase(
      testDescription: "names of languages",
      formula: "p*`for` + gamma*`NAN` + `the end`/the_end - `lambda`*y0",
      rows: "for,NAN,the end,lambda,the_end,y\n1,2,3,4,5,6\n2,3,1,1,1,1\n"),
    ExportCase(testDescription: "no column", formula: "p + exp(q)"),
    ExportCase(
      testDescription: "columns of a vector by an index", formula: "p*pick(concat(a, b, q), class)"),
  ]
}

/// A model with some numbers for its parameters, and what it gives for each row of its table.
struct ExportedModel {
  let saved: SavedModel
  let table: Table
  /// For each row the elements of the prediction, in the target's unit, and of the probabilities.
  let expected: [[Double]]
  /// The class of each row, where the target is one.
  let classes: [String]?

  init(_ example: ExportCase) throws {
    var preparation = Preparation(
      try specification(
        example.formula, loss: example.loss, target: example.target, features: example.features))
    preparation.standardization = example.standardization
    let bound = try preparation.bind(
      to: Table(csv: Array(example.rows.utf8), name: "d.csv"))
    table = bound.table
    let numbers =
      example.parameters
      ?? (0..<bound.model.parameterCount).map { index -> Double in
        Double((index * 7919 + 71) % 101) / 101 - 0.5
      }
    saved = try SavedModel(
      example.isDouble
        ? bound.model.file(parameters: numbers)
        : bound.model.file(parameters: numbers.map { Float($0) }))
    let recipe = Recipe(saved)
    let outputs =
      switch saved.values {
      case .float32(let values): try Self.outputs(bound, values)
      case .float64(let values): try Self.outputs(bound, values)
      }
    expected = outputs
    classes = recipe.classes.map { names in
      outputs.map { row in
        let scores = row.prefix(bound.model.prediction.shape.count)
        if case .classes(_, .above(let threshold)) = recipe.result {
          return names[row[0] > threshold ? 1 : 0]
        }
        return names[scores.firstIndex(of: scores.max() ?? 0) ?? 0]
      }
    }
  }

  private static func outputs<Scalar: Precision>(
    _ bound: BoundModel, _ values: [Scalar]
  ) throws -> [[Double]] {
    let model = bound.model
    let data: Columns<Scalar> = try model.data(from: bound.table)
    let keys = [Scalar](repeating: 0, count: model.noiseKeyCount * NoiseKey.count)
    let loss = model.specification.loss.text
    let prediction = loss == "poisson" ? exp(model.prediction) : model.prediction
    let probabilities: [Node] =
      switch loss {
      case "cross-entropy": [softmax(prediction)]
      case "nll": [exp(prediction)]
      case "bce": [1 - prediction, prediction]
      case "bce-logits": [1 - sigmoid(prediction), sigmoid(prediction)]
      default: []
      }
    let program = model.binding.program(of: [prediction] + probabilities)
    var executor = Executor<Scalar>(program, batchRows: bound.table.rowCount)
    var found: [[Double]] = []
    executor.forEachBlock(
      of: 0..<bound.table.rowCount, in: data, parameters: values + keys
    ) { rows, elements in
      for lane in 0..<rows.count { found.append(elements.map { Double($0[lane]) }) }
    }
    guard let scaling = model.scalings[model.target] else { return found }
    return found.map { row in
      row.enumerated().map { index, value in
        index == 1 ? value * scaling.scale * scaling.scale : scaling.inverse(value)
      }
    }
  }
}
