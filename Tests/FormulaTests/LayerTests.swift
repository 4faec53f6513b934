import Autograd
import Testing

@testable import Formula

@Suite struct LayerTests {
  /// A network of a vector `inputs`, and other names as parameters.
  private func network(
    _ text: String, inputs count: Int, isTraining: Bool = false
  ) throws -> (node: Node, scope: Scope) {
    let graph = Graph()
    var scope = Scope(graph, rowNumber: isTraining ? graph.column("row") : nil) { name in
      guard name == "inputs" else { return .parameter }
      return .value(count == 1 ? graph.column("inputs") : graph.column("inputs", count: count))
    }
    let node = try Formula(text).node(in: &scope)
    return (node, scope)
  }

  /// Names and shapes, in order; of `dense` as PyTorch's `Linear` has them, which starts evenly within
  /// one by the root of the number of inputs.
  @Test(
    arguments: [
      (
        "inputs |> dense(64) |> relu |> dense(1)", 4,
        [
          "dense1.weight 64x4 ±0.5", "dense1.bias 64 ±0.5", "dense2.weight 1x64 ±0.125",
          "dense2.bias 1 ±0.125",
        ]
      ),
      ("inputs |> dense(2)", 1, ["dense1.weight 2x1 ±1.0", "dense1.bias 2 ±1.0"]),
      ("dense(inputs, 1 + 1)", 16, ["dense1.weight 2x16 ±0.25", "dense1.bias 2 ±0.25"]),
      (
        "inputs |> layerNorm |> dense(1)", 4,
        [
          "layerNorm1.weight 4 1.0", "layerNorm1.bias 4 0.0", "dense1.weight 1x4 ±0.5",
          "dense1.bias 1 ±0.5",
        ]
      ),
      ("inputs |> dropout(0.3) |> dropout", 4, []),
      ("dot(w, inputs) + b", 4, ["w 4 1.0", "b 1.0"]),
      ("b + dot(inputs, w)", 4, ["b 1.0", "w 4 1.0"]),
      ("dot(w, inputs)", 1, ["w 1.0"]),
      ("dot(w, inputs) - sum(w)", 3, ["w 3 1.0"]),
      ("dot(w, inputs) + dot(w, inputs |> tanh)", 3, ["w 3 1.0"]),
      (
        "a*(inputs |> dense(1)) + b*(inputs |> dense(1) |> exp)", 4,
        [
          "a 1.0", "dense1.weight 1x4 ±0.5", "dense1.bias 1 ±0.5", "b 1.0",
          "dense2.weight 1x4 ±0.5",
          "dense2.bias 1 ±0.5",
        ]
      ),
      (
        "concat(inputs |> dense(2), inputs |> dense(1)) |> dense(3) |> sum", 1,
        [
          "dense1.weight 2x1 ±1.0", "dense1.bias 2 ±1.0", "dense2.weight 1x1 ±1.0",
          "dense2.bias 1 ±1.0",
          "dense3.weight 3x3 ±0.57735", "dense3.bias 3 ±0.57735",
        ]
      ),
    ] as [(String, Int, [String])])
  func `parameters come in the order of the formula`(text: String, count: Int, expected: [String])
    throws
  {
    let found = try network(text, inputs: count).scope.parameters.map { parameter in
      let size =
        switch parameter.shape {
        case .scalar: ""
        case .vector(let count): " \(count)"
        case .matrix(let rows, let columns): " \(rows)x\(columns)"
        }
      let start =
        switch parameter.start {
        case .value(let value): "\(value)"
        case .uniform(let bound): "±\((bound * 1e5).rounded() / 1e5)"
        }
      return "\(parameter.name)\(size) \(start)"
    }
    #expect(found == expected)
  }

  @Test(
    arguments: [
      ("inputs |> dense(8)", .vector(8)), ("inputs |> dense(1)", .scalar),
      ("inputs |> layerNorm", .vector(3)),
      ("inputs |> dense(8) |> relu |> dropout(0.2) |> layerNorm |> dense(2)", .vector(2)),
      ("inputs |> dense(1000000)", .vector(1_000_000)), ("inputs |> dropout(0)", .vector(3)),
    ] as [(String, Shape)])
  func `layers give vectors, and a number for one output`(text: String, expected: Shape) throws {
    #expect(try network(text, inputs: 3).node.shape == expected)
    #expect(try network(text, inputs: 3, isTraining: true).node.shape == expected)
  }

  /// What PyTorch's `Linear`, `tanh` and `LayerNorm` give in float64.
  @Test func `layers compute what PyTorch's do`() throws {
    let x = [0.5, -1, 2]
    func values(_ text: String, _ parameters: [Double]) throws -> [Double] {
      let (node, scope) = try network(text, inputs: 3)
      let graph = scope.graph
      let program = Program(
        outputs: [node], columns: [graph.column("inputs", count: 3)],
        parameters: scope.parameters.map { graph.parameter($0.name, $0.shape) })
      var executor = Executor<Double>(program, batchRows: 1)
      return executor.values(ofRow: 0, in: Columns(x.map { [$0] }), parameters: parameters)
    }
    let weights = [0.1, -0.05, -0.2, 0.2, 0.05, -0.1, 0.3, -0.2, 0.7, -0.4, 0.25]
    let output = try values("inputs |> dense(2) |> tanh |> dense(1)", weights)
    #expect(output.count == 1 && abs(output[0] - 0.3845502177345329) < 1e-15)
    let scale = [1, 2, -1, 0.5, 0, 0.25]
    for (text, expected) in [
      ("inputs |> layerNorm", [0.5, -2.4494815778581933, -0.9747407889290967]),
      ("inputs |> layerNorm(0.5)", [0.5, -2.1213203435596424, -0.8106601717798212]),
    ] {
      let found = try values(text, scale)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-14 }, "\(text): \(found)")
    }
  }

  @Test func `dropout keeps a value while nothing is trained, and draws under names of its own`()
    throws
  {
    let quiet = try network("inputs |> dropout(0.9)", inputs: 3)
    #expect(quiet.node.index == quiet.scope.graph.column("inputs", count: 3).index)
    #expect(quiet.scope.noiseKeys.isEmpty)
    // No parameter can have the name of a key, whatever the formula calls it.
    let names = ["noise1", "dropout1", "dropout1_noise"]
    let text = "(inputs |> dropout |> dropout(0.1) |> dense(1)) + " + names.joined(separator: " + ")
    let trained = try network(text, inputs: 3, isTraining: true)
    #expect(trained.scope.noiseKeys.count == 2)
    #expect(Set(trained.scope.noiseKeys).isDisjoint(with: trained.scope.parameters.map(\.name)))
    #expect(throws: FormulaError.self) { try Formula(trained.scope.noiseKeys[0]) }
  }

  @Test func `layers of more weights than fit are refused before anything is made`() throws {
    let wide = String(repeating: " |> dense(1000000) |> dense(1)", count: 60)
    let error = #expect(throws: FormulaError.self) { try network("inputs" + wide, inputs: 2) }
    #expect(error?.reason == .tooManyWeights)
    let joined =
      "concat(" + Array(repeating: "inputs |> dense(1000000)", count: 50).joined(separator: ", ")
    #expect(throws: FormulaError.self) { try network(joined + ") |> dense(1000000)", inputs: 1) }
  }
}
