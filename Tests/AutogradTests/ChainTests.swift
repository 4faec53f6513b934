import CKernels
import Testing

@testable import Autograd

/// Chains against passes over each operation alone, which say what their bits are.
@Suite struct ChainTests {
  /// Numbers from -2 to 2.
  private static func sample(columns: Int, rows: Int) -> [[Double]] {
    (0..<columns).map { (column: Int) -> [Double] in
      (0..<rows).map { (row: Int) -> Double in
        let mixed = (row * 31 + column * 17) * 7919 % 1009
        return Double(mixed) / 250 - 2
      }
    }
  }

  @Test func `the C side has the same steps in the same order`() {
    #expect(Int(bp_chain_step_count) == Chain.Step.allCases.count)
    for step in Chain.Step.allCases {
      #expect(String(cString: bp_chain_step_name(step.rawValue)) == "\(step)")
    }
    #expect(bp_chain_step_name(UInt32(bp_chain_step_count)) == nil)
  }

  @Test func `of a curve's gradients, only what functions or two readers need is stored`() {
    let graph = Graph()
    let (x, y) = (graph.column("x"), graph.column("y"))
    let p = ["a", "b", "c", "d"].map { graph.parameter($0) }
    let loss = square(p[0] * exp(-p[1] * x) + p[2] * sin(p[3] * x) - y)
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: p), columns: [x, y], parameters: p
    ).withChains
    #expect(
      program.chains.map { $0.map { "\($0)" } } == [
        ["load", "multiplyScalar", "store"],
        ["load", "multiplyScalar", "store"],
        [
          "load", "multiplyScalar", "store",
          "load", "multiplyScalar", "add", "subtract", "sumOfSquares", "multiplyScalar",
          "sumOfProducts", "sumOfProducts", "store",
          "multiplyScalar", "multiply", "sumOfProducts",
          "load", "multiplyScalar", "multiply", "multiply", "negate", "sum",
        ],
      ])
    #expect(program.blocks?.outputs.allSatisfy { $0.a == UInt32(bp_no_slot) } == true)
    #expect(program.blocks?.shared.isEmpty == true)
  }

  @Test(arguments: ChainCase.all, SIMDLevel.allCases)
  func `every step has the bits of its operations, with special values too`(
    example: ChainCase, level: SIMDLevel
  ) throws {
    try level.requireSupport()
    let graph = Graph()
    let columns = ["x", "y", "z"].map { graph.column($0) }
    let parameters = ["a", "b"].map { graph.parameter($0) }
    let outputs = example.outputs(columns, parameters)
    let program = Program(outputs: outputs, columns: columns, parameters: parameters)
    #expect(program.withChains.chains.joined().contains(example.step))
    let special: [Double] = [
      0, -0.0, 1, -1, 0.1, 3, 1e30, -1e-30, .infinity, -.infinity, .nan, 1e-45, -7e-41, 3e38,
    ]
    for count in [1, 2, special.count] {
      let columns = [7, 3, 5].map { (step: Int) -> [Double] in
        (0..<count).map { (row: Int) -> Double in special[row * step % special.count] }
      }
      check(program, columns, [-0.3, 0.7], level, batches: [count + 1, count])
    }
    let ordinary = Self.sample(columns: 3, rows: 700)
    check(
      program, ordinary, [-0.3, 0.7], level,
      batches: [2, 31, 32, 33, 63, 64, 65, 96, 97, 127, 128, 129, 700])
  }

  @Test(arguments: SIMDLevel.allCases)
  func `formulas at random have the same means`(level: SIMDLevel) throws {
    try level.requireSupport()
    var random = Random(seed: 7)
    for operations in stride(from: 1, through: 61, by: 4) {
      let formula = RandomFormula(operations: operations, random: &random)
      let columns = Self.sample(columns: formula.columns.count, rows: 130)
      let parameters = formula.parameters.indices.map { Double($0 * 619 % 1001) / 500 - 1 }
      check(
        formula.program, columns, parameters, level, batches: [65, 130])
    }
  }

  @Test func `longer arithmetic is cut into chains, and arrays stand beside them`() {
    let graph = Graph()
    let (x, v) = (graph.column("x"), graph.column("v", count: 3))
    let (a, w) = (graph.parameter("a"), graph.parameter("w", .vector(3)))
    var sum = x * a
    for term in 0..<40 {
      let less = (sum - Double(term)) / 40
      sum = sum * x + less
    }
    let scaled = dot(w, v * (x * a + 1)) + sum * 1e-3
    let loss = square(scaled - x) + a * a
    let outputs = [loss, scaled] + graph.gradients(of: loss, withRespectTo: [a, w])
    let program = Program(outputs: outputs, columns: [x, v], parameters: [a, w])
    #expect(program.withChains.chains.count > 3)
    let columns = Self.sample(columns: 4, rows: 300)
    check(
      program, columns, [0.4, 0.1, -0.2, 0.3], .chosen, batches: [70, 300])
  }

  /// Compares the means of batches, on one thread and on more, in blocks of several sizes.
  private func check(
    _ program: Program, _ columns: [[Double]], _ parameters: [Double], _ level: SIMDLevel,
    batches: [Int]
  ) {
    for batch in batches {
      compare(program, columns, parameters, level, batch, as: Float.self)
      compare(program, columns, parameters, level, batch, as: Double.self)
    }
  }

  private func compare<Scalar: Precision>(
    _ program: Program, _ columns: [[Double]], _ parameters: [Double],
    _ level: SIMDLevel, _ batch: Int, as type: Scalar.Type
  ) {
    let data = Columns<Scalar>(columns)
    let values = parameters.map { Scalar($0) }
    let rows = 0..<min(batch, data.rowCount)
    func means(blockRows: Int?, threads: Int, makesChains: Bool) -> [Scalar] {
      var executor = Executor<Scalar>(
        program, batchRows: batch, blockRows: blockRows, threads: threads, simdLevel: level,
        mostChunkSums: 4 << 20, makesChains: makesChains)
      var results = [Scalar](repeating: 7, count: program.outputCount)
      executor.means(of: rows, in: data, parameters: values, into: &results)
      return results
    }
    let expected = means(blockRows: nil, threads: 1, makesChains: false)
    for (blockRows, threads) in [(nil, 1), (64, 2)] as [(Int?, Int)] {
      let found = means(blockRows: blockRows, threads: threads, makesChains: true)
      #expect(
        zip(found, expected).allSatisfy { $0.hasSameBits(as: $1) },
        "\(rows.count) rows: \(found) instead of \(expected)")
    }
  }
}

