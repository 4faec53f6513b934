import Testing

@testable import Autograd

/// Formulas whose parameters enter by one weighted sum, and some that only look so.
struct SumCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var isWeightedSum = true
  /// The loss, of the parameters a, b, c and d and the columns x, y and z.
  let loss: @Sendable (_ p: [Node], _ x: [Node]) -> Node

  static let all = [
    SumCase(testDescription: "a line") { p, x in square(p[0] * x[0] + p[1] - x[1]) },
    SumCase(testDescription: "signs and order") { p, x in
      square(p[3] - x[2] * p[1] + p[0] * x[0] - p[2] - x[1])
    },
    SumCase(testDescription: "terms from the right") { p, x in
      square(p[0] * x[0] + (p[1] * x[2] + p[2]) - x[1])
    },
    SumCase(testDescription: "features") { p, x in
      square(p[0] * sin(x[0]) + p[1] * (x[0] * x[2]) + p[2] * 2 + p[3] - exp(-x[1]))
    },
    SumCase(testDescription: "logistic regression") { p, x in
      binaryCrossEntropyWithLogits(p[0] * x[0] + p[1] * x[2] + p[2], 0 < x[1])
    },
    SumCase(testDescription: "the target first") { p, x in
      square(x[1] - (p[0] * x[0] + p[1] * x[2]))
    },
    SumCase(testDescription: "another loss") { p, x in
      huber(p[0] * x[0] + p[1] * x[2] - p[2], x[1], delta: 0.3)
    },
    SumCase(testDescription: "a parameter used twice", isWeightedSum: false) { p, x in
      square(p[0] * x[0] + p[0] - x[1])
    },
    SumCase(testDescription: "a parameter in the loss", isWeightedSum: false) { p, x in
      square(p[0] * x[0] + p[1] - x[1]) + square(p[1])
    },
    SumCase(testDescription: "a product of parameters", isWeightedSum: false) { p, x in
      square(p[0] * p[1] * x[0] - x[1])
    },
    SumCase(testDescription: "a curve", isWeightedSum: false) { p, x in
      square(p[0] * exp(-p[1] * x[0]) + p[2] - x[1])
    },
  ]
}

@Suite struct WeightedSumTests {
  private static let rows = 150

  @Test(arguments: SumCase.all, SIMDLevel.allCases)
  func `steps are the program's, to the bit`(sum: SumCase, level: SIMDLevel) throws {
    try level.requireSupport()
    check(sum, level, as: Float.self)
    check(sum, level, as: Double.self)
  }

