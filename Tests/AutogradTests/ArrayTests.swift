import Testing

@testable import Autograd

/// An operation that is not elementwise with operands it takes, and what it gives for one row by definition.
struct ArrayCase: Sendable, CustomTestStringConvertible {
  let op: Op
  let shapes: [Shape]
  /// The constants after the values.
  var attributes: [Double] = []
  let compute: @Sendable ([[Double]], _ fma: (Double, Double, Double) -> Double) -> [Double]

  var testDescription: String { "\(op) of \(shapes)" }

  func node(of operands: [Node]) -> Node {
    let graph = operands[0].graph
    return graph.apply(op, operands + attributes.map { graph.constant($0) })
  }

  /// In the precision of a run: sums and products round as the kernels are to round.
  func values<Scalar: Precision>(_ operands: [[Scalar]], as type: Scalar.Type) -> [Scalar] {
    let wide = operands.map { $0.map { Double($0) } }
    let found = compute(wide) { x, y, sum in
      Double(Scalar(sum).addingProduct(Scalar(x), Scalar(y)))
    }
    return found.map { Scalar($0) }
  }

  /// A sum of products from a start, in ascending order.
  private static func chain(
    _ x: some Sequence<Double>, _ y: some Sequence<Double>, from start: Double,
    _ fma: (Double, Double, Double) -> Double
  ) -> Double {
    zip(x, y).reduce(start) { fma($1.0, $1.1, $0) }
  }

  private static func row(_ matrix: [Double], _ row: Int, of columns: Int) -> ArraySlice<Double> {
    matrix[row * columns..<(row + 1) * columns]
  }

  static let all: [ArrayCase] = [
    ArrayCase(op: .sum, shapes: [.vector(5)]) { x, fma in
      [x[0].dropFirst().reduce(x[0][0]) { fma($0, 1, $1) }]
    },
    ArrayCase(op: .max, shapes: [.vector(5)]) { x, _ in [x[0].max() ?? 0] },
    ArrayCase(op: .argmax, shapes: [.vector(5)]) { x, _ in
      [Double(x[0].firstIndex(of: x[0].max() ?? 0) ?? -1)]
    },
    ArrayCase(op: .dot, shapes: [.vector(7), .vector(7)]) { x, fma in
      [chain(x[0], x[1], from: 0, fma)]
    },
    ArrayCase(op: .outer, shapes: [.vector(3), .vector(4)]) { x, fma in
      x[0].flatMap { left in x[1].map { fma(left, $0, -0.0) } }
    },
    // As many columns as whole panels of every level have.
    ArrayCase(op: .outer, shapes: [.vector(2), .vector(64)]) { x, fma in
      x[0].flatMap { left in x[1].map { fma(left, $0, -0.0) } }
    },
    // Fewer columns than a panel, and more rows than are taken at once.
    ArrayCase(op: .outer, shapes: [.vector(70), .vector(3)]) { x, fma in
      x[0].flatMap { left in x[1].map { fma(left, $0, -0.0) } }
    },
    ArrayCase(op: .outer, shapes: [.scalar, .vector(4)]) { x, fma in
      x[1].map { fma(x[0][0], $0, -0.0) }
    },
    ArrayCase(op: .outer, shapes: [.vector(4), .scalar]) { x, fma in
      x[0].map { fma($0, x[1][0], -0.0) }
    },
    ArrayCase(op: .matvec, shapes: [.matrix(rows: 3, columns: 7), .vector(7)]) { x, fma in
      (0..<3).map { chain(row(x[0], $0, of: 7), x[1], from: 0, fma) }
    },
    ArrayCase(op: .vecmat, shapes: [.vector(3), .matrix(rows: 3, columns: 7)]) { x, fma in
      (0..<7).map { column in
        chain(x[0], (0..<3).map { x[1][$0 * 7 + column] }, from: 0, fma)
      }
    },
    ArrayCase(
      op: .linear, shapes: [.matrix(rows: 13, columns: 70), .vector(70), .vector(13)]
    ) { x, fma in (0..<13).map { chain(row(x[0], $0, of: 70), x[1], from: x[2][$0], fma) } },
    ArrayCase(op: .linear, shapes: [.matrix(rows: 1, columns: 2), .vector(2), .vector(1)]) {
      x, fma in [chain(x[0], x[1], from: x[2][0], fma)]
    },
    ArrayCase(op: .pick, shapes: [.vector(4)], attributes: [2]) { x, _ in [x[0][2]] },
    ArrayCase(op: .place, shapes: [.scalar], attributes: [2, 4]) { x, _ in [0, 0, x[0][0], 0] },
    ArrayCase(op: .fill, shapes: [.scalar], attributes: [2, 3]) { x, _ in
      [Double](repeating: x[0][0], count: 6)
    },
    ArrayCase(op: .concat, shapes: [.vector(3), .vector(4)]) { x, _ in x[0] + x[1] },
    ArrayCase(op: .concat, shapes: [.scalar, .vector(2)]) { x, _ in x[0] + x[1] },
    ArrayCase(op: .slice, shapes: [.vector(5)], attributes: [1, 3]) { x, _ in Array(x[0][1..<4]) },
    ArrayCase(op: .pad, shapes: [.vector(3)], attributes: [1, 5]) { x, _ in [0] + x[0] + [0] },
  ]
}

