import Autograd
import Formula
import Testing

@testable import Models

@Suite struct CurvatureTests {
  private func curvature(
    _ formula: String, loss: String = "mse", batchRows: Int, x: [Double] = [1, 2]
  ) throws -> Double? {
    let model = try Model(
      Specification(formula: Formula(formula), loss: ModelLoss(loss), target: "y"),
      schema: Schema(names: ["x", "y"]))
    let columns = model.columns.map { $0 == .number("y") ? x.map { 3 * $0 } : x }
    return model.largestCurvature(
      of: Columns(columns), parameters: [Double](repeating: 0.5, count: model.parameterCount),
      batchRows: batchRows)
  }

  @Test(arguments: ["a*x + b", "inputs |> dense(1)"])
  func `a line's is the largest eigenvalue of its second derivatives`(formula: String) throws {
    // Over x = 1, 2 the mean of 2·(x², x; x, 1) is (5, 3; 3, 2).
    let expected = (7 + 45.0.squareRoot()) / 2
    let found = try #require(try curvature(formula, batchRows: 2))
    #expect(abs(found - expected) < 1e-3 * expected)
    // Alone, a row has 2·(x² + 1).
    let alone = try #require(try curvature(formula, batchRows: 1))
    #expect(abs(alone - 10) < 1e-9)
  }

  @Test func `the steepest of very many rows is found`() throws {
    let x = (0..<5000).map { $0 == 3217 ? 7.0 : 0.5 }
    let found = try #require(try curvature("a*x", batchRows: 1, x: x))
    #expect(abs(found - 98) < 1e-9)
  }

  @Test func `where nothing bends there is none`() throws {
    #expect(try curvature("a*x", loss: "mae", batchRows: 1) == nil)
    #expect(try curvature("a*x", batchRows: 1, x: [1e200, 1]) == nil)
  }

  @Test func `inputs far from 1 in size are named`() throws {
    var model = try Model(
      formula: Formula("a*x + b*z"), target: "y", tableColumns: ["x", "z", "y"])
    let data = Columns<Double>([[1990, 2001], [9, 8], [5000, 5000]])
    #expect(model.oversizedInputs(of: data) == ["x"])
    model.scalings["x"] = Scaling(center: 2000, scale: 10)
    #expect(model.oversizedInputs(of: data) == [])
  }
}
