import Autograd
import Formula
import Testing

@testable import Models

@Suite struct RolesTests {
  private func roles(
    _ model: String, loss: String? = nil, columns: [String]? = nil, target: String? = nil
  ) throws -> Roles {
    try Roles(
      guessedFrom: Formula(model), loss: loss.map { try ModelLoss($0) }, columns: columns,
      target: target)
  }

  @Test func `x and y, alone or with digits, are data`() throws {
    #expect(try roles("a*x1 + b*y2 + c*xy + d*z").schema.names == ["x1", "y2"])
  }

  @Test func `names in backquotes and names that are compared with texts are data`() throws {
    let found = try roles("w*`petal length` + (species == 'setosa')*a + (species != 'other')")
    #expect(found.schema.names == ["petal length", "species"])
    #expect(found.schema.levels(of: "species") == ["setosa", "other"])
    #expect(found.schema.levels(of: "petal length") == nil)
  }

  @Test func `columns that are given replace the guess for the model`() throws {
    let found = try roles("a*speed + x", loss: "abs(prediction - dist)", columns: ["speed"])
    #expect(found.schema.names == ["speed", "dist"])
  }

  @Test func `the target is y unless something else is said`() throws {
    #expect(try roles("w*x", loss: "mse").target == "y")
    #expect(try roles("w*x", loss: "mse").schema.names == ["x", "y"])
    #expect(try roles("w*x", loss: "mse", target: "z").target == "z")
    #expect(try roles("w*x", loss: "(prediction - y)^2").target == "y")
    #expect(try roles("w*x", loss: "(prediction - z)^2").target == nil)
    #expect(try roles("w*x", target: "z").target == nil)
  }

  @Test func `inputs joins the columns but for the target`() throws {
    func features(_ loss: String?, _ columns: [String], target: String? = nil) throws -> [String] {
      try roles("dot(w, inputs)", loss: loss, columns: columns, target: target).features
    }
    #expect(try features(nil, ["a", "y"]) == ["a", "y"])
    #expect(try features("mse", ["a", "y"]) == ["a"])
    #expect(try features("mse", ["a", "y"], target: "a") == ["y"])
    #expect(try features("a*(prediction - y)^2", ["a", "b", "y"]) == ["a", "b"])
    // Which of the loss's names is the target is not known.
    #expect(try features("v*abs(prediction - u)", ["a", "u", "v"]) == ["a"])
    #expect(try features("v*abs(prediction - u)", ["a", "u", "v"], target: "u") == ["a", "v"])
  }

  @Test func `inputs in backquotes is a column like any other`() throws {
    let found = try roles("w*`inputs`")
    #expect(found.schema.names == ["inputs"])
    #expect(try found.inputElements(of: Formula("w*`inputs`")).isEmpty)
  }

  @Test func `a specification's roles are those of the table's columns`() throws {
    let schema = Schema(
      names: ["a", "kind", "n", "y"], kinds: ["kind": .text(levels: ["u", "v"])])
    let specification = try specification("dot(w, inputs)", weights: "n")
    let roles = Roles(specification, schema: schema, classCount: nil)
    #expect(roles.features == ["a", "kind"])
    #expect(
      roles.inputElements(of: specification.formula)
        == [.number("a"), .indicator("kind", level: 0), .indicator("kind", level: 1)])
  }

  @Test func `reserved names are free where columns have them`() throws {
    let formula = try Formula("w*prediction")
    #expect(throws: FormulaError.self) {
      try Roles(schema: Schema(names: ["x"])).checkReservedNames(in: formula)
    }
    try Roles(schema: Schema(names: ["prediction"])).checkReservedNames(in: formula)
  }
}
