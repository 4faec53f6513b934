import Autograd
import Testing

@testable import Formula

@Suite struct ReferenceTests {
  /// What the examples that are numbers give, worked out elsewhere.
  private static let values: [String: Double] = [
    "1 |> exp |> log": 1, "1 < 2 ? 5 : 6": 5, "0 || 3": 1, "2 && 0": 0, "1 == 1": 1, "1 != 1": 0,
    "1 < 2": 1, "2 <= 2": 1, "1 > 2": 0, "2 >= 2": 1, "1 + 2": 3, "1 - 2": -1, "2*3": 6, "3/2": 1.5,
    "-2^2": -4, "+2": 2, "!3": 0, "2^3^2": 512,
    "exp(1)": 2.718281828459045, "expm1(1e-9)": 1.0000000005000001e-09,
    "log(10)": 2.302585092994046,
    "log1p(1e-9)": 9.999999995e-10, "log2(8)": 3, "log10(1000)": 3, "sqrt(2)": 1.4142135623730951,
    "rsqrt(4)": 0.5, "sin(pi/6)": 0.5, "cos(pi/3)": 0.5, "tan(pi/4)": 1,
    "asin(1)": 1.5707963267948966,
    "acos(0)": 1.5707963267948966, "atan(1)": 0.7853981633974483, "atan2(1, -1)": 2.356194490192345,
    "hypot(3, 4)": 5, "sinh(1)": 1.1752011936438014, "cosh(1)": 1.5430806348152437,
    "tanh(1)": 0.7615941559557649, "asinh(1)": 0.881373587019543, "acosh(2)": 1.3169578969248166,
    "atanh(0.5)": 0.5493061443340548, "erf(1)": 0.8427007929497149,
    "sigmoid(1)": 0.7310585786300049,
    "relu(-2)": 0, "abs(-2)": 2, "sign(-2)": -1, "maximum(2, 3)": 3, "minimum(2, 3)": 2,
    "where(1 < 2, 5, 6)": 5, "sum(concat(1, 2, 3))": 6, "max(2, 3, 1)": 3, "min(2, 3, 1)": 1,
    "pow(2, 10)": 1024,
    "argmax(concat(1, 3, 2))": 1, "dot(concat(1, 2), concat(3, 4))": 11,
    "pick(concat(5, 6, 7), 1)": 6,
    "sum(slice(concat(5, 6, 7), 1, 2))": 13, "detach(2)": 2, "reciprocal(4)": 0.25, "square(3)": 9,
    "clamp(5, 1, 2)": 2, "clamp_min(-1, 0)": 0, "clamp_max(3, 2)": 2, "hardtanh(3)": 1,
    "leaky_relu(-3)": -0.03, "elu(-1)": -0.6321205588285577, "softplus(0)": 0.6931471805599453,
    "silu(1)": 0.7310585786300049, "mish(1)": 0.8650983882673103, "gelu(1)": 0.8413447460685429,
    "gelu_tanh(1)": 0.8411919906082768, "mean(concat(1, 2, 6))": 3, "amax(concat(1, 3, 2))": 3,
    "logsumexp(concat(1, 2))": 2.3132616875182226,
    "pick(softmax(concat(1, 2)), 0)": 0.2689414213699951,
    "pick(log_softmax(concat(1, 2)), 0)": -1.3132616875182228, "pi": 3.141592653589793,
  ]

  /// The columns of the examples; other names are parameters.
  private static func meaning(_ name: String, in graph: Graph) -> Scope.Meaning {
    switch name {
    case "inputs": .value(graph.column("inputs", count: 4))
    case "classes": .value(graph.constant(3))
    case "species": .text(graph.column("species"), levels: ["setosa", "virginica"])
    case "prediction", "y", "petal length": .value(graph.column(name))
    default: .parameter
    }
  }

  @Test(arguments: Reference.parts.flatMap(\.entries))
  func `every example runs, and gives what it says`(entry: Reference.Entry) throws {
    let graph = Graph()
    let formula = try Formula(entry.example)
    var scope = Scope(graph) { Self.meaning($0, in: graph) }
    let node = try formula.node(in: &scope)
    let columns = formula.names.map(\.text).compactMap { name -> Node? in
      switch Self.meaning(name, in: graph) {
      case .value(let node): node.constantValue == nil ? node : nil
      case .text(let node, _): node
      case .parameter: nil
      }
    }
    let parameters = scope.parameters.map { graph.parameter($0.name, $0.shape) }
    let gradients = graph.gradients(
      of: node.shape == .scalar ? node : sum(node), withRespectTo: parameters)
    let program = Program(outputs: [node] + gradients, columns: columns, parameters: parameters)
    var executor = Executor<Double>(program, batchRows: 1)
    let data = columns.flatMap { column in (0..<column.shape.count).map { [Double($0 + 1) / 2] } }
    let found = executor.values(
      ofRow: 0, in: Columns(data),
      parameters: [Double](repeating: 0.5, count: program.parameterCount))
    #expect(!found.contains { !$0.isFinite })
    guard formula.names.isEmpty else { return }
    let expected = try #require(Self.values[entry.example], "what does \(entry.example) give?")
    #expect(abs(found[0] - expected) <= 4e-16 * max(abs(expected), 1e-300), "\(found[0])")
  }

  @Test func `every operation, operator and layer that formulas have is in the reference, once`() {
    let spellings = Reference.parts.flatMap(\.entries).map(\.spelling)
    #expect(Set(spellings).count == spellings.count)
    for op in Op.allCases where op.isCallable {
      #expect(spellings.contains { $0.hasPrefix("\(op.spelling)(") }, "\(op)")
    }
    // The ones that are not called by name are operators, but for those which only slopes have.
    let hidden: Set<Op> = [
      .outer, .matvec, .vecmat, .linear, .place, .fill, .pad, .uniform, .withSlope,
    ]
    for op in Op.allCases where !op.isCallable && !hidden.contains(op) {
      #expect(
        spellings.contains { $0.contains(op.spelling) && $0.count <= "x == y".count }, "\(op)")
    }
    for name in Function.all.map(\.name) + Layer.all.map(\.name) {
      #expect(spellings.contains { $0.hasPrefix(name + "(") }, "\(name)")
    }
    for operation in Operator.infix + Operator.prefix {
      #expect(spellings.contains { $0.contains(operation.symbol) }, "\(operation.symbol)")
    }
    for name in Formula.reservedNames { #expect(spellings.contains(name)) }
  }

  @Test func `an example uses what it is the example of`() {
    for entry in Reference.parts.flatMap(\.entries) where entry.spelling.last == ")" {
      let name = entry.spelling.prefix { $0 != "(" }
      guard !name.contains("|>") else { continue }
      #expect(entry.example.contains(name), "\(entry.spelling)")
    }
  }
}
