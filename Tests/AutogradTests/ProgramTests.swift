import Testing

@testable import Autograd

@Suite struct ProgramTests {
  private let graph = Graph()

  @Test func `work on parameters alone is done once a step, and dead work not at all`() {
    let (a, b, x) = (graph.parameter("a"), graph.parameter("b"), graph.column("x"))
    let output = exp(a * b) * x + 1
    _ = sin(x) * a
    let program = Program(outputs: [output], columns: [x], parameters: [a, b])
    #expect(
      program.description == """
        each step:
          %0 = multiply a, b
          %1 = exp %0
        each row:
          %2 = multiply %1, x
          %2 = add %2, 1.0
        outputs: %2
        """)
  }

  @Test func `slots are used again, but never while a value is still needed`() {
    let x = graph.column("x")
    var chain = x
    for _ in 0..<20 { chain = sin(chain) * x }
    let early = exp(x)
    let program = Program(outputs: [chain, early], columns: [x], parameters: [])
    #expect(program.slotShapes.count <= 4)
    var executor = Executor<Double>(program, batchRows: 1)
    let found = executor.values(ofRow: 0, in: Columns([[0.5]]), parameters: [])
    #expect(found[1] == evaluate(early))
    #expect(found[0] == evaluate(chain))
  }

  @Test func `the sine and the cosine of a value are computed together`() {
    let (a, x) = (graph.parameter("a"), graph.column("x"))
    let angle = a * x
    let outputs = [cos(angle) * x, sin(angle), sin(x), cos(a) + sin(a)]
    let program = Program(outputs: outputs, columns: [x], parameters: [a])
    #expect(
      program.description == """
        each step:
          %0, %1 = sincos a
          %2 = add %1, %0
        each row:
          %3 = multiply a, x
          %4, %5 = sincos %3
          %5 = multiply %5, x
          %3 = sin x
        outputs: %5, %4, %3, %2
        """)
  }

  @Test func `a relu's slope is one pass, without the comparison unless another reads it`() {
    let (x, g) = (graph.column("x", count: 3), graph.column("g"))
    let slope = choose(x <= 0, 0, else: g)
    let outputs = [
      slope, choose(g <= 0, g, else: 0), choose(g <= 1, 0, else: g), choose(g < 0, 0, else: g),
      choose(g <= 0, -0.0, else: g), choose(g <= 0, 0, else: square(g)),
    ]
    #expect(
      Program(outputs: outputs, columns: [x, g], parameters: []).description == """
        each row:
          %0[3] = reluSlope x, g
          %1 = lessOrEqual g, 0.0
          %2 = select %1, g, 0.0
          %3 = lessOrEqual g, 1.0
          %3 = select %3, 0.0, g
          %4 = less g, 0.0
          %4 = select %4, 0.0, g
          %1 = select %1, -0.0, g
          %5 = multiply g, g
          %5 = reluSlope g, %5
        outputs: %0, %2, %3, %4, %1, %5
        """)
    #expect(
      Program(outputs: [slope], columns: [x, g], parameters: []).description == """
        each row:
          %0[3] = reluSlope x, g
        outputs: %0
        """)
  }

  /// The node's value at x = 0.5, by walking the graph.
  private func evaluate(_ node: Node) -> Double {
    guard let (op, operands) = node.operation else { return node.constantValue ?? 0.5 }
    let values = operands.map(evaluate)
    let folded = Graph()
    return folded.apply(op, values.map { folded.constant($0) }).constantValue ?? .nan
  }
}

/// Rule 3 of the numerics contract, written out: chunks of 64, a tree within, another in double across.
func mean<Scalar: Precision>(_ values: [Scalar]) -> Scalar {
  let sums = stride(from: 0, to: values.count, by: 64).map { start in
    var lanes = Array(values[start..<min(start + 64, values.count)])
    lanes += [Scalar](repeating: -0.0, count: 64 - lanes.count)
    while lanes.count > 1 {
      let half = lanes.count / 2
      lanes = (0..<half).map { lanes[$0] + lanes[$0 + half] }
    }
    return Double(lanes[0])
  }
  return Scalar(tree(of: sums) / Double(values.count))
}

@Suite struct ExecutorTests {
  @Test(arguments: [1, 2, 63, 64, 65, 100, 511, 512, 513, 1000], [2, 64, 100, 512])
  func `a mean is the same for every block size`(rows: Int, blockRows: Int) {
    var generator = SystemRandomNumberGenerator()
    let data = (0..<rows + 3).map { _ in
      Double(Float.random(in: -1...1, using: &generator)) * 1e3
    }
    check(rows: rows, blockRows: blockRows, data, as: Float.self)
    check(rows: rows, blockRows: blockRows, data, as: Double.self)
  }

