import Autograd
import Formula
import Models
import Tables
import Testing

@Suite struct ConditionTests {
  private func rows(_ formula: String, _ csv: String) throws -> [Int] {
    let table = try table(csv)
    let schema = try Schema(table, needed: Set(table.columnNames))
    return try Condition(Formula(formula), schema: schema).rows(of: table)
  }

  @Test func `rows count where the formula is neither 0 nor nan`() throws {
    let csv = "x,kind\n1,a\n0,b\n-3,a\n"
    #expect(try rows("x", csv) == [0, 2])
    #expect(try rows("x > 0 || kind == 'b'", csv) == [0, 1])
    #expect(try rows("log(x)", csv) == [1])
    #expect(try rows("kind != 'a'", csv) == [1])
    #expect(try rows("1", csv) == [0, 1, 2])
  }

  @Test func `it has columns alone, and one number for a value`() throws {
    func failure(_ formula: String) -> FormulaError.Reason? {
      let error = #expect(throws: FormulaError.self) { try rows(formula, "speed,kind\n1,a\n") }
      return error?.reason
    }
    #expect(failure("sped > 1") == .unknownName("sped", suggestion: "speed"))
    #expect(failure("kind == 'b'") == .unknownLevel("b", column: "kind", suggestion: nil))
    #expect(failure("speed |> dense(2)") == .misplacedLayer("dense"))
    #expect(failure("concat(speed, 1)") == .notScalar(.vector(2)))
    #expect(failure("inputs") == .unknownName("inputs", suggestion: nil))
  }
}
