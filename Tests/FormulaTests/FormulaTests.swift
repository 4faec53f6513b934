import Autograd
import Testing

@testable import Formula

@Suite struct FormulaTests {
  @Test(
    arguments: [
      ("1 + 2*3", 7), ("2^3^2", 512), ("-2^2", -4), ("(-2)^2", 4), ("2^-1", 0.5), ("8/4/2", 1),
      ("7-4-2", 1), ("--3", 3), ("-+3", -3), ("2*-3", -6), ("+4", 4), (" 1.5e1 ", 15), (".5", 0.5),
      ("5.", 5), ("1E-2", 0.01), ("2*pi", 2 * .pi), ("sqrt(16)", 4), ("exp(0)*cos(0)", 1),
      ("abs(-3) + relu(-3) + sign(-2)", 2), ("((((1))))", 1), ("1-2+3", 2), ("6/2*3", 9),
      ("where(2 - 2, 5, 6)", 6), ("maximum(2, 3)", 3), ("clamp(5, 1, 2)", 2),
      ("leaky_relu(-3)", -0.03),
      ("leaky_relu(-3, 0.5)", -1.5), ("softplus(30) + elu(2)", 32), ("atan2(1, 1)", .pi / 4),
      ("-3*2^2", -12), ("1\n+\t1", 2), ("1 < 2", 1), ("2 <= 1", 0), ("1 > 2", 0), ("2 >= 2", 1),
      ("1 == 2", 0), ("1 != 2", 1), ("1 + 1 == 2 && 3 < 2", 0), ("0 || 1 && 0", 0), ("!2 + !0", 1),
      ("1 < 2 ? 5 : 6", 5), ("0 ? 1 : 0 ? 2 : 3", 3), ("(1 ? 0 : 1) ? 2 : 3", 3),
      ("2 |> exp |> log", 2),
      ("1 + 2 |> clamp(0, 2)", 2), ("-1 |> leaky_relu", -0.01), ("7 || 0", 1), ("3 && 2", 1),
    ] as [(String, Double)])
  func `constants are computed with the usual precedence`(text: String, expected: Double) throws {
    let graph = Graph()
    let node = try Formula(text).node(in: graph) { graph.parameter($0) }
    #expect(node.constantValue == expected)
  }

  @Test func `names come in order of appearance, each once`() throws {
    let formula = try Formula("b*größe + a_1*exp(-b*x) + pi")
    #expect(formula.names.map(\.text) == ["b", "größe", "a_1", "x"])
    #expect(formula.names[1].range == 2..<9)
  }

