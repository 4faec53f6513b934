import Autograd
import Formula
import Testing

@testable import Models

@Suite struct ModelTests {
  private func model(
    _ formula: String, loss: String? = nil, target: String = "y",
    columns: [String] = ["x", "z", "y"]
  ) throws -> Model {
    try Model(
      formula: Formula(formula), loss: loss.map { try Formula($0) }, target: target,
      tableColumns: columns)
  }

  @Test func `names that are columns are data, others are parameters`() throws {
    let model = try model("b + w*x", columns: ["y", "x", "other"])
    #expect(model.parameters.map(\.name) == ["b", "w"])
    #expect(model.inputs == ["x"])
    #expect(model.columns == [.number("y"), .number("x")])
  }

  @Test func `the loss is the squared error unless a formula says otherwise`() throws {
    #expect(try model("w*x").stepOutputs[0].description == "(w*x - y)^2")
    let other = try model("w*x", loss: "z*abs(prediction - y)")
    #expect(other.stepOutputs[0].description == "z*abs(w*x - y)")
    #expect(other.columns == [.number("x"), .number("z"), .number("y")])
    #expect(other.inputs == ["x"])
  }

  @Test func `what cannot be bound is an error at its place`() {
    func failure(_ formula: String, loss: String? = nil) -> FormulaError? {
      #expect(throws: FormulaError.self) { try model(formula, loss: loss) }
    }
    #expect(failure("2*x")?.reason == .noParameters)
    #expect(failure("w*prediction")?.range == 2..<12)
    #expect(
      failure("inputs*w")?.reason
        == .predictionShape(loss: "mse", wanted: "one number", .vector(2)))
    #expect(failure("w*x + classes")?.reason == .reservedName("classes"))
    let loss = failure("w*x", loss: "(predicton - y)^2")
    #expect(loss?.reason == .unknownName("predicton", suggestion: "prediction"))
    #expect(loss?.range == 1..<10)
  }

  @Test func `a prediction is the formula's value at a point`() throws {
    let model = try model("a*x^2 + b*z")
    #expect(model.predict(at: [3, 5], with: [2.0, 0.5] as [Double]) == [20.5])
    #expect(model.predict(at: [3, 5], with: [2.0, 0.5] as [Float]) == [20.5])
  }
}