/// A number between -2 and 2 with many digits, the same on every run.
private func sample(_ index: Int) -> Double {
  var mixed = UInt64(index &+ 1) &* 0x9E37_79B9_7F4A_7C15
  mixed = (mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9
  return Double(Float(Double(mixed >> 11) * 0x1p-51 - 2))
}

@Suite struct ArrayTests {
  @Test func `every operation that is not elementwise has a case`() {
    let missing = Op.allCases.filter { !$0.isElementwise && $0.hasKernel && $0 != .uniform }
      .filter { op in !ArrayCase.all.contains { $0.op == op } }
    #expect(missing.isEmpty)
  }

  @Test(arguments: ArrayCase.all)
  func `an operation has the operands and slopes that its row in the table says`(array: ArrayCase) {
    let graph = Graph()
    let node = array.node(of: array.shapes.enumerated().map { graph.parameter("p\($0)", $1) })
    guard case .array(_, let takes, _, let slopes) = array.op.rule,
      let (op, operands) = node.operation
    else {
      Issue.record("\(array.op) is computed")
      return
    }
    #expect(op == array.op && operands.count == op.arity)
    #expect(operands.dropFirst(takes.values).allSatisfy { $0.constantValue != nil })
    #expect(slopes(operands, node, node).count == op.arity)
  }

  /// Each operand once as a parameter and once as a value of the row, in blocks of every kind.
  @Test(arguments: ArrayCase.all, SIMDLevel.allCases)
  func `values are the definition's, bit for bit`(array: ArrayCase, level: SIMDLevel) throws {
    try level.requireSupport()
    for rows in [1, 2, 63, 64, 65, 200] {
      for perRow in 0..<1 << array.shapes.count {
        check(array, rows, perRow, level, as: Float.self)
        check(array, rows, perRow, level, as: Double.self)
      }
    }
  }

  private func check<Scalar: Precision>(
    _ array: ArrayCase, _ rows: Int, _ perRow: Int, _ level: SIMDLevel,
    as type: Scalar.Type
  ) {
    let graph = Graph()
    // A value of the row is a parameter times a column, so that a matrix may be one too.
    let factor = graph.column("factor")
    let factors = (0..<rows).map { Scalar(sample($0)) }
    let parameters = array.shapes.enumerated().map { graph.parameter("p\($0)", $1) }
    let values = array.shapes.enumerated().map { position, shape in
      (0..<shape.count).map { Scalar(sample(1000 * position + $0)) }
    }
    let operands = parameters.enumerated().map { position, parameter in
      perRow >> position & 1 == 1 ? parameter * factor : parameter
    }
    let program = Program(
      outputs: [array.node(of: operands)], columns: [factor], parameters: parameters)
    var executor = Executor<Scalar>(program, batchRows: rows, simdLevel: level)
    var found = [Scalar](repeating: 0, count: program.outputCount)
    let data = Columns<Scalar>([factors.map { Double($0) }])
    executor.means(of: 0..<rows, in: data, parameters: values.flatMap { $0 }, into: &found)

    let examples = factors.map { factor in
      values.enumerated().map { position, elements in
        perRow >> position & 1 == 1 ? elements.map { $0 * factor } : elements
      }
    }
    if array.op == .outer {
      let sums = matrixMean(examples)
      #expect(found == sums, "\(array.op), \(rows) rows, \(perRow), \(type)")
    } else {
      let results = examples.map { array.values($0, as: Scalar.self) }
      for element in found.indices {
        let expected = mean(results.map { $0[element] })
        #expect(found[element] == expected, "\(array.op), \(rows) rows, \(perRow), \(type)")
      }
    }
    let one = executor.values(ofRow: rows - 1, in: data, parameters: values.flatMap { $0 })
    #expect(one == array.values(examples[rows - 1], as: Scalar.self))
  }

  /// The mean of outer products by rule 3 of the numerics contract.
  private func matrixMean<Scalar: Precision>(_ examples: [[[Scalar]]]) -> [Scalar] {
    let (left, right) = (examples[0][0].count, examples[0][1].count)
    return (0..<left * right).map { element in
      let sums = stride(from: 0, to: examples.count, by: 64).map { start in
        let chunk = examples[start..<min(start + 64, examples.count)]
        return Double(
          chunk.reduce(Scalar(0)) {
            $0.addingProduct($1[0][element / right], $1[1][element % right])
          })
      }
      return Scalar(tree(of: sums) / Double(examples.count))
    }
  }

  @Test(arguments: ArrayCase.all)
  func `slopes agree with central differences, and theirs too`(array: ArrayCase) {
    let graph = Graph()
    let parameters = array.shapes.enumerated().map { graph.parameter("p\($0)", $1) }
    let result = array.node(of: parameters)
    let weights = graph.parameter("weights", result.shape)
    let inputs = parameters + [weights]
    let point = (0..<inputs.reduce(0) { $0 + $1.shape.count }).map(sample)
    // Squared, so that the first gradient is not constant.
    let scalar = mean(result * result * weights)
    for check in graph.checkGradients(of: scalar, withRespectTo: inputs, at: point) {
      #expect(check.error < 1e-7)
    }
    let slopes = graph.gradients(of: scalar, withRespectTo: inputs)
    let along = slopes.map { mean($0 * $0) }.reduce(graph.constant(0), +)
    for check in graph.checkGradients(of: along, withRespectTo: inputs, at: point) {
      #expect(check.error < 1e-6)
    }
  }

  @Test func `a scalar beside a vector stands for each element, and its slope is their sum`() {
    let graph = Graph()
    let (x, s) = (graph.parameter("x", .vector(3)), graph.parameter("s"))
    let output = sum(x * s + s)
    let slopes = graph.gradients(of: output, withRespectTo: [x, s])
    #expect(values(of: output, [1, 2, 4, 10], [x, s]) == [100])
    #expect(values(of: slopes[0], [1, 2, 4, 10], [x, s]) == [10, 10, 10])
    #expect(values(of: slopes[1], [1, 2, 4, 10], [x, s]) == [10])
  }

  @Test func `nan is the largest, and its index that of the first`() {
    let graph = Graph()
    let x = graph.parameter("x", .vector(4))
    let point = [1, .nan, 7, .nan]
    #expect(values(of: max(x), point, [x])[0].isNaN)
    #expect(values(of: argmax(x), point, [x]) == [1])
    #expect(values(of: argmax(x), [3, 7, 7, -.infinity], [x]) == [1])
  }

  @Test func `an index that is not there gives nan and takes no gradient`() {
    let graph = Graph()
    let (x, index) = (graph.parameter("x", .vector(2)), graph.parameter("index"))
    let output = pick(x, index)
    let slope = graph.gradients(of: output, withRespectTo: [x])[0]
    for missing in [-1.0, 2, 1e30, -1e30, .nan, .infinity] {
      #expect(values(of: output, [5, 6, missing], [x, index])[0].isNaN)
      #expect(values(of: slope, [5, 6, missing], [x, index]) == [0, 0])
    }
    #expect(values(of: slope, [5, 6, 1], [x, index]) == [0, 1])
  }

  private func values(of node: Node, _ point: [Double], _ inputs: [Node]) -> [Double] {
    let program = Program(outputs: [node], columns: [], parameters: inputs)
    var executor = Executor<Double>(program, batchRows: 1)
    return executor.values(ofRow: 0, in: Columns([]), parameters: point)
  }
}

@Suite struct ShapeTests {
  @Test func `shapes that do not fit are named with the operation`() throws {
    let cases: [(String, (Graph) -> Node)] = [
      (
        "'+' takes values of one shape, not a vector of 3 and a vector of 4",
        { $0.parameter("x", .vector(3)) + $0.parameter("y", .vector(4)) }
      ),
      (
        "'dot' takes two vectors of one length, not a vector of 3 and a scalar",
        { dot($0.parameter("x", .vector(3)), $0.parameter("s")) }
      ),
      (
        "'matvec' takes a matrix and a vector as long as its rows, not a 2x3 matrix and a vector of 2",
        { matvec($0.parameter("w", .matrix(rows: 2, columns: 3)), $0.parameter("x", .vector(2))) }
      ),
      (
        "'pick' takes a vector and the index of an element, not a vector of 3 and a scalar",
        { pick($0.parameter("x", .vector(3)), $0.constant(3)) }
      ),
    ]
    for (message, build) in cases {
      let graph = Graph()
      _ = build(graph) + 1
      let error = try #require(graph.shapeError)
      #expect(error.description == message)
    }
  }

  @Test func `the first of several shape errors is kept`() throws {
    let graph = Graph()
    let (x, y) = (graph.parameter("x", .vector(3)), graph.parameter("y", .vector(4)))
    #expect(graph.shapeError == nil)
    _ = dot(x, y)
    _ = x - y
    #expect(try #require(graph.shapeError).operation == "dot")
  }
}
