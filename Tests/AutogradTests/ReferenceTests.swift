import Testing

@testable import Autograd

/// Every case that PyTorch computed for single operations and small compositions.
@Suite struct ReferenceTests {
  @Test(arguments: try ReferenceFile.shared.get().ops)
  func `values and gradients are PyTorch's`(op: ReferenceOp) throws {
    for example in op.cases {
      switch example.dtype {
      case "float32": try check(op, example, as: Float.self)
      default: try check(op, example, as: Double.self)
      }
    }
  }

  private func check<Scalar: Precision>(
    _ op: ReferenceOp, _ example: ReferenceCase, as type: Scalar.Type
  ) throws {
    if op.isElementwise {
      try checkElements(op, example, as: type)
    } else {
      try checkArrays(op, example, as: type)
    }
  }

  private func checkElements<Scalar: Precision>(
    _ op: ReferenceOp, _ example: ReferenceCase, as type: Scalar.Type
  ) throws {
    let graph = Graph()
    let columns = op.inputs.map { graph.column($0) }
    let upstream = graph.column("upstream")
    let output = try op.node(of: columns)
    let gradients = graph.gradients(of: output * upstream, withRespectTo: columns)
    let inputs = try op.inputs.map { try #require(example.inputs[$0]) }
    let sources = inputs.map { $0.sources(of: example.output.shape) }

    func run(_ nodes: [Node], upstream values: [Double]) -> [[Double]] {
      let program = Program(outputs: nodes, columns: columns + [upstream], parameters: [])
      var executor = Executor<Scalar>(program, batchRows: 1)
      let data = zip(inputs, sources).map { input, source in source.map { input.values[$0] } }
      let table = Columns<Scalar>(data + [values])
      let rows = (0..<values.count).map {
        executor.values(ofRow: $0, in: table, parameters: []).map { Double($0) }
      }
      return nodes.indices.map { column in rows.map { $0[column] } }
    }

    func compareGradients(_ found: [[Double]], _ expected: [String: Tensor], _ what: String) throws
    {
      for (position, name) in op.inputs.enumerated() {
        guard let want = expected[name] else { continue }
        var sums = [Double](repeating: 0, count: want.values.count)
        for (element, source) in sources[position].enumerated() {
          sums[source] += found[position][element]
        }
        compare(
          sums, want, "\(what) by \(name)", of: op, example, as: Scalar.self,
          skipping: example.positionDependent?.grads?[name], inexact: example.inexact?.grads?[name]
        )
      }
    }

    let found = run([output] + gradients, upstream: example.upstream.values)
    compare(
      found[0], example.output, "output", of: op, example, as: Scalar.self,
      skipping: example.positionDependent?.output, inexact: example.inexact?.output)
    try compareGradients(Array(found.dropFirst()), example.grads, "gradient")
    if let expected = example.gradsAtZeroUpstream {
      let zeros = [Double](repeating: 0, count: example.upstream.values.count)
      try compareGradients(run(gradients, upstream: zeros), expected, "gradient for upstream 0")
    }
  }

  /// One row of a tensor is one example; the matrices and the bias are parameters.
  private func checkArrays<Scalar: Precision>(
    _ op: ReferenceOp, _ example: ReferenceCase, as type: Scalar.Type
  ) throws {
    let inputs = try op.inputs.map { try #require(example.inputs[$0]) }
    let examples = inputs[0].examples(along: op.axis)
    let graph = Graph()
    let x = graph.column("x", count: examples[0].count)
    let parameters = zip(op.inputs, inputs).dropFirst().map { graph.parameter($0, $1.matrixShape) }
    let output = try op.arrayNode(of: [x] + parameters)
    let upstream = graph.column("upstream", count: output.shape.count)
    let gradients = graph.gradients(of: sum(output * upstream), withRespectTo: [x] + parameters)
    #expect(graph.shapeError == nil)

    let values = inputs.dropFirst().flatMap(\.values).map { Scalar($0) }
    func run(_ nodes: [Node], upstream incoming: [[Double]]) -> [[Scalar]] {
      let program = Program(outputs: nodes, columns: [x, upstream], parameters: parameters)
      var executor = Executor<Scalar>(program, batchRows: 1)
      let rows = zip(examples, incoming).map { $0.map { inputs[0].values[$0] } + $1 }
      let table = Columns<Scalar>(rows[0].indices.map { column in rows.map { $0[column] } })
      return rows.indices.map { executor.values(ofRow: $0, in: table, parameters: values) }
    }

    func compareGradients(_ found: [[Scalar]], _ expected: [String: Tensor], _ what: String) throws
    {
      var byInput = [Double](repeating: 0, count: inputs[0].values.count)
      for (row, example) in zip(found, examples) {
        for (value, index) in zip(row, example) { byInput[index] = Double(value) }
      }
      let shared = found.reduce([Double](repeating: 0, count: values.count)) { sums, row in
        zip(sums, row.dropFirst(examples[0].count)).map { $0 + Double($1) }
      }
      var all = (byInput + shared)[...]
      for name in op.inputs {
        let want = try #require(expected[name])
        compare(
          Array(all.prefix(want.values.count)), want, "\(what) by \(name)", of: op, example,
          as: Scalar.self)
        all = all.dropFirst(want.values.count)
      }
    }

    let width = output.shape.count
    let incoming = examples.indices.map {
      Array(example.upstream.values[$0 * width..<($0 + 1) * width])
    }
    let found = run([output] + gradients, upstream: incoming)
    compare(
      found.flatMap { $0.prefix(width) }.map { Double($0) }, example.output, "output", of: op,
      example, as: Scalar.self)
    try compareGradients(found.map { Array($0.dropFirst(width)) }, example.grads, "gradient")
    if let expected = example.gradsAtZeroUpstream {
      let zeros = incoming.map { $0.map { _ in 0.0 } }
      try compareGradients(run(gradients, upstream: zeros), expected, "gradient for upstream 0")
    }
  }

  private func compare<Scalar: Precision>(
    _ found: [Double], _ expected: Tensor, _ what: String, of op: ReferenceOp,
    _ example: ReferenceCase, as type: Scalar.Type, skipping skipped: [Int]? = nil,
    inexact: [Inexact]? = nil
  ) {
    let eps = Double(Scalar.ulpOfOne)
    let isEdge = example.kind == "edge" && op.isElementwise && op.group != "where"
    let largest = expected.values.reduce(1) { max($0, abs($1)) }
    #expect(found.count == expected.values.count)
    for (index, want) in expected.values.enumerated() where skipped?.contains(index) != true {
      let got = found[index]
      func isNear(_ target: Double) -> Bool {
        same(got, target) || abs(got - target) <= 16 * Double(ulp(of: target, as: Scalar.self))
      }
      var agrees = same(got, want)
      if op.exactOutput && what == "output" {
      } else if isEdge {
        agrees = agrees || isNear(want)
        for exact in inexact ?? [] where exact.index == index {
          agrees =
            agrees || isNear(exact.value) || abs(got - want) <= 16 * eps * max(1, abs(want))
            || (min(want, exact.value)...max(want, exact.value)).contains(got)
        }
      } else {
        let scale = example.kind == "edge" ? max(1, abs(want)) : largest
        agrees = agrees || abs(got - want) <= 16 * eps * scale
      }
      #expect(agrees, "\(example.id) \(what) [\(index)]: \(got), PyTorch has \(want)")
    }
  }

  private func same(_ a: Double, _ b: Double) -> Bool { a == b || a.isNaN && b.isNaN }

  private func ulp<Scalar: Precision>(of value: Double, as type: Scalar.Type) -> Scalar {
    let narrow = Scalar(value)
    return narrow.isFinite ? narrow.ulp : 0
  }
}

extension ReferenceOp {
  var isElementwise: Bool { group != "matmul" && group != "reduction" }

  /// Along which axis a reduction's examples lie; nil if all is one example.
  var axis: Int? { name.hasSuffix("_all") ? nil : params.dim ?? 1 }

  /// The operation in this library's words; the first operand is a row.
  func arrayNode(of operands: [Node]) throws -> Node {
    let x = operands[0]
    switch name {
    case "matmul": return vecmat(x, operands[1])
    case "linear": return linear(operands[1], x, bias: operands[2])
    case "linear_no_bias": return matvec(operands[1], x)
    case "max_dim0", "max_dim1": return pick(x, argmax(x))
    default:
      let function = try #require(Function.named[name.replacing(/_(all|dim\d)$/, with: "")])
      return function([x])
    }
  }

  /// The operation in this library's words.
  func node(of inputs: [Node]) throws -> Node {
    let x = inputs[0]
    func constant(_ value: Double?) throws -> Node { x.graph.constant(try #require(value)) }
    func call(_ name: String, _ more: Node...) throws -> Node {
      let function = try #require(Function.named[name])
      return function([x] + more)
    }
    if let formula = params.formula {
      let composition = try #require(compositions[formula])
      return composition(x)
    }
    if let exponent = params.exponent { return pow(x, exponent) }
    switch name {
    case "neg": return -x
    case "pow_base_2": return pow(try constant(params.base), x)
    case "leaky_relu_0.01": return try call("leaky_relu")
    case "elu_1.0": return try call("elu")
    case "leaky_relu_0.2": return try call("leaky_relu", constant(params.negativeSlope))
    case "elu_0.5": return try call("elu", constant(params.alpha))
    case "softplus_beta2":
      return try call("softplus", constant(params.beta), constant(params.threshold))
    case "clamp": return try call("clamp", constant(params.min), constant(params.max))
    case "clamp_min": return try call("clamp_min", constant(params.min))
    case "clamp_max": return try call("clamp_max", constant(params.max))
    case "add": return x + inputs[1]
    case "sub": return x - inputs[1]
    case "mul": return x * inputs[1]
    case "div": return x / inputs[1]
    case "pow": return pow(x, inputs[1])
    default:
      let function = try #require(Function.named[name])
      return function(inputs)
    }
  }
}

private let compositions: [String: @Sendable (Node) -> Node] = [
  "x*x": { $0 * $0 },
  "x+x": { $0 + $0 },
  "x-x": { $0 - $0 },
  "x/x": { $0 / $0 },
  "x^x": { pow($0, $0) },
  "sqrt(x*x)": { sqrt($0 * $0) },
  "sqrt(x)*sqrt(x)": { sqrt($0) * sqrt($0) },
  "x*log(x)": { $0 * log($0) },
  "where(x>0,log(x),0*x)": { choose(0 < $0, log($0), else: 0 * $0) },
  "where(x>0,sqrt(x),0*x)": { choose(0 < $0, sqrt($0), else: 0 * $0) },
  "where(x>0,sqrt(where(x>0,x,1+0*x)),0*x)": {
    choose(0 < $0, sqrt(choose(0 < $0, $0, else: 1 + 0 * $0)), else: 0 * $0)
  },
  "1/(1+exp(-x))": { 1 / (1 + exp(-$0)) },
  "exp(x)/(1+exp(x))": { exp($0) / (1 + exp($0)) },
  "log(1+exp(x))": { log(1 + exp($0)) },
  "maximum(x,x)": { maximum($0, $0) },
  "maximum(x,0*x)": { maximum($0, 0 * $0) },
  "maximum(x,-x)": { maximum($0, -$0) },
  "relu(x)-relu(-x)": { relu($0) - relu(-$0) },
  "abs(x)*abs(x)": { abs($0) * abs($0) },
  "exp(x)*sin(x)+x*exp(x)": { exp($0) * sin($0) + $0 * exp($0) },
  "exp(-x^2/2)": { exp(-pow($0, 2) / 2) },
  "x^(1/3)": { pow($0, 1.0 / 3) },
  "tanh(exp(x))": { tanh(exp($0)) },
  "1/(1+1/x)": { 1 / (1 + 1 / $0) },
]
