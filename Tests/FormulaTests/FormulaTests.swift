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

  /// Worked out elsewhere from each formula with all its parentheses, at x = 1.5, y = 2.5, z = 3.5.
  @Test(
    arguments: [
      ("-x^2", -2.25),
      ("2^-1", 0.5),
      ("x^y^z", 22407.136744908505),
      ("-x^-y", -0.36288736930121157),
      ("2^-y^2", 0.013139006488339289),
      ("(-x)^2", 2.25),
      ("x^2*y", 5.625),
      ("x*y^2", 9.375),
      ("-x*y", -3.75),
      ("x*-y", -3.75),
      ("x--y", 4.0),
      ("x-+-y", 4.0),
      ("x - y - z", -4.5),
      ("x/y/z", 0.17142857142857143),
      ("x/y*z", 2.1),
      ("x*y/z", 1.0714285714285714),
      ("x - y + z", 2.5),
      ("x + y*z", 10.25),
      ("x*y + z", 7.25),
      ("x + y < y + z", 1.0),
      ("(x < y) == 1", 1.0),
      ("x < y && y < z", 1.0),
      ("x > y || y < z && z < x", 0.0),
      ("x < y || y < z && z < x", 1.0),
      ("(x < y || y < z) && z < x", 0.0),
      ("!x + 1", 1.0),
      ("!(x + 1)", 0.0),
      ("!x == 0", 1.0),
      ("!!x", 1.0),
      ("-!0", -1.0),
      ("!-x", 0.0),
      ("!0^2", 1.0),
      ("x < y ? y : z", 2.5),
      ("x > y ? 1 : y > z ? 2 : 3", 3.0),
      ("x < y ? y < z ? 1 : 2 : 3", 1.0),
      ("x < y ? x > z ? 1 : 2 : 3", 2.0),
      ("(x > y ? 1 : 0) ? 2 : 3", 3.0),
      ("1 + 1 ? 5 : 6", 5.0),
      ("0 || 0 ? 5 : 6", 6.0),
      ("x < y ? 1 : 2 + 3", 1.0),
      ("x > y ? 1 : 2 + 3", 5.0),
      ("-x |> abs", 1.5),
      ("x + y |> square |> sqrt", 4.0),
      ("x < y ? -x : y |> abs", 1.5),
      ("-(x |> exp)", -4.4816890703380645),
      ("x |> clamp(y, z)", 2.5),
      ("x |> clamp(0, y |> square)", 1.5),
      ("5 |> atan2(2)", 1.1902899496825317),
      ("x |> where(y, z)", 2.5),
      ("2 |> concat(3, 4) |> sum", 9.0),
      ("x |> hypot(y |> hypot(z))", 4.55521678957215),
      ("2*(x |> exp) + 1", 9.963378140676129),
      ("x^2 |> sqrt()", 1.5),
      ("maximum(x, y |> square)", 6.25),
      ("x == y ? 1 : x != y ? 2 : 3", 2.0),
      ("x <= x && x >= x", 1.0),
      ("3 - 2 - 1 < 1", 1.0),
      ("2 > 1 && 1 > 2 || 1", 1.0),
      ("1 || 0 && 0", 1.0),
    ] as [(String, Double)])
  func `operators bind as the reference has it`(text: String, expected: Double) throws {
    let found = try value(of: text, at: ["x": 1.5, "y": 2.5, "z": 3.5])
    #expect(abs(found - expected) <= 4e-16 * abs(expected), "\(found)")
  }

  @Test(
    arguments: [
      ("1e5", 100_000), ("1E+2", 100), ("1e-2", 0.01), (".5", 0.5), ("5.", 5), ("0.1e1", 1),
      ("007", 7),
      ("1e-400", 0), ("4.9e-324", .leastNonzeroMagnitude),
      ("1.7976931348623157e308", .greatestFiniteMagnitude),
      ("0.1", 0.1), ("123456789012345678901234567890", 1.2345678901234567890e29), ("1e22", 1e22),
    ] as [(String, Double)])
  func `a number is the double nearest to it`(text: String, expected: Double) throws {
    let graph = Graph()
    let node = try Formula(text).node(in: graph) { graph.parameter($0) }
    #expect(node.constantValue == expected)
  }

  @Test func `any blanks may stand between words, and none need to`() throws {
    let graph = Graph()
    func index(_ text: String) throws -> Int {
      try Formula(text).node(in: graph) { graph.parameter($0) }.index
    }
    let expected = try index("a*exp(-b*x)<1&&c!=2?x:y|>clamp(0,1)")
    let spaced = " a\t*\nexp (\r\n - b * x ) < 1 && c != 2 ? x : y |> clamp ( 0 , 1 ) "
    #expect(try index(spaced) == expected)
  }

  @Test(arguments: [
    ("petal length", "`petal length`"), ("a*b", "`a*b`"), ("", "``"), ("a`b", "`a``b`"),
    ("`", "````"),
    ("größe 列 🌷", "`größe 列 🌷`"), ("exp", "`exp`"), ("pi", "`pi`"),
    ("it's \"so\"", "`it's \"so\"`"),
    ("a\nb", "`a\nb`"), ("größe", "größe"), ("_1", "_1"), ("列", "列"), ("e\u{301}", "e\u{301}"),
  ])
  func `a column may have any name in backquotes`(name: String, spelling: String) throws {
    let formula = try Formula("2*\(spelling) + \(spelling)^2")
    #expect(formula.names.map(\.text) == [name])
    #expect(formula.names[0].range == 2..<2 + spelling.utf8.count)
    #expect(formula.names[0].isQuoted == spelling.hasPrefix("`"))
    let graph = Graph()
    let node = try formula.node(in: graph) { graph.column($0) }
    let again = try Formula(node.description).node(in: graph) { graph.column($0) }
    #expect(again.index == node.index)
  }

  @Test func `texts are compared by their indices among the column's levels`() throws {
    func value(_ text: String, species: Double) throws -> Double {
      let graph = Graph()
      let column = graph.column("species")
      var scope = Scope(graph) { _ in .text(column, levels: ["setosa", "it's", "\"b\""]) }
      let program = Program(
        outputs: [try Formula(text).scalar(in: &scope)], columns: [column], parameters: [])
      var executor = Executor<Double>(program, batchRows: 1)
      return executor.values(ofRow: 0, in: Columns([[species]]), parameters: [])[0]
    }
    #expect(try value("species == 'setosa'", species: 0) == 1)
    #expect(try value("species == 'setosa'", species: 1) == 0)
    #expect(try value("'it''s' == species ? 5 : 6", species: 1) == 5)
    #expect(try value("species != \"\"\"b\"\"\"", species: 2) == 0)
    #expect(try value("species != '\"b\"'", species: 0) == 1)
    #expect(try value("(species == 'setosa') + 2*(`species` == \"it's\")", species: 1) == 2)
    let formula = try Formula("a == 'x' ? 1 : 'y' != a ? b == 'z' : c == 2 || 'x' == a")
    #expect(formula.comparedTexts == ["a": ["x", "y"], "b": ["z"]])
  }

  @Test func `names come in order of appearance, each once`() throws {
    let formula = try Formula("b*größe + a_1*exp(-b*x) + pi")
    #expect(formula.names.map(\.text) == ["b", "größe", "a_1", "x"])
    #expect(formula.names[1].range == 2..<9)
  }

  @Test(
    arguments: [
      ("(", "x", ")"), ("-", "x", ""), ("!", "x", ""), ("+", "x", ""), ("x^", "x", ""),
      ("x^-", "x", ""),
      ("x ? y : ", "x", ""), ("x ? ", "x", " : y"), ("exp(", "x", ")"), ("x |> maximum(", "x", ")"),
      ("concat(1, ", "x", ")"), ("1 - (2 - ", "x", ")"), ("where(x, 1, ", "x", ")"),
      ("(x |> exp) + (", "x", ")"),
    ])
  func `no nesting exhausts the stack, and a modest one is allowed`(
    opening: String, core: String, closing: String
  ) throws {
    func nested(_ count: Int) -> String {
      String(repeating: opening, count: count) + core + String(repeating: closing, count: count)
    }
    var scope = Scope(Graph()) { _ in .parameter }
    _ = try Formula(nested(80)).node(in: &scope)
    for text in [nested(10_000), String(repeating: opening, count: 10_000)] {
      let error = #expect(throws: FormulaError.self) { try Formula(text) }
      #expect(error?.reason == .tooDeep)
      #expect(error?.description == "the formula nests deeper than 200 levels")
    }
  }

  @Test func `what is wide but not deep is limited too, in time that grows with its length`() throws
  {
    let names = (0..<200_000).map { "name\($0)" }
    for text in [
      "sin(" + names.joined(separator: ",") + ")", names.joined(separator: "+"),
      "concat(" + names.joined(separator: ",") + ")",
      String(repeating: "concat(1,", count: 150) + names.joined(separator: ","),
      "x" + String(repeating: " |> exp", count: 200_000),
    ] {
      let error = #expect(throws: FormulaError.self) { try Formula(text) }
      #expect(error?.reason == .tooLong)
    }
    let many = try Formula(names.prefix(10_001).joined(separator: "+"))
    var scope = Scope(Graph()) { _ in .parameter }
    _ = try many.node(in: &scope)
    #expect(scope.parameters.map(\.name) == Array(names.prefix(10_001)))
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

/// What a formula of scalar parameters gives in float64.
func value(of text: String, at values: [String: Double]) throws -> Double {
  let graph = Graph()
  let names = values.keys.sorted()
  let node = try Formula(text).node(in: graph) { graph.parameter($0) }
  let program = Program(outputs: [node], columns: [], parameters: names.map { graph.parameter($0) })
  var executor = Executor<Double>(program, batchRows: 1)
  return executor.values(ofRow: 0, in: Columns([]), parameters: names.compactMap { values[$0] })[0]
}
