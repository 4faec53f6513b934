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
}
