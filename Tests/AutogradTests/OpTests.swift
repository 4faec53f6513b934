import CKernels
import Testing

@testable import Autograd

/// Points away from kinks, of which every operation's domain has one.
private let points = [0.3, 1.7]

@Suite struct OpTests {
  @Test func `the C side has the same operations in the same order`() {
    let computing = Op.allCases.filter(\.hasKernel)
    #expect(Int(bp_operation_count) == computing.count)
    for op in computing {
      #expect(String(cString: bp_operation_name(UInt32(op.rawValue))) == "\(op)")
    }
    for fusion in Opcode.Fusion.allCases {
      let opcode = Opcode.fused(fusion)
      #expect(String(cString: bp_operation_name(opcode.number)) == "\(opcode)")
      #expect(Opcode(opcode.number) == opcode)
    }
    #expect(Int(bp_opcode_count) == computing.count + Opcode.Fusion.allCases.count)
    #expect(bp_operation_name(UInt32(bp_opcode_count)) == nil)
  }

  @Test func `no two operations of one arity are spelled alike`() {
    let spellings = Op.allCases.map { "\($0.spelling) \($0.arity)" }
    #expect(Set(spellings).count == spellings.count)
  }

  @Test(arguments: Op.elementwise, [0, 1, 2])
  func `the slope agrees with a central difference`(op: Op, operand: Int) {
    guard operand < op.arity else { return }
    var compared = 0
    for x in points {
      for y in points.map({ $0 + 0.1 }) {
        let at = [x, y, 0.9]
        func value(_ shift: Double) -> Double {
          var shifted = at
          shifted[operand] += shift
          return evaluate(op, shifted)
        }
        let expected = (value(1e-6) - value(-1e-6)) / 2e-6
        if expected.isNaN { continue }
        compared += 1
        let found = gradient(op, at, operand)
        #expect(abs(found - expected) <= 1e-8 * max(1, abs(expected)), "\(op) at \(at)")
      }
    }
    #expect(compared > 0)
  }

  @Test func `a stopped gradient is 0, and a stated slope takes part in second derivatives`() {
    let graph = Graph()
    let x = graph.parameter("x")
    #expect(graph.gradients(of: stopGradient(x) * 3, withRespectTo: [x])[0].constantValue == 0)
    let cube = withSlope(stopGradient(x * x * x), by: x, 3 * square(x))
    let first = graph.gradients(of: cube * x, withRespectTo: [x])
    let second = graph.gradients(of: first[0], withRespectTo: [x])
    #expect(value(of: cube, at: [2], of: [x]) as Double == 8)
    #expect(value(of: first[0], at: [2], of: [x]) as Double == 32)
    #expect(value(of: second[0], at: [2], of: [x]) as Double == 48)
    let program = Program(outputs: [cube], columns: [], parameters: [x])
    #expect(!program.description.contains("withSlope"), "the slope is not computed for the value")
  }

  @Test(arguments: Op.elementwise + [.stopGradient])
  func `kernels agree with the function that folds constants`(op: Op) {
    let values = [-2.5, -1, -0.0, 0, 1e-3, 0.5, 1, 3, 80, .infinity, -.infinity, .nan]
    for x in values {
      for y in op.arity > 1 ? values : [0] {
        let folded = fold(op, [x, y, 0.25])
        let run64: Double = run(op, [x, y, 0.25])
        #expect(same(run64, folded, within: 2), "\(op) \(x) \(y): \(run64), folded \(folded)")
        let narrow = [x, y, 0.25].map { Double(Float($0)) }
        let run32: Float = run(op, narrow)
        #expect(same(run32, Float(fold(op, narrow)), within: 1), "\(op) \(x) \(y): \(run32)")
      }
    }
  }

  @Test func `kinks are PyTorch's`() {
    #expect(gradient(.relu, [0], 0) == 0)
    #expect(gradient(.abs, [0], 0) == 0)
    #expect(gradient(.sqrt, [0], 0) == .infinity)
    #expect(gradient(.log, [0], 0) == .infinity)
    #expect(gradient(.log, [-1], 0) == -1)
    #expect(gradient(.relu, [.nan], 0) == 1)
    #expect(gradient(.power, [0, 0], 0) == 0)
    #expect(gradient(.power, [0, 0], 1) == 0)
    #expect(gradient(.power, [0, 2], 1) == 0)
    #expect(gradient(.power, [0, -1], 1) == -.infinity)
    #expect(gradient(.power, [-2, 2], 1).isNaN)
    #expect(gradient(.power, [.nan, 0], 0) == 0)
  }

  @Test func `a constant exponent follows the textbook`() {
    for (exponent, x, expected) in [
      (2.0, -3.0, -6.0), (3, -2, 12), (0, .nan, 0), (1, 7, 1), (0.5, 4, 0.25), (-1, 2, -0.25),
      (-2, 2, -0.25), (2.5, 4, 20), (4, -1, -4), (-0.5, 4, -0.0625),
    ] {
      let graph = Graph()
      let base = graph.parameter("x")
      let slope = graph.gradients(of: pow(base, exponent), withRespectTo: [base])
      #expect(value(of: slope[0], at: [x], of: [base]) == expected, "\(x)^\(exponent)")
    }
  }
}

extension Op {
  /// The operations that compute each element by itself.
  static let elementwise = allCases.filter { $0.isElementwise && $0.hasKernel }
}

/// What the operation gives for constants.
private func fold(_ op: Op, _ operands: [Double]) -> Double {
  switch op.rule {
  case .unary(_, let function, _): function(operands[0])
  case .binary(_, let function, _): function(operands[0], operands[1])
  case .ternary(_, let function, _): function(operands[0], operands[1], operands[2])
  case .array: .nan
  }
}

private func parameters(_ graph: Graph, _ count: Int) -> [Node] {
  ["a", "b", "c"].prefix(count).map { graph.parameter($0) }
}

/// What the operation gives for parameters, in a run.
private func run<Scalar: Precision>(_ op: Op, _ operands: [Double]) -> Scalar {
  let graph = Graph()
  let inputs = parameters(graph, op.arity)
  return value(of: graph.apply(op, inputs), at: Array(operands.prefix(op.arity)), of: inputs)
}

private func evaluate(_ op: Op, _ operands: [Double]) -> Double { run(op, operands) }

private func gradient(_ op: Op, _ operands: [Double], _ position: Int) -> Double {
  let graph = Graph()
  let inputs = parameters(graph, op.arity)
  let output = graph.apply(op, inputs)
  let slope = graph.gradients(of: output, withRespectTo: [inputs[position]])
  return value(of: slope[0], at: Array(operands.prefix(op.arity)), of: inputs)
}

/// A node's value where its parameters have the given values.
func value<Scalar: Precision>(of node: Node, at point: [Double], of inputs: [Node]) -> Scalar {
  let program = Program(outputs: [node], columns: [], parameters: inputs)
  var executor = Executor<Scalar>(program, batchRows: 1)
  return executor.values(ofRow: 0, in: Columns([]), parameters: point.map { Scalar($0) })[0]
}

/// Whether two values are both nan, equal, or so many ulps apart.
private func same<Scalar: BinaryFloatingPoint>(_ a: Scalar, _ b: Scalar, within ulps: Scalar)
  -> Bool
{
  (a.isNaN && b.isNaN) || a == b || (a - b).magnitude <= ulps * max(a.ulp, b.ulp)
}
