@testable import Autograd

/// A loss of columns and parameters in which operations follow each other at random, and its gradients.
struct RandomFormula {
  let columns: [Node]
  let parameters: [Node]
  /// The loss, and its gradients by all parameters.
  let outputs: [Node]

  var program: Program { Program(outputs: outputs, columns: columns, parameters: parameters) }

  init(operations: Int, random: inout Random) {
    let graph = Graph()
    let columns = (0...random.below(5)).map { graph.column("x\($0)") }
    let parameters = (0...random.below(14)).map { graph.parameter("p\($0)") }
    var values = columns + parameters + [graph.constant(0.75), graph.constant(-2)]
    for _ in 0..<operations {
      let op = Op.elementwise[random.below(Op.elementwise.count)]
      // What has been computed last is read more often than by chance.
      let operands = (0..<op.arity).map { _ in
        random.below(2) == 0
          ? values[values.count - 1 - random.below(4)] : values[random.below(values.count)]
      }
      // Kept small, so that not all is infinite.
      let value = graph.apply(op, operands)
      values.append(random.below(3) == 0 ? tanh(value) : value)
    }
    let loss = values.suffix(6).reduce(graph.constant(0)) { $0 + square(tanh($1)) }
    self.columns = columns
    self.parameters = parameters
    outputs = [loss] + graph.gradients(of: loss, withRespectTo: parameters)
  }
}

/// Numbers that look random and are the same on every run (Steele, Lea and Flood 2014: SplitMix).
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31) % UInt64(count))
  }
}

extension Precision {
  /// Whether they are one number with one sign, or nan both.
  func hasSameBits(as other: Self) -> Bool {
    isNaN ? other.isNaN : self == other && sign == other.sign
  }
}
