import Formula
import Models
import Tables
import Testing

@Suite struct RowFormulaTests {
  private func values(_ formula: String, _ csv: String) throws -> [Double] {
    let table = try table(csv)
    let schema = try Schema(table, needed: Set(table.columnNames))
    return try RowFormula(Formula(formula), schema: schema).values(of: table)
  }

  @Test func `each row has a value in double`() throws {
    let csv = "x,kind\n1,a\n0,b\n-3,a\n"
    #expect(try values("0.1*x", csv) == [0.1, 0, -0.1 * 3])
    #expect(try values("x + 10*(kind == 'b')", csv) == [1, 10, -3])
    #expect(try values("1/x", csv) == [1, .infinity, -1 / 3])
    #expect(try values("0.5", csv) == [0.5, 0.5, 0.5])
  }

  @Test func `many rows are computed block by block`() throws {
    let csv = "x\n" + (0..<5000).map { "\($0)\n" }.joined()
    #expect(try values("x^2", csv) == (0..<5000).map { Double($0 * $0) })
  }

  @Test func `its names are columns`() throws {
    let error = #expect(throws: FormulaError.self) { try values("0.1*sped", "speed\n1\n") }
    #expect(error?.reason == .unknownName("sped", suggestion: "speed"))
  }
}
