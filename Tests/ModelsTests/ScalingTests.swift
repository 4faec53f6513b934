import Autograd
import Formula
import Models
import Tables
import Testing

@Suite struct ScalingTests {
  private func model(_ formula: String, _ table: Table) throws -> Model {
    let specification = try specification(formula)
    let needed = specification.columnsRead(among: table.columnNames)
    return try Model(specification, schema: Schema(table, needed: needed))
  }

  @Test func `a value is standardised and brought back`() {
    let scaling = Scaling(center: 3, scale: 2)
    #expect(scaling(7) == 2)
    #expect(scaling.inverse(2) == 7)
  }

  @Test func `mean and deviation, with divisor n, are those of the inputs that are numbers`() throws
  {
    let table = try table("a,b,kind,unused,y\n1,5,u,1,10\n3,5,v,2,30\n")
    let model = try model("dot(w, inputs)", table)
    let inputs = try model.scalings(of: table, withTarget: false)
    #expect(inputs.keys.sorted() == ["a", "b", "unused"])
    #expect(inputs["a"] == Scaling(center: 2, scale: 1))
    // A column that does not vary keeps its scale.
    #expect(inputs["b"] == Scaling(center: 5, scale: 1))
    let all = try model.scalings(of: table, withTarget: true)
    #expect(all["y"] == Scaling(center: 20, scale: 10))
    let first = try model.scalings(of: table, withTarget: false, rows: [1])
    #expect(first["a"] == Scaling(center: 3, scale: 1))
  }

  @Test func `data are standardised in double and then rounded once`() throws {
    let table = try table("x,y\n0.1,1\n0.2,2\n")
    var model = try model("w*x", table)
    let scaling = Scaling(center: 0.05, scale: 0.7)
    model.scalings = ["x": scaling]
    let data = try model.data(from: table, as: Float.self)
    #expect(data[0, 0] == Float(scaling(0.1)) && data[0, 1] == Float(scaling(0.2)))
    #expect(data[1, 0] == 1)
  }

  @Test(arguments: [1e-300, 1e-200, 1e-162, 1e154, 1e200, 1e300])
  func `any spread that a double holds is brought to 1`(spread: Double) throws {
    let numbers = [-1, 0, 2, 3.5, -0.25].map { $0 * spread }
    let table = try table("x,y\n" + numbers.map { "\($0),1\n" }.joined())
    var model = try model("w*x", table)
    model.scalings = try model.scalings(of: table, withTarget: false)
    let data = try model.data(from: table, as: Float.self)
    let values = numbers.indices.map { Double(data[0, $0]) }
    #expect(abs(values.reduce(0, +)) < 1e-6)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 5 - 1) < 1e-6)
  }

  @Test(arguments: [3, 7, 1000])
  func `a column of one value keeps the scale 1, though its mean would be rounded`(count: Int)
    throws
  {
    let table = try table("x,y\n" + String(repeating: "0.1,1\n", count: count))
    let scalings = try model("w*x", table).scalings(of: table, withTarget: false)
    #expect(scalings["x"] == Scaling(center: 0.1, scale: 1))
  }

  @Test(arguments: [-900, -500, 500, 900])
  func `a power of two changes the exponents of mean and deviation alone`(exponent: Int) throws {
    func scaling(_ numbers: [Double]) throws -> Scaling? {
      let table = try table("x,y\n" + numbers.map { "\($0),1\n" }.joined())
      return try model("w*x", table).scalings(of: table, withTarget: false)["x"]
    }
    let numbers = (0..<100).map { Double($0 * $0 % 37) / 7 - 2 }
    let factor = Double(sign: .plus, exponent: exponent, significand: 1)
    let one = try #require(try scaling(numbers))
    let other = try scaling(numbers.map { $0 * factor })
    #expect(other == Scaling(center: one.center * factor, scale: one.scale * factor))
  }

  @Test(arguments: [
    (["1e-310", "0"], TableError.Reason.tooLittleSpread(column: "'x'")),
    (["5e-324", "0"], .tooLittleSpread(column: "'x'")),
    (["1.7e308", "-1.7e308", "-1.7e308"], .notScalable("'1.7e+308'", column: "'x'")),
  ])
  func `a spread that no double holds is an error`(
    numbers: [String], reason: TableError.Reason
  ) throws {
    var preparation = Preparation(try specification("w*x"))
    preparation.standardization = .inputs
    let table = try table("x,y\n" + numbers.map { "\($0),1\n" }.joined())
    let error = #expect(throws: BindingError.self) { try preparation.bind(to: table) }
    guard case .table(let fault)? = error?.reason else {
      Issue.record("the table is to blame")
      return
    }
    #expect(fault.reason == reason && fault.line == 2 && fault.field == 1)
  }

  @Test func `a prediction in the target's unit may be beyond float32`() throws {
    let table = try table("x,y\n1,1e100\n2,2e100\n")
    var model = try model("w*x", table)
    model.scalings = ["y": Scaling(center: 1e100, scale: 1e100)]
    #expect(model.predict(at: [2], with: [1] as [Float]) == [2 * 1e100 + 1e100])
  }
}
