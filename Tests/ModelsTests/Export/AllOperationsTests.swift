import Tables
import Testing

@testable import Autograd
@testable import Models

/// Every operation that there is, in a model that is exported.
@Suite struct AllOperationsTests {
  private static let rows = """
    a,b,n,y
    0.5,0.25,0,0
    -0.75,2,1,0
    1,-1,2,0
    -1,-0.5,3,0
    0,0,-1,0
    0,-3,1.5,0
    30,0.125,2,0
    -1e-7,1e-9,0,0

    """

  /// An operation of columns and parameters, once for numbers and once for vectors; nothing for one that no
  /// prediction has.
  private func examples(of op: Op, in graph: Graph) -> [Node] {
    let (a, b, n) = (graph.column("a"), graph.column("b"), graph.column("n"))
    let v = concat([a, b, graph.parameter("p")])
    let w = concat([b, n, a])
    let matrix = graph.parameter("m", .matrix(rows: 2, columns: 3))
    let flat = graph.parameter("f", .vector(3))
    switch op {
    case _ where op.isElementwise:
      let operands = [a, b, n]
      let vectors = [v, w, a]
      return [
        graph.apply(op, Array(operands.prefix(op.arity))),
        graph.apply(op, Array(vectors.prefix(op.arity))),
      ]
    case .sum, .max, .argmax: return [graph.apply(op, v), graph.apply(op, a)]
    case .dot: return [dot(v, w), dot(flat, v)]
    case .outer: return [outer(flat, a), outer(b, v)]
    case .matvec: return [matvec(matrix, v)]
    case .vecmat: return [vecmat(concat([a, b]), matrix)]
    case .linear:
      return [
        linear(matrix, v, bias: graph.parameter("c", .vector(2))),
        linear(matrix, flat, bias: concat([a, b])),
      ]
    case .pick: return [pick(v, n), pick(v, graph.constant(1)), pick(flat, n)]
    case .place: return [place(a, at: n, of: 4)]
    case .fill: return [fill(a, .vector(3)), fill(graph.parameter("p"), .vector(2)) * b]
    case .concat: return [concat([a, flat, v])]
    case .slice: return [slice(v, from: 1, count: 2)]
    case .pad: return [pad(v, from: graph.constant(1), of: 5)]
    case .withSlope: return [withSlope(a, by: b, n)]
    case .uniform: return []
    default:
      Issue.record("\(op) has no example")
      return []
    }
  }

  @Test(arguments: ForeignProgram.allCases.filter(\.isPossible), [false, true])
  func `every operation is exported`(program: ForeignProgram, isDouble: Bool) throws {
    let table = try table(Self.rows)
    let columns = ["a", "b", "n"]
    let graph = Graph()
    var found: [Node] = []
    var names: [String] = []
    for op in Op.allCases {
      // Runtimes of ONNX have no erf of doubles.
      if op == .erf, program == .onnx, isDouble { continue }
      let own = examples(of: op, in: graph)
      names += own.flatMap { [String](repeating: "\(op)", count: $0.shape.count) }
      found += own
    }
    let prediction = concat(found)
    let parameters: [(String, Shape)] = [
      ("p", .scalar), ("m", .matrix(rows: 2, columns: 3)), ("f", .vector(3)), ("c", .vector(2)),
    ]
    let values = (0..<12).map { 0.25 * Double(($0 * 5) % 7) - 0.5 }
    var next = 0
    let constants = parameters.map { name, shape in
      defer { next += shape.count }
      return Recipe.Constant(
        name: name, shape: shape, values: Array(values[next..<next + shape.count]))
    }
    let recipe = Recipe(
      target: "y", fields: columns.map { Recipe.Field(name: $0, levels: nil, scaling: nil) },
      parameters: constants, prediction: prediction,
      columns: (columns.map(DataColumn.number), columns.map { graph.column($0) }),
      result: .numbers,
      units: [(factor: Double, summand: Double)](repeating: (1, 0), count: prediction.shape.count),
      isDouble: isDouble)
    let bytes =
      switch program {
      case .c: Array(try CExport(recipe, header: []).text.utf8)
      case .python: Array(try PythonExport(recipe, header: []).text.utf8)
      case .onnx: try ONNXExport(recipe, header: [], creator: "backprop 0").bytes
      }
    let outputs = try program.outputs(recipe, model: bytes, table: table)
    let code = Program(
      outputs: [prediction], columns: columns.map { graph.column($0) },
      parameters: parameters.map { graph.parameter($0, $1) })
    let expected =
      isDouble
      ? try self.values(of: code, values, table, columns)
      : try self.values(of: code, values.map { Float($0) }, table, columns)
    for (row, (found, expected)) in zip(outputs, expected).enumerated() {
      #expect(found.numbers.count == expected.count)
      for (element, (value, wanted)) in zip(found.numbers, expected).enumerated() {
        let error = (value - wanted).magnitude / Swift.max(1, wanted.magnitude)
        let isSame =
          value.isNaN && wanted.isNaN || value == wanted || error <= (isDouble ? 1e-12 : 1e-6)
        #expect(
          isSame, "\(names[element]), row \(row), element \(element): \(value), want \(wanted)")
      }
    }
    #expect(outputs.count == expected.count)
  }

  private func values<Scalar: Precision>(
    of code: Program, _ parameters: [Scalar], _ table: Table, _ columns: [String]
  ) throws -> [[Double]] {
    let data: Columns<Scalar> = try table.columns(columns.map(DataColumn.number)) { _ in [] }
    var executor = Executor<Scalar>(code, batchRows: table.rowCount)
    var found: [[Double]] = []
    executor.forEachBlock(of: 0..<table.rowCount, in: data, parameters: parameters) {
      rows, values in
      for lane in 0..<rows.count { found.append(values.map { Double($0[lane]) }) }
    }
    return found
  }
}