  private func check<Scalar: Precision>(
    _ sum: SumCase, _ level: SIMDLevel, as type: Scalar.Type
  ) {
    let graph = Graph()
    let every = ["a", "b", "c", "d"].map { graph.parameter($0) }
    let columns = ["x", "y", "z"].map { graph.column($0) }
    let loss = sum.loss(every, columns)
    let behind = Set(graph.nodes(behind: [loss]).map(\.index))
    let parameters = every.filter { behind.contains($0.index) }
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: parameters), columns: columns,
      parameters: parameters)
    #expect((program.weightedSum != nil) == sum.isWeightedSum)

    func sample(_ row: Int, _ column: Int) -> Double {
      Double((row * 31 + column * 17) * 7919 % 1009) / 250 - 2
    }
    let data = Columns<Scalar>(
      (0..<3).map { column in (0..<Self.rows).map { sample($0, column) } })
    var executor = Executor<Scalar>(
      program, batchRows: 1, simdLevel: level, writesMachineCode: false)
    let start = parameters.indices.map { Scalar(0.3 + Double($0) / 7) }
    let rate = 0.01
    var expected = start
    var losses: [Scalar] = []
    for row in 0..<Self.rows {
      let found = executor.values(ofRow: row, in: data, parameters: expected)
      losses.append(found[0])
      for index in expected.indices { expected[index] -= Scalar(rate) * found[1 + index] }
    }

    var moved = start
    var results = [Scalar](repeating: 0, count: program.outputCount)
    var total = 0.0
    // Cut where no block of rows ends.
    for part in [0..<1, 1..<64, 64..<70, 70..<Self.rows] {
      let steps = executor.descend(
        over: part, in: data, parameters: &moved, learningRate: rate, total: &total,
        results: &results)
      #expect(steps == part.count)
      #expect(results[0] == losses[part.upperBound - 1])
    }
    #expect(moved == expected)
    #expect(total == losses.reduce(0.0) { $0 + Double($1) })
  }

  @Test func `as many terms as there may be, and one more`() {
    for count in [15, 16, 17, 33, 64, 65] {
      let graph = Graph()
      let weights = (0..<count).map { graph.parameter("w\($0)") }
      let (x, y) = (graph.column("x"), graph.column("y"))
      let terms = weights.enumerated().map { $1 * (x + Double($0)) }
      let loss = square(terms.dropFirst().reduce(terms[0], +) - y)
      let program = Program(
        outputs: [loss] + graph.gradients(of: loss, withRespectTo: weights), columns: [x, y],
        parameters: weights)
      #expect((program.weightedSum != nil) == (count <= 64))
      let data = Columns<Float>([[0.1, -0.3, 0.2], [1, 2, 3]])
      var executor = Executor<Float>(program, batchRows: 1, writesMachineCode: false)
      var expected = [Float](repeating: 0.01, count: count)
      var moved = expected
      for row in 0..<3 {
        let found = executor.values(ofRow: row, in: data, parameters: expected)
        for index in 0..<count { expected[index] -= Float(1e-5) * found[1 + index] }
      }
      var results = [Float](repeating: 0, count: program.outputCount)
      var total = 0.0
      _ = executor.descend(
        over: 0..<3, in: data, parameters: &moved, learningRate: 1e-5, total: &total,
        results: &results)
      #expect(moved == expected, "\(count) terms")
    }
  }

  @Test func `a sum with something before as many terms as there may be is not taken for one`() {
    let graph = Graph()
    let weights = (0..<64).map { graph.parameter("w\($0)") }
    let (x, y) = (graph.column("x"), graph.column("y"))
    let terms = weights.enumerated().map { $1 * (x + Double($0)) }
    let loss = square(terms.reversed().reduce(exp(x), +) - y)
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: weights), columns: [x, y],
      parameters: weights)
    #expect(program.weightedSum == nil)
  }

  @Test func `steps on matrices of one element are the program's`() {
    let graph = Graph()
    let (x, y) = (graph.column("x", count: 1), graph.column("y"))
    let parameters = [
      graph.parameter("weight", .matrix(rows: 1, columns: 1)), graph.parameter("bias", .vector(1)),
    ]
    let loss = square(sum(linear(parameters[0], x, bias: parameters[1])) - y)
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: parameters), columns: [x, y],
      parameters: parameters)
    let data = Columns<Float>([[0.5, 3], [2, -1]])
    var executor = Executor<Float>(program, batchRows: 1)
    var (expected, moved): ([Float], [Float]) = ([0.3, 0.7], [0.3, 0.7])
    for row in 0..<2 {
      let found = executor.values(ofRow: row, in: data, parameters: expected)
      for index in 0..<2 { expected[index] -= Float(0.1) * found[1 + index] }
    }
    var results: [Float] = [0, 0, 0]
    var total = 0.0
    let steps = executor.descend(
      over: 0..<2, in: data, parameters: &moved, learningRate: 0.1, total: &total,
      results: &results)
    #expect(steps == 2)
    #expect(moved == expected)
  }

  @Test func `it stops before a step that would not be finite`() {
    let graph = Graph()
    let (w, x) = (graph.parameter("w"), graph.column("x"))
    let loss = square(w * x)
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: [w]), columns: [x],
      parameters: [w])
    for (last, done) in [(1e30, 70), (Double.nan, 70), (1, 71)] {
      let data = Columns<Float>([[Double](repeating: 1, count: 70) + [last]])
      var executor = Executor<Float>(program, batchRows: 1, writesMachineCode: false)
      var parameters: [Float] = [1]
      var results: [Float] = [0, 0]
      var total = 0.0
      let steps = executor.descend(
        over: 0..<71, in: data, parameters: &parameters, learningRate: 0.01, total: &total,
        results: &results)
      #expect(steps == done)
      #expect(parameters[0].isFinite)
      #expect(total.isFinite)
    }
  }
}