  /// A formula, the line of carets that the error must draw, and the sentence.
  @Test(arguments: [
    ("w*sine(x)", "  ^^^^", "unknown function 'sine'; did you mean 'sin'?"),
    ("w*(x+1", "  ^", "this '(' is never closed"),
    ("w*x)", "   ^", "this ')' closes nothing"),
    ("exp(x", "   ^", "this '(' is never closed"),
    ("", "^", "the formula is empty"),
    ("   ", "   ^", "the formula is empty"),
    ("w*", "  ^", "the formula ends where a value should follow"),
    ("w**x", "  ^", "a value is missing before '*'"),
    ("w x", "  ^", "an operator is missing before 'x'; a product is written with '*'"),
    ("2x", "^^", "an operator is missing: a product is written '2*x'"),
    ("1.2.3", "^^^^^", "'1.2.3' is not a number"),
    ("1e999", "^^^^^", "'1e999' is not a number"),
    ("w*0x1F", "  ^^^^", "'0x1F' is not a number"),
    ("w$x", " ^", "'$' has no meaning in a formula"),
    ("a−b*x", " ^", "'−' has no meaning in a formula"),
    ("a×x", " ^", "'×' has no meaning in a formula"),
    ("größe*w & 1", "        ^", "'&' has no meaning in a formula; 'and' is written '&&'"),
    ("w = x", "  ^", "'=' has no meaning in a formula; equality is written '=='"),
    (
      "0 < x < 1", "      ^", "comparisons do not chain; join two with '&&', as in '0 < x && x < 1'"
    ),
    ("x ? 1", "  ^", "this '?' has no ':'; a choice is written 'condition ? a : b'"),
    ("x : 1", "  ^", "':' has no meaning in a formula"),
    ("w*`petal length", "  ^", "this ` opens a quote that is never closed"),
    ("(a == 'b)", "      ^", "this ' opens a quote that is never closed"),
    ("x |> 2", "     ^", "after '|>' comes a function, as in '|> relu' or '|> dense(8)'"),
    ("x |> sin(2)", "     ^^^^^^", "'sin' takes 1 argument, not 2; the pipe gives the first"),
    (
      "dense*2", "^^^^^",
      "'dense' is a function: write 'dense(…)', or give the parameter another name"
    ),
    ("0x1F + 1", "^^^^", "'0x1F' is not a number"),
    ("exp*x", "^^^", "'exp' is a function: write 'exp(…)', or give the parameter another name"),
    ("w*exp()", "  ^^^^^", "'exp' takes 1 argument, not 0"),
    ("exp(x, y)", "^^^^^^^^^", "'exp' takes 1 argument, not 2"),
    ("w*elu()", "  ^^^^^", "'elu' takes 1 or 2 arguments, not 0"),
    ("softplus(x, 1, 2, 3)", "^^^^^^^^^^^^^^^^^^^^", "'softplus' takes 1 to 3 arguments, not 4"),
    ("w, x", " ^", "',' has no meaning in a formula"),
    ("(w, x)", "  ^", "',' has no meaning in a formula"),
    (
      "frobnicate(x)", "^^^^^^^^^^",
      "unknown function 'frobnicate'; a product of a column or parameter is written 'frobnicate*(…)'"
    ),
    ("(w x)", "   ^", "an operator is missing before 'x'; a product is written with '*'"),
  ])
  func `an error points at its place`(text: String, carets: String, message: String) {
    let error = #expect(throws: FormulaError.self) { try Formula(text) }
    #expect(error?.description == message)
    #expect(error?.excerpt == text + "\n" + carets)
  }

  /// Shapes come from what is joined, so that they are only known in a graph.
  @Test(arguments: [
    (
      "w + dot(concat(a, b), x)", "    ^^^^^^^^^^^^^^^^^^^^",
      "'dot' takes two vectors of one length, not a vector of 2 and a scalar"
    ),
    (
      "sum(concat(a, b) + concat(a, concat(b, x)))", "                 ^",
      "'+' takes values of one shape, not a vector of 2 and a vector of 3"
    ),
    (
      "2*concat(a, b)", "^^^^^^^^^^^^^^",
      "the formula's value is a vector of 2, not one number; 'sum' or 'mean' makes one of it"
    ),
  ])
  func `shapes that do not fit are pointed at`(text: String, carets: String, message: String) throws
  {
    let formula = try Formula(text)
    let graph = Graph()
    let error = #expect(throws: FormulaError.self) {
      try formula.node(in: graph) { graph.parameter($0) }
    }
    #expect(error?.description == message)
    #expect(error?.excerpt == text + "\n" + carets)
  }

  @Test func `no formula exhausts the stack`() {
    let deep = String(repeating: "(", count: 100_000)
    #expect(throws: FormulaError.self) { try Formula(deep) }
    #expect(throws: FormulaError.self) { try Formula(String(repeating: "-", count: 100_000) + "w") }
    let long = #expect(throws: FormulaError.self) {
      try Formula(String(repeating: "w+", count: 100_000) + "w")
    }
    #expect(long?.reason == .tooLong)
  }

  @Test func `the longest formula allowed can be differentiated`() throws {
    let graph = Graph()
    let text = String(repeating: "w*", count: Formula.mostOperations) + "w"
    let node = try Formula(text).node(in: graph) { graph.parameter($0) }
    let slope = graph.gradients(of: node, withRespectTo: [graph.parameter("w")])
    #expect(slope[0].constantValue == nil)
  }
}

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("sine", "sin"), ("epx", "exp"), ("Exp", "exp"), ("tahn", "tanh"), ("sigmoyd", "sigmoid"),
  ])
  func `a misspelt name finds its model`(name: String, expected: String) {
    #expect(closest(to: name, in: Function.all.map(\.name)) == expected)
  }

  @Test func `a name that is far from all finds none`() {
    #expect(closest(to: "q", in: ["x", "y"]) == nil)
    #expect(closest(to: "velocity", in: ["mass", "speed"]) == nil)
  }
}