  private func check<Scalar: Precision>(
    rows: Int, blockRows: Int, _ data: [Double], as type: Scalar.Type
  ) {
    let graph = Graph()
    let (w, x) = (graph.parameter("w"), graph.column("x"))
    let outputs = [w * x, x, w, graph.constant(0.1)]
    let program = Program(outputs: outputs, columns: [x], parameters: [w])
    var executor = Executor<Scalar>(
      program, batchRows: rows, blockRows: blockRows)
    let columns = Columns<Scalar>([data])
    var results = [Scalar](repeating: 0, count: 4)
    for first in [0, 3] {
      let w = Scalar(first == 0 ? 0.7 : -1.3)
      executor.means(of: first..<first + rows, in: columns, parameters: [w], into: &results)
      let x = data[first..<first + rows].map { Scalar($0) }
      #expect(results[0] == mean(x.map { w * $0 }))
      #expect(results[1] == mean(x))
      #expect(results[2] == mean(x.map { _ in w }))
      #expect(results[3] == mean(x.map { _ in Scalar(0.1) }))
    }
  }

  @Test(arguments: SIMDLevel.allCases, [1, 2, 3, 8])
  func `threads and SIMD levels change no bit`(level: SIMDLevel, threads: Int) throws {
    try level.requireSupport()
    let rows = 20_001
    let graph = Graph()
    let parameters = ["a", "b", "c", "d"].map { graph.parameter($0) }
    let (x, y) = (graph.column("x"), graph.column("y"))
    let (a, b, c, d) = (parameters[0], parameters[1], parameters[2], parameters[3])
    let error = a * exp(-b * x) + c * sin(d * x) - y
    let outputs = [error * error] + graph.gradients(of: error * error, withRespectTo: parameters)
    let program = Program(outputs: outputs, columns: [x, y], parameters: parameters)
    let data = (0..<2).map { column in (0..<rows).map { Double(($0 * 7919 + column) % 1000) / 250 }
    }
    func means<Scalar: Precision>(
      _ level: SIMDLevel, _ threads: Int, of rows: Range<Int>
    ) -> [Scalar] {
      var executor = Executor<Scalar>(
        program, batchRows: 20_001, threads: threads, simdLevel: level)
      var results = [Scalar](repeating: 0, count: 5)
      for _ in 0..<3 {
        executor.means(
          of: rows, in: Columns(data), parameters: [1.1, 0.4, 0.7, 1.9], into: &results)
      }
      return results
    }
    for batch in [0..<rows, 0..<1, 5..<68, 100..<164, 64..<1000, 1..<20_000] {
      let expected: [Float] = means(.baseline, 1, of: batch)
      #expect(means(level, threads, of: batch) == expected)
      let oneThread: [Double] = means(level, 1, of: batch)
      #expect(means(level, threads, of: batch) == oneThread)
    }
  }

  @Test(arguments: SIMDLevel.allCases)
  func `a step within the kernels has the bits of a step without`(level: SIMDLevel) throws {
    try level.requireSupport()
    let graph = Graph()
    let parameters = ["a", "b"].map { graph.parameter($0) }
    let (x, y) = (graph.column("x"), graph.column("y"))
    let angle = parameters[1] * x
    let loss = square(relu(parameters[0] * sin(angle)) + cos(parameters[1]) - y)
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: parameters), columns: [x, y],
      parameters: parameters)
    let data = Columns<Double>([[0.3, 1.9, 1e6, 4, -7], [1, 0.5, -0.25, 2, 1]])
    var executor = Executor<Double>(program, batchRows: 1, simdLevel: level)
    var (found, total, results) = ([0.7, 1.3], 0.0, [0.0, 0, 0])
    let steps = executor.descend(
      over: 0..<5, in: data, parameters: &found, learningRate: 0.1, total: &total,
      results: &results)
    #expect(steps == 5)
    var expected = [0.7, 1.3]
    for row in 0..<5 {
      executor.means(of: row..<row + 1, in: data, parameters: expected, into: &results)
      for parameter in 0..<2 { expected[parameter] -= 0.1 * results[1 + parameter] }
    }
    #expect(found == expected)
  }

  @Test func `the mean of one row keeps its sign of zero`() {
    let graph = Graph()
    let x = graph.column("x")
    let program = Program(outputs: [x], columns: [x], parameters: [])
    var executor = Executor<Float>(program, batchRows: 1)
    var results: [Float] = [1]
    executor.means(of: 0..<1, in: Columns([[-0.0]]), parameters: [], into: &results)
    #expect(results[0].sign == .minus)
  }

  @Test func `the first value that is not finite is found with its operands`() throws {
    let graph = Graph()
    let (w, x) = (graph.parameter("w"), graph.column("x"))
    let loss = log(w - x) * 2
    let data = Columns<Float>([[1, 2, 3]])
    func fault(row: Int) -> NonFinite? {
      NonFinite.first(
        in: [loss], columns: [x], parameters: [w], rows: row..<row + 1, of: data, values: [2])?
        .fault
    }
    #expect(fault(row: 0) == nil)
    let among = NonFinite.first(
      in: [loss], columns: [x], parameters: [w], rows: 0..<3, of: data, values: [2])
    #expect(among?.row == 1)
    let found = try #require(fault(row: 1))
    #expect(found.expression == "log(w - x)")
    #expect(found.op == .log)
    #expect(found.operands == [0])
    #expect(found.result == -.infinity)
    let input = NonFinite.first(
      in: [loss], columns: [x], parameters: [w], rows: 0..<1, of: Columns<Float>([[.nan]]),
      values: [2])?.fault
    #expect(input?.expression == "x")
    #expect(input?.op == nil)
  }
}
