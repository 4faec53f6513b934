import Testing

@testable import Autograd

@Suite struct BranchTests {
  /// The gradient of a node by parameters at a point.
  private func gradient(_ point: [Double], _ body: ([Node]) -> Node) -> [Double] {
    let graph = Graph()
    let parameters = point.indices.map { graph.parameter("p\($0)") }
    let output = sum(body(parameters))
    #expect(graph.shapeError == nil)
    return graph.gradients(of: output, withRespectTo: parameters).map {
      value(of: $0, at: point, of: parameters)
    }
  }

  @Test func `a branch that is not taken has no gradient where its slopes are infinite`() {
    #expect(
      gradient([0, 2, 3]) { branch(0 < $0[0], $0[1] * log($0[0]), else: $0[2]) } == [0, 0, 1])
    #expect(gradient([0, 2, 3]) { branch(0 < $0[0], $0[2], else: $0[1] / $0[0]) }[2] == 0)
    #expect(
      gradient([1, 2, 3]) { branch(0 < $0[0], $0[1] * log($0[0]), else: $0[2]) } == [2, 0, 0])
    // As in PyTorch, what is not a formula's choice passes nan on.
    #expect(gradient([0]) { choose(0 < $0[0], sqrt($0[0]), else: 0 * $0[0]) }[0].isNaN)
  }

  @Test func `what is used outside too has the gradient from there`() {
    let found = gradient([0, 2]) { p in branch(0 < p[0], sqrt(p[0]), else: 3 * p[0]) + p[0] * p[1] }
    #expect(found == [5, 0])
    // Inside a branch of another choice, and where both share their work.
    let nested = gradient([0, 2]) { p in
      let root = sqrt(p[0])
      return branch(
        0 < p[0], branch(1 < p[1], log(root) * p[1], else: root),
        else: branch(p[1] < 3, p[1], else: root))
    }
    #expect(nested == [0, 1])
    // One condition twice.
    let twice = gradient([0, 2]) { p in
      branch(0 < p[0], log(p[0]) * p[1], else: p[1]) + branch(0 < p[0], log(p[0]), else: p[1])
    }
    #expect(twice == [0, 2])
  }

  @Test func `a taken branch keeps its infinite slope`() {
    #expect(gradient([0]) { branch($0[0] <= 0, sqrt($0[0]), else: $0[0]) } == [.infinity])
  }

  @Test func `a choice for each element is masked before elements are joined`() {
    let graph = Graph()
    let (a, v) = (graph.parameter("a"), graph.parameter("v", .vector(2)))
    let chosen = branch(0 < v, a * log(v), else: v * 2)
    for output in [sum(chosen), dot(chosen, chosen), pick(chosen, graph.constant(0)) + sum(chosen)]
    {
      let gradients = graph.gradients(of: output, withRespectTo: [a, v])
      let program = Program(outputs: gradients, columns: [], parameters: [a, v])
      var executor = Executor<Double>(program, batchRows: 1)
      let found = executor.values(ofRow: 0, in: Columns([]), parameters: [3, 0, 1])
      #expect(!found.contains { !$0.isFinite }, "\(found)")
    }
    let byA = graph.gradients(of: sum(chosen), withRespectTo: [a, v])
    let program = Program(outputs: byA, columns: [], parameters: [a, v])
    var executor = Executor<Double>(program, batchRows: 1)
    #expect(executor.values(ofRow: 0, in: Columns([]), parameters: [3, 0, 1]) == [0, 2, 3])
  }

  @Test func `second derivatives are masked too`() {
    let graph = Graph()
    let x = graph.parameter("x")
    let output = branch(0 < x, pow(x, 1.5), else: 3 * x * x)
    let first = graph.gradients(of: output, withRespectTo: [x])
    let second = graph.gradients(of: first[0], withRespectTo: [x])
    #expect(value(of: second[0], at: [0], of: [x]) == 6.0)
    #expect(value(of: second[0], at: [1], of: [x]) == 0.75)
    let product = graph.hessianVectorProduct(of: output, withRespectTo: [x], [graph.constant(2)])
    #expect(value(of: product[0], at: [0], of: [x]) == 12.0)
  }

  @Test func `a value that is not finite is not sought where it does not count`() {
    let graph = Graph()
    let (a, x) = (graph.parameter("a"), graph.column("x"))
    let output = branch(0 < x, a * log(x), else: a) / x
    let fault = NonFinite.first(
      in: [output], columns: [x], parameters: [a], rows: 0..<1, of: Columns([[0.0]]), values: [1])
    #expect(fault?.fault.op == .divide)
  }

  @Test func `the extremes of several values and of a vector share ties`() throws {
    let (largest, smallest) = (
      try #require(Function.named["max"]), try #require(Function.named["min"])
    )
    #expect(gradient([1, 3, 2]) { largest($0) } == [0, 1, 0])
    #expect(gradient([1, 3, 2]) { smallest($0) } == [1, 0, 0])
    #expect(gradient([2, 2]) { largest($0) } == [0.5, 0.5])
    #expect(gradient([1, 3, 1]) { smallest([concat($0)]) } == [0.5, 0, 0.5])
    #expect(gradient([3, 2]) { Function.named["pow"]?($0) ?? $0[0] }[0] == 6)
  }
}
