import Foundation
import Testing

@testable import Fitting

/// Sums over rows: the triangle, second derivatives, and what rounding leaves.
@Suite struct EvaluatorTests {
  private static let x = (1...200).map { Double($0) / 40 }

  private func evaluator(
    _ problem: Problem, _ loss: FitLoss = .leastSquares, threads: Int = 1
  ) -> Evaluator {
    Evaluator(
      .memory(problem.rows, problem.response.indices), loss: loss,
      engines: problem.engines, threads: threads)
  }

  @Test func `the triangle holds the products of slopes and residuals`() throws {
    let weights = Self.x.map { 1 + $0 * $0 }
    let response = Self.x.map { 2 * exp(-$0) + 0.3 }
    let problem = try Problem("a*exp(-b*x)", ["x": Self.x], response: response, weights: weights)
    let (a, b) = (1.7, 0.6)
    let point = try #require(evaluator(problem).point([a, b], slopes: [1, 0]))
    let columns = [
      Self.x.map { -a * $0 * exp(-b * $0) }, Self.x.map { exp(-b * $0) },
      zip(Self.x, response).map { $1 - a * exp(-b * $0) },
    ]
    for i in 0..<3 {
      for j in i..<3 {
        var wanted = 0.0
        for row in weights.indices { wanted += weights[row] * columns[i][row] * columns[j][row] }
        let found = (0...i).reduce(0) { $0 + point.triangle[$1, i] * point.triangle[$1, j] }
        #expect((found - wanted).magnitude <= 1e-12 * wanted.magnitude, "\(i) \(j)")
        if i == 2 { #expect((point.objective - wanted).magnitude <= 1e-12 * wanted) }
      }
    }
  }

  @Test(arguments: [FitLoss.leastSquares, .huber(0.2), .softL1(0.2), .cauchy(0.3), .poisson])
  func `the Hessian is that of central differences`(loss: FitLoss) throws {
    let response = Self.x.map { ($0 * 2.3).rounded() }
    let problem = try Problem("a*exp(-b*x) + c*x", ["x": Self.x], response: response)
    let evaluator = evaluator(problem, loss)
    let point = [0.4, 0.7, 0.5]
    /// Half the objective's slopes: minus the triangle's columns times its right side.
    func slopes(_ parameters: [Double]) throws -> [Double] {
      let triangle = try #require(evaluator.point(parameters, slopes: [0, 1, 2])).triangle
      return (0..<3).map { column in
        (0...column).reduce(0) { $0 - triangle[$1, column] * triangle[$1, 3] }
      }
    }
    let triangle = try #require(evaluator.point(point, slopes: [0, 1, 2])).triangle
    let curvature = evaluator.curvature(point)
    #expect(curvature.isComplete)
    for j in 0..<3 {
      var (left, right) = (point, point)
      let step = 1e-5
      left[j] -= step
      right[j] += step
      let (below, above) = (try slopes(left), try slopes(right))
      for i in 0..<3 {
        let wanted = (above[i] - below[i]) / (2 * step)
        let square = (0...min(i, j)).reduce(0) { $0 + triangle[$1, i] * triangle[$1, j] }
        let found = square - curvature.correction[i, j]
        // A residual that crosses a kink of Huber's within the step is of the order of the step.
        let margin = loss == .huber(0.2) ? 2e-3 : 1e-6
        #expect((found - wanted).magnitude <= margin * (1 + wanted.magnitude), "\(i) \(j)")
      }
    }
  }

  @Test func `a row of weight 0 may hold anything`() throws {
    var x = Self.x
    x[7] = 0
    var weights = Self.x.map { _ in 1.0 }
    let response = x.map { 3 / max($0, 1) }
    let infinite = try Problem("a/x", ["x": x], response: response)
    #expect(evaluator(infinite).point([1], slopes: [0]) == nil)
    #expect(evaluator(infinite).rowNeverFinite(at: [[1], [-2]]) == 7)
    weights[7] = 0
    for loss in [FitLoss.leastSquares, .huber(1)] {
      let problem = try Problem("a/x", ["x": x], response: response, weights: weights)
      let point = try #require(evaluator(problem, loss).point([1], slopes: [0]))
      #expect(point.objective.isFinite)
    }
    let line = try Problem("a + b*log(x)", ["x": x], response: response, weights: weights)
    let others = x.indices.filter { $0 != 7 }
    let rest = try Problem(
      "a + b*log(x)", ["x": others.map { x[$0] }], response: others.map { response[$0] })
    let (fit, wanted) = (line.fit(), rest.fit())
    #expect(fit.verdict == .converged, "\(fit.verdict)")
    for index in 0..<2 {
      let error = wanted.standardErrors[index]
      #expect((fit.estimates[index] - wanted.estimates[index]).magnitude <= 1e-12 * error)
    }
  }

  @Test func `rounding within a formula is seen where it loses digits`() throws {
    let response = Self.x.map { _ in 1.0 }
    func noise(_ formula: String, _ parameters: [Double]) throws -> Double {
      evaluator(try Problem(formula, ["x": Self.x], response: response)).noise(parameters)
    }
    let rows = Double(Self.x.count).squareRoot()
    // A value near 1 keeps its last digit.
    let plain = try noise("a*exp(-b*x)", [1, 1e-9])
    #expect(plain <= 4e-16 * rows, "\(plain)")
    // 1 − exp(−b·x) is 1e-9 and is wrong by as much as the exponential.
    let lossy = try noise("a*(1 - exp(-b*x))", [1, 1e-9])
    #expect(lossy >= 1e-17 * rows && lossy <= 4e-16 * rows, "\(lossy)")
    let exact = try noise("-a*expm1(-b*x)", [1, 1e-9])
    #expect(exact <= 1e-3 * lossy, "\(exact) \(lossy)")
    // Values of 1e-300 round as others do.
    let small = try noise("a*exp(-b*x)", [1e-150, 1])
    #expect(small <= 4e-166 * rows, "\(small)")
  }

  @Test func `rows are summed in one order on any number of threads`() throws {
    let x = (0..<40_000).map { Double($0) / 4000 }
    let problem = try Problem("a*exp(-b*x)", ["x": x], response: x.map { sin(50 * $0) })
    let one = try #require(evaluator(problem).point([1.5, 0.2], slopes: [0, 1]))
    for threads in [2, 3, 8] {
      let other = try #require(
        evaluator(problem, threads: threads).point([1.5, 0.2], slopes: [0, 1]))
      #expect(other.triangle.values == one.triangle.values)
      #expect(other.objective == one.objective)
    }
  }
}
