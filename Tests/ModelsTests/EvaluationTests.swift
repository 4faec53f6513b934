import Autograd
import Formula
import Tables
import Testing

@testable import Models

@Suite struct EvaluationTests {
  private func evaluate(
    _ csv: String, _ formula: String, loss: String = "mse", weights: String? = nil,
    scalings: [String: Scaling] = [:], parameters: [Double]
  ) throws -> Evaluation {
    let specification = try specification(formula, loss: loss, weights: weights)
    let bound = try Preparation(specification).bind(to: table(csv))
    var model = bound.model
    model.scalings = scalings
    let data = try model.data(from: bound.table, as: Double.self)
    return try model.evaluate(bound.table, data, parameters: parameters)
  }

  /// Predictions 1, 2, 3 of 1, 2, 6: squared errors 0, 0, 9; the mean is 3, the deviations' squares
  /// 4, 1, 9.
  @Test func `a number is measured by its errors`() throws {
    let found = try evaluate("x,y\n1,1\n2,2\n3,6\n", "w*x", parameters: [1])
    #expect(found.loss == 3)
    #expect(found.rmse == 3.0.squareRoot())
    let r2 = try #require(found.r2)
    #expect(abs(r2 - 5.0 / 14) < 1e-15)
    #expect(found.accuracy == nil)
  }

  @Test func `rows count by their weights`() throws {
    let found = try evaluate(
      "x,n,y\n1,3,1\n5,0,99\n3,1,7\n", "w*x", weights: "n", parameters: [1])
    #expect(found.loss == 4 && found.rmse == 2)
    let r2 = try #require(found.r2)
    #expect(abs(r2 - 11.0 / 27) < 1e-15)
  }

  @Test func `errors are in the target's own unit, the loss is not`() throws {
    let found = try evaluate(
      "x,y\n1,10\n2,30\n", "w*x", scalings: ["y": Scaling(center: 0, scale: 10)],
      parameters: [1])
    #expect(found.loss == 0.5)
    #expect(found.rmse == 50.0.squareRoot())
  }

  @Test(arguments: [1e-200, 1e200])
  func `errors whose squares no double holds are measured too`(unit: Double) throws {
    let found = try evaluate(
      "x,y\n1,\(unit)\n2,\(2 * unit)\n3,\(6 * unit)\n", "w*x",
      scalings: ["y": Scaling(center: 0, scale: unit)], parameters: [1])
    let rmse = try #require(found.rmse)
    #expect(abs(rmse / unit - 3.0.squareRoot()) < 1e-15)
    let r2 = try #require(found.r2)
    #expect(abs(r2 - 5.0 / 14) < 1e-15)
  }

  @Test func `a target that does not vary has no R2`() throws {
    #expect(try evaluate("x,y\n1,2\n2,2\n", "w*x", parameters: [1]).r2?.isNaN == true)
  }

  @Test func `the class with the highest score is predicted`() throws {
    let found = try evaluate(
      "x,y\n1,a\n-1,b\n2,b\n-2,b\n", "concat(w*x, 0)", loss: "cross-entropy", parameters: [1])
    #expect(found.accuracy == 0.75)
    #expect(found.rmse == nil && found.r2 == nil)
  }

  @Test(arguments: [
    ("bce", "x,y\n0.25,0\n0.75,1\n0.5,1\n", 2.0 / 3),
    ("bce-logits", "x,y\n-1,0\n1,1\n0,1\n", 2.0 / 3),
    ("hinge", "x,y\n-1,-1\n1,1\n-2,1\n", 2.0 / 3), ("bce", "x,y\n0.25,no\n0.75,yes\n", 1),
  ])
  func `the upper of two is predicted above the loss's threshold`(
    loss: String, csv: String, accuracy: Double
  ) throws {
    #expect(try evaluate(csv, "w*x", loss: loss, parameters: [1]).accuracy == accuracy)
  }

  @Test func `a logarithm is measured by what it is the logarithm of`() throws {
    let found = try evaluate("x,y\n0,1\n0,3\n", "w*x", loss: "poisson", parameters: [1])
    #expect(found.loss == 1)
    #expect(found.rmse == 2.0.squareRoot())
  }
}