extension Program {
  /// The steps of each chain.
  fileprivate var chains: [[Chain.Step]] {
    var chains: [[Chain.Step]] = []
    var left = 0
    for instruction in blocks?.instructions ?? [] {
      if left > 0, let step = Chain.Step(rawValue: instruction.op) {
        chains[chains.count - 1].append(step)
        left -= 1
      } else if instruction.op == UInt32(bp_op_chain) {
        chains.append([])
        left = Int(instruction.count)
      }
    }
    return chains
  }
}

/// Outputs in whose computation a step occurs.
struct ChainCase: Sendable, CustomTestStringConvertible {
  let step: Chain.Step
  let outputs: @Sendable (_ x: [Node], _ p: [Node]) -> [Node]

  var testDescription: String { "\(step)" }

  /// One for each step; `exp` reads what is to be stored.
  static let all = Chain.Step.allCases.map { step in ChainCase(step: step, outputs: outputs(step)) }

  private static func outputs(_ step: Chain.Step) -> @Sendable (_ x: [Node], _ p: [Node]) -> [Node]
  {
    switch step {
    case .load, .multiply: { x, p in [x[0] * x[1] * x[2]] }
    case .store: { x, p in [exp(x[0] - x[1]), exp(x[0] - x[1]) * (x[0] - x[1])] }
    case .add: { x, p in [x[0] + x[1], (x[0] - x[1]) + (x[0] - x[1])] }
    case .addScalar: { x, p in [x[0] + p[0], 3 + x[1]] }
    case .subtract: { x, p in [(x[0] - x[1]) - x[2]] }
    case .subtractScalar: { x, p in [x[0] - p[0], exp(x[0] - 2)] }
    case .subtractFrom: { x, p in [x[0] - (x[1] - x[2])] }
    case .subtractFromScalar: { x, p in [p[0] - x[0], 2 - x[1]] }
    case .multiplyScalar: { x, p in [p[0] * x[0], x[1] * 3] }
    case .divide: { x, p in [x[0] / x[1], (x[0] + x[1]) / x[2]] }
    case .divideScalar: { x, p in [x[0] / p[0]] }
    case .divideInto: { x, p in [x[0] / (x[1] + x[2])] }
    case .divideIntoScalar: { x, p in [p[0] / x[0], 1 / (x[1] * x[1])] }
    case .negate: { x, p in [-(x[0] * x[1]), -x[2]] }
    case .square: { x, p in [square(x[0] - x[1]) + x[2]] }
    case .sum: { x, p in [x[0] + x[1], (x[0] + x[1]) - x[2], x[0] + x[1]] }
    case .sumOfSquares: { x, p in [square(x[0] - x[1]), (x[0] - x[1]) * p[0]] }
    case .sumOfProducts: { x, p in [(x[0] - x[1]) * x[2], (x[0] - x[1]) * x[1], x[0] * x[2]] }
    }
  }
}
