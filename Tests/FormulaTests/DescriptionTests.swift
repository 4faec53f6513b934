import Autograd
import Formula
import Testing

/// What a graph is written as, read again, is the same graph.
@Suite struct DescriptionTests {
  @Test(arguments: [
    "a - (b - c)", "a - b - c", "a/(b*c)", "a/b*c", "a*(b/c)", "-a^b", "(-a)^b", "a^-b", "a^b^c",
    "(a^b)^c",
    "a^-1.5", "(a < b) < c", "a < (b < c)", "(a < b) == (b <= c)", "a == b ? a : b",
    "(a < b ? a : b)*c",
    "!a", "a != b", "a && b || c", "-(-a - b)", "a - -2", "-2*a", "(-2)^a", "1e-7*a + 1e20*b",
    "-0*a", "a + -0.5",
    "clamp(a, b, 0.5)", "softplus(a, b)", "hypot(a, -b)", "where(a, -b, a + b)",
    "sum(concat(a, b, c, 2))", "pick(concat(a, b), 1)", "slice(concat(a, b, c), 1, 2) |> max",
    "argmax(concat(a, b))", "dot(concat(a, b), concat(b, c))", "detach(a)*b", "mish(a) - gelu(b)",
    "-exp(a) + exp(-a)", "a + b < b + c", "(a < b)^2.5", "-(a < b)", "2^(a < b)",
    "`a b` + `x``y` + `exp` + `pi` + `2x` + `½` + `größe` + `a²`",
  ])
  func `a description is the formula again`(text: String) throws {
    let graph = Graph()
    let node = try Formula(text).node(in: graph) { graph.column($0) }
    let again = try Formula(node.description).node(in: graph) { graph.column($0) }
    #expect(again.index == node.index, "\(node)")
  }

  @Test(arguments: ["elu(a)", "amax(concat(a, 1))", "softplus(a)"])
  func `functions with slopes of their own are written as their values`(text: String) throws {
    let graph = Graph()
    let written = try Formula(text).node(in: graph) { graph.parameter($0) }.description
    for a in [-1.5, 0, 0.5, 2] {
      #expect(try value(of: written, at: ["a": a]) == value(of: text, at: ["a": a]))
    }
  }

  @Test func `gradients are written as formulas too`() throws {
    let graph = Graph()
    let text = "a*exp(-b*x) + tanh(b)^2.5*relu(x - b) - hypot(a, x)/(1 + abs(b)) + a^x"
    let node = try Formula(text).node(in: graph) { graph.parameter($0) }
    for gradient in graph.gradients(
      of: node, withRespectTo: ["a", "b"].map { graph.parameter($0) })
    {
      let again = try Formula(gradient.description).node(in: graph) { graph.parameter($0) }
      #expect(again.index == gradient.index, "\(gradient)")
    }
  }

  @Test func `what formulas cannot say is written for people`() {
    let graph = Graph()
    let vector = graph.column("v", count: 3)
    #expect((vector + 2 * (vector / vector)).description == "v + 2*(v/v)")
    #expect(pow(vector, 0).description == "1")
    #expect(graph.constant(.infinity).description == "inf")
  }
}
