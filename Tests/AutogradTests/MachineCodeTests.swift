import Testing

@testable import Autograd

/// Machine code against the kernels, which say what its bits are.
@Suite struct MachineCodeTests {
  private static let special: [Double] = [
    0, -0.0, 1, -1, 0.5, -2, 3, .infinity, -.infinity, .nan, 1e-45, -1e-40, 0x1p-1074, 3.4e38,
    -1e308,
    88.5, -103.9, 710, 1e10,
  ]

  @Test(arguments: Op.elementwise, SIMDLevel.allCases)
  func `every operation has the kernels' bits, whatever its operands are`(
    op: Op, level: SIMDLevel
  ) throws {
    try level.requireSupport()
    check(op, level, as: Float.self)
    check(op, level, as: Double.self)
  }

  private func check<Scalar: Precision>(_ op: Op, _ level: SIMDLevel, as type: Scalar.Type) {
    for (kind, operands) in operandKinds.enumerated() {
      for (index, y) in Self.special.enumerated() where op.arity > 1 || index == 0 {
        let z = Self.special[index * 5 % Self.special.count]
        let graph = Graph()
        let columns = ["x", "y", "z"].map { graph.column($0) }
        let parameters = ["p", "q", "r", "nothing"].map { graph.parameter($0) }
        let given = operands(columns, parameters, [y, z].map { graph.constant($0) })
        let output = graph.apply(op, Array(given.prefix(op.arity)))
        let zeros = parameters.map { _ in graph.constant(0) }
        let program = Program(
          outputs: [output] + zeros, columns: columns, parameters: parameters)
        guard let code = MachineCode<Scalar>(program, kernels: Scalar.kernels(level)) else {
          Issue.record("there is machine code for \(op)")
          return
        }
        var executor = Executor<Scalar>(program, batchRows: 1, simdLevel: level)
        let rows = Self.special.count
        let data = Columns<Scalar>(
          [Self.special, .init(repeating: y, count: rows), .init(repeating: z, count: rows)])
        for (row, x) in Self.special.enumerated() {
          var parameters = [x, y, z, -0.0].map { Scalar($0) }
          let expected = executor.values(ofRow: row, in: data, parameters: parameters)
          var results = [Scalar](repeating: 7, count: program.outputCount)
          var total = 0.0
          code.step(
            over: row..<row + 1, in: data, parameters: &parameters, learningRate: 1, total: &total,
            results: &results)
          #expect(
            results[0].hasSameBits(as: expected[0]), "\(op) \(x) \(y) \(z), operands \(kind)")
          #expect(total.hasSameBits(as: 0 + Double(expected[0])))
        }
      }
    }
  }

  private typealias Operands = (_ columns: [Node], _ parameters: [Node], _ constants: [Node]) ->
    [Node]

  /// Where operands may be: in columns, in parameters, in constants and results, or all three the same.
  ///
  /// The fourth parameter is -0, which changes no value that it is added to. One operand at least depends on
  /// parameters, for what does not is left to the kernels.
  private let operandKinds: [Operands] = [
    { _, p, _ in p },
    { x, p, k in [x[0], p[1], k[1]] },
    { x, p, _ in [p[0], x[1], x[2]] },
    { _, p, k in [k[0], p[0], p[2]] },
    { x, p, k in [p[3] + x[0], k[0], p[3] + x[2]] },
    { x, p, _ in [p[0], p[3] + x[1], p[2]] },
    { x, p, _ in [Node](repeating: p[3] + x[0], count: 3) },
  ]

  @Test(arguments: SIMDLevel.allCases)
  func `steps of formulas made at random are the kernels', to the bit`(level: SIMDLevel) throws {
    try level.requireSupport()
    var random = Random(seed: 1)
    for round in 0..<150 {
      let size = round % 3 == 0 ? 60 : 12
      let formula = RandomFormula(operations: size, random: &random)
      compare(formula, level, "formula \(round)", as: Float.self)
      compare(formula, level, "formula \(round)", as: Double.self)
    }
  }

  private func compare<Scalar: Precision>(
    _ formula: RandomFormula, _ level: SIMDLevel, _ name: String, as type: Scalar.Type
  ) {
    let rows = 40
    let data = Columns<Scalar>(
      formula.columns.indices.map { column in
        (0..<rows).map { Double(($0 * 31 + column * 17) * 7919 % 1009) / 500 - 1 }
      })
    let steps = [true, false].map { writesMachineCode in
      Steps<Scalar>(
        of: formula.program, on: data, in: [0..<1, 1..<rows], level: level,
        writesMachineCode: writesMachineCode)
    }
    #expect(steps[0] == steps[1], "\(name)")
  }

  @Test func `a step that is not finite ends where the kernels end`() {
    let graph = Graph()
    let (a, b) = (graph.parameter("a"), graph.parameter("b"))
    let (x, y) = (graph.column("x"), graph.column("y"))
    let losses = [
      // Of a row, of the loss alone, of the losses together, of a parameter.
      square(a * exp(b * x) - y), square(a * x * 0 + b - y), x * x + (a - a) + (b - b),
      a * x - b / (y - 1),
    ]
    for loss in losses {
      let program = Program(
        outputs: [loss] + graph.gradients(of: loss, withRespectTo: [a, b]), columns: [x, y],
        parameters: [a, b])
      for (place, value) in [
        (0, 1e6), (1023, 1e200), (1024, .infinity), (2500, .nan), (2999, 1e154),
      ] {
        var columns = [0, 1].map { column in (0..<3000).map { Double($0 % 7 + column) / 10 } }
        columns[0][place] = value
        if place == 2500 { columns[1][place] = 1 }
        let data = Columns<Double>(columns)
        let steps = [true, false].map {
          Steps<Double>(of: program, on: data, in: [0..<3000], writesMachineCode: $0)
        }
        #expect(steps[0] == steps[1], "\(loss) at \(place)")
      }
    }
  }

  @Test func `values of several elements and outer products have no machine code`() {
    let graph = Graph()
    let (w, v) = (graph.parameter("w", .vector(2)), graph.column("v", count: 2))
    let loss = dot(w, v)
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: [w]), columns: [v],
      parameters: [w])
    switch MachineCode<Float>(program, kernels: Float.kernels(.chosen)) {
    case .none: break
    case .some: Issue.record("vectors are for the kernels")
    }
  }

  @Test func `gradients that are parameters are those before the step`() {
    let graph = Graph()
    let (a, b) = (graph.parameter("a"), graph.parameter("b"))
    let program = Program(outputs: [a, b, a], columns: [], parameters: [a, b])
    let steps = [true, false].map {
      Steps<Float>(of: program, on: Columns([]), in: [0..<40], writesMachineCode: $0)
    }
    #expect(steps[0] == steps[1])
    #expect(steps[0].results[0] != steps[0].parameters[0])
  }
}

/// What comes of steps of gradient descent.
private struct Steps<Scalar: Precision>: Equatable {
  var counts: [Int] = []
  var parameters: [Scalar]
  var results: [Scalar]
  var total = 0.0

  init(
    of program: Program, on data: borrowing Columns<Scalar>, in parts: [Range<Int>],
    level: SIMDLevel = .chosen, writesMachineCode: Bool
  ) {
    parameters = (0..<program.parameterCount).map { Scalar(0.3 - Double($0) / 7) }
    results = [Scalar](repeating: 0, count: program.outputCount)
    var executor = Executor<Scalar>(
      program, batchRows: 1, simdLevel: level, writesMachineCode: writesMachineCode)
    for part in parts {
      counts.append(
        executor.descend(
          over: part, in: data, parameters: &parameters, learningRate: 0.01, total: &total,
          results: &results))
    }
  }

  static func == (a: Self, b: Self) -> Bool {
    a.counts == b.counts && a.total.hasSameBits(as: b.total)
      && a.results[0].hasSameBits(as: b.results[0])
      && zip(a.parameters, b.parameters).allSatisfy { $0.hasSameBits(as: $1) }
  }
}
