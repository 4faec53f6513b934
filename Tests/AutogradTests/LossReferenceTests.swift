import Testing

@testable import Autograd

/// Every loss that PyTorch computed; the fixtures' README says what each field means.
private struct LossFile: Decodable {
  var losses: [LossReference]

  static let shared = Result { try fixture("losses", as: LossFile.self) }
}

struct LossReference: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var cases: [LossCase]

  var testDescription: String { name }
}

struct LossCase: Decodable, Sendable {
  var id: String
  var dtype: String
  var reduction: String
  var inputs: [String: Tensor]
  var value: Number
  var grads: [String: Tensor]
}

@Suite struct LossReferenceTests {
  @Test(arguments: try LossFile.shared.get().losses)
  func `values and gradients are PyTorch's`(loss: LossReference) throws {
    let build = try #require(losses[loss.name])
    for example in loss.cases {
      switch example.dtype {
      case "float32": try check(build, example, as: Float.self)
      default: try check(build, example, as: Double.self)
      }
    }
  }

  private func check<Scalar: Precision>(
    _ build: ([Node]) -> Node, _ example: LossCase, as type: Scalar.Type
  ) throws {
    let names = ["input", "target", "var"].filter { example.inputs[$0] != nil }
    let inputs = try names.map { try #require(example.inputs[$0]) }
    let rows = inputs[1].values.count
    let graph = Graph()
    let columns = zip(names, inputs).map { name, tensor in
      let width = tensor.values.count / rows
      return width == 1 ? graph.column(name) : graph.column(name, count: width)
    }
    let output = build(columns)
    let wanted = names.indices.filter { example.grads[names[$0]] != nil }
    let gradients = graph.gradients(of: output, withRespectTo: wanted.map { columns[$0] })
    #expect(graph.shapeError == nil)
    let data = Columns<Scalar>(
      inputs.flatMap { tensor in
        let width = tensor.values.count / rows
        return (0..<width).map { index in (0..<rows).map { tensor.values[$0 * width + index] } }
      })

    let program = Program(outputs: [output] + gradients, columns: columns, parameters: [])
    var executor = Executor<Scalar>(program, batchRows: rows)
    var means = [Scalar](repeating: 0, count: program.outputCount)
    executor.means(of: 0..<rows, in: data, parameters: [], into: &means)
    let isMean = example.reduction == "mean"
    compare(
      [Double(means[0]) * (isMean ? 1 : Double(rows))], [example.value.value], "value", example,
      type)

    let found = (0..<rows).map { executor.values(ofRow: $0, in: data, parameters: []).dropFirst() }
    var first = 1
    for position in wanted {
      let width = columns[position].shape.count
      let slopes = found.flatMap { row in
        row[first..<first + width].map { Double($0) / (isMean ? Double(rows) : 1) }
      }
      let want = try #require(example.grads[names[position]]).values
      compare(slopes, want, "gradient by \(names[position])", example, type)
      first += width
    }
  }

  private func compare<Scalar: Precision>(
    _ found: [Double], _ expected: [Double], _ what: String, _ example: LossCase, _: Scalar.Type
  ) {
    let largest = expected.filter(\.isFinite).reduce(1) { max($0, abs($1)) }
    #expect(found.count == expected.count)
    for (got, want) in zip(found, expected) {
      let agrees =
        got == want || got.isNaN && want.isNaN
        || abs(got - want) <= 16 * Double(Scalar.ulpOfOne) * largest
      #expect(agrees, "\(example.id) \(what): \(got), PyTorch has \(want)")
    }
  }

  @Test func `every loss with a name is one that is compared with PyTorch`() {
    #expect(Loss.named.count == Loss.all.count)
    for loss in Loss.all {
      let theirs = [
        "mae": "l1", "quantile": "pinball", "poisson": "poisson_nll_log",
        "bce-logits": "bce_with_logits",
      ]
      let fixture = theirs[loss.name] ?? loss.name.replacing("-", with: "_")
      #expect(losses.keys.contains { $0.hasPrefix(fixture) }, "\(loss.name)")
    }
  }

  /// Away from kinks; targets are inputs too, and so are the slopes.
  @Test(arguments: Loss.all.filter { $0.prediction == .number }.map(\.name))
  func `slopes agree with central differences, and theirs too`(name: String) throws {
    let loss = try #require(Loss.named[name])
    let graph = Graph()
    let inputs = [graph.parameter("x"), graph.parameter("y")]
    let output = loss(inputs[0], inputs[1])
    for point in [[0.3, 0.8], [0.7, 0.1]] {
      for check in graph.checkGradients(of: output, withRespectTo: inputs, at: point) {
        #expect(check.error < 1e-8)
      }
      for slope in graph.gradients(of: output, withRespectTo: inputs) {
        for check in graph.checkGradients(of: slope, withRespectTo: inputs, at: point) {
          #expect(check.error < 1e-7)
        }
      }
    }
  }

  @Test func `an infinite error has a bounded slope where the loss is made for outliers`() {
    let graph = Graph()
    let x = graph.parameter("x")
    for (name, expected) in [("huber", 1.0), ("smooth-l1", 1), ("log-cosh", 1), ("mae", 1)] {
      guard let loss = Loss.named[name] else { continue }
      let slope = graph.gradients(of: loss(x, graph.constant(0)), withRespectTo: [x])[0]
      #expect(value(of: slope, at: [.infinity], of: [x]) as Double == expected, "\(name)")
    }
  }

  @Test func `settings that are left out have PyTorch's defaults`() throws {
    let graph = Graph()
    let (x, y) = (graph.column("x"), graph.column("y"))
    for (name, value) in [("huber", 1.0), ("smooth-l1", 1), ("quantile", 0.5)] {
      let loss = try #require(Loss.named[name])
      #expect(loss.settings.map(\.value) == [value])
      #expect(loss(x, y).index == loss(x, y, [value]).index)
      #expect(loss(x, y).index != loss(x, y, [0.25]).index)
    }
  }
}

/// The losses of the file in this library's words, of its inputs.
private let losses: [String: @Sendable ([Node]) -> Node] = [
  "mse": { squaredError($0[0], $0[1]) },
  "l1": { absoluteError($0[0], $0[1]) },
  "huber_1.0": { huber($0[0], $0[1]) },
  "huber_0.5": { huber($0[0], $0[1], delta: 0.5) },
  "smooth_l1_1.0": { smoothL1($0[0], $0[1]) },
  "smooth_l1_0.5": { smoothL1($0[0], $0[1], beta: 0.5) },
  "log_cosh": { logCosh($0[0], $0[1]) },
  "pinball_0.5": { pinball($0[0], $0[1]) },
  "pinball_0.1": { pinball($0[0], $0[1], quantile: 0.1) },
  "pinball_0.9": { pinball($0[0], $0[1], quantile: 0.9) },
  "bce": { binaryCrossEntropy($0[0], $0[1]) },
  "bce_with_logits": { binaryCrossEntropyWithLogits($0[0], $0[1]) },
  "cross_entropy_0.0": { crossEntropy($0[0], $0[1]) },
  "cross_entropy_0.1": { crossEntropy($0[0], $0[1], labelSmoothing: 0.1) },
  "nll": { negativeLogLikelihood($0[0], $0[1]) },
  "multi_margin_p1": { multiMargin($0[0], $0[1]) },
  "multi_margin_p2": { multiMargin($0[0], $0[1], power: 2) },
  "hinge": { hinge($0[0], $0[1]) },
  "squared_hinge": { squaredHinge($0[0], $0[1]) },
  "poisson_nll_log": { poissonNLL($0[0], $0[1]) },
  "poisson_nll_log_full": { poissonNLL($0[0], $0[1], full: true) },
  "poisson_nll_rate": { poissonNLL(rate: $0[0], $0[1]) },
  "poisson_nll_rate_full": { poissonNLL(rate: $0[0], $0[1], full: true) },
  "gaussian_nll": { gaussianNLL($0[0], $0[1], variance: $0[2]) },
  "gaussian_nll_full": { gaussianNLL($0[0], $0[1], variance: $0[2], full: true) },
]
