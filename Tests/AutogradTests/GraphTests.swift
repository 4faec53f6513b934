import Testing

@testable import Autograd

@Suite struct GraphTests {
  private let graph = Graph()

  @Test func `equal subexpressions are one node`() {
    let (w, x) = (graph.parameter("w"), graph.column("x"))
    let count = { graph.definitions.count }
    _ = (w * x - 1) * (w * x - 1)
    let before = count()
    _ = (w * x - 1) * (w * x - 1)
    #expect(count() == before)
  }

  @Test func `operations between constants are done in double`() {
    let third = graph.constant(1) / 3
    #expect(third.constantValue == 1.0 / 3)
    #expect((pow(graph.constant(2), 10)).constantValue == 1024)
    #expect(pow(graph.constant(0), 0).constantValue == 1)
  }

  @Test func `results that need no work are found while building`() {
    let x = graph.column("x")
    for same in [
      x * 1, 1 * x, x / 1, x - 0, -(-x), pow(x, 1), choose(graph.constant(1), x, else: 0),
    ] {
      #expect(same.description == "x")
    }
    #expect((x + 0).description == "x + 0", "-0 + 0 is 0, not -0")
  }

  @Test func `the nodes behind an output are all that it needs, operands first`() {
    let (w, x) = (graph.parameter("w"), graph.column("x"))
    let product = w * x
    _ = product + 7
    let nodes = graph.nodes(behind: [product - 1])
    #expect(nodes.map(\.description) == ["w", "x", "w*x", "1", "w*x - 1"])
    #expect(nodes.map(\.index) == nodes.map(\.index).sorted())
  }

  @Test func `a node reads as a formula`() {
    let (a, b, x) = (graph.parameter("a"), graph.parameter("b"), graph.column("x"))
    let cases: [(Node, String)] = [
      (a * x + b, "a*x + b"),
      (a * (x + b), "a*(x + b)"),
      (a - (x - b), "a - (x - b)"),
      (a - x - b, "a - x - b"),
      (a / (x / b), "a/(x/b)"),
      (-(a + b), "-(a + b)"),
      (pow(-x, a), "(-x)^a"),
      (-pow(x, a), "-x^a"),
      (pow(pow(x, a), b), "(x^a)^b"),
      (pow(x, pow(a, b)), "x^a^b"),
      (exp(a * x) * 2.5, "exp(a*x)*2.5"),
      (x * -3, "x*-3"),
      (choose(x <= a, a, else: 0), "where(x <= a, a, 0)"),
    ]
    for (node, text) in cases { #expect(node.description == text) }
  }
}

@Suite struct GradientTests {
  @Test func `the lesson's gradient is 2x(wx - y)`() {
    let graph = Graph()
    let w = graph.parameter("w")
    let (x, y) = (graph.parameter("x"), graph.parameter("y"))
    let error = x * w - y
    let gradient = graph.gradients(of: error * error, withRespectTo: [w])[0]
    let found: Float = value(of: gradient, at: [1.26, 3, 6], of: [w, x, y])
    let expected = (Float(1.26) * 3 - 6) * 2 * 3
    #expect(found == expected)
  }

  @Test func `gradients of gradients are the same call made twice`() {
    let graph = Graph()
    let (x, y) = (graph.parameter("x"), graph.parameter("y"))
    let f = pow(x, 3) * sin(y)
    let first = graph.gradients(of: f, withRespectTo: [x, y])
    let second = graph.gradients(of: first[0], withRespectTo: [x, y])
    let xx: Double = value(of: second[0], at: [2, 0.5], of: [x, y])
    let xy: Double = value(of: second[1], at: [2, 0.5], of: [x, y])
    let sine: Double = value(of: sin(y), at: [2, 0.5], of: [x, y])
    let cosine: Double = value(of: cos(y), at: [2, 0.5], of: [x, y])
    #expect(abs(xx - 12 * sine) < 1e-14)
    #expect(abs(xy - 12 * cosine) < 1e-14)
  }

  @Test func `a node that is not needed has the gradient 0, the node itself 1`() {
    let graph = Graph()
    let (x, y) = (graph.parameter("x"), graph.parameter("y"))
    let gradients = graph.gradients(of: x, withRespectTo: [x, y])
    #expect(gradients.map(\.constantValue) == [1, 0])
  }

  @Test func `the branch not taken has the gradient 0`() {
    let graph = Graph()
    let (x, y) = (graph.parameter("x"), graph.parameter("y"))
    let chosen = choose(x <= 0, 2 * y, else: 3 * y)
    let gradient = graph.gradients(of: chosen, withRespectTo: [y])[0]
    #expect(value(of: gradient, at: [-1, 5], of: [x, y]) as Double == 2)
    #expect(value(of: gradient, at: [1, 5], of: [x, y]) as Double == 3)
  }
}
