import Formula
import Testing

@Suite struct RelationTests {
  @Test(arguments: [
    ("a*x + b", nil, "a*x + b"), ("y ~ a*x", "y", "a*x"),
    (" log(y)~ a - b*x ", "log(y)", "a - b*x"),
    ("`a ~ b` ~ c*x", "`a ~ b`", "c*x"), ("y ~ a*(kind == '~')", "y", "a*(kind == '~')"),
  ])
  func `a response stands left of the tilde`(text: String, left: String?, right: String) throws {
    let relation = try Relation(text)
    #expect(relation.response?.text == left)
    #expect(relation.prediction.text == right)
  }

  @Test(arguments: [
    ("y ~ a ~ b", 6..<7, FormulaError.Reason.misplacedTilde),
    ("a*(y ~ x)", 5..<6, .misplacedTilde), ("~ a*x", 0..<1, .missingOperand(before: "~")),
    ("y ~ ", 4..<4, .unexpectedEnd), ("y ~  a * ", 8..<8, .unexpectedEnd),
    ("lg(y) ~ a*x", 0..<2, .unknownFunction("lg", suggestion: "log10")),
    ("größe ~ a*^x", 12..<13, .missingOperand(before: "^")),
  ])
  func `errors point into the whole`(
    text: String, range: Range<Int>, reason: FormulaError.Reason
  ) throws {
    let error = try #require(throws: FormulaError.self) { try Relation(text) }
    #expect(error == FormulaError(reason, in: text, at: range))
  }

  @Test func `a plain formula has no tilde`() throws {
    let error = try #require(throws: FormulaError.self) { try Formula("y ~ x1 + x2") }
    #expect(error.reason == .modelFormula(example: "b0 + b1*x1 + b2*x2"))
    #expect(error.range == 2..<3)
  }

  @Test func `a formula tells whether it is a name, and which layer it has first`() throws {
    #expect(try Formula("`my y`").onlyName == "my y")
    #expect(try Formula("(y)").onlyName == "y")
    #expect(try Formula("-y").onlyName == nil)
    #expect(try Formula("2").onlyName == nil)
    let layer = try #require(try Formula("tanh(inputs) |> dense(4) |> relu |> dense(1)").firstLayer)
    #expect(layer.name == "dense")
    #expect(layer.range == 16..<24)
    #expect(try Formula("a*exp(x)").firstLayer == nil)
  }
}
