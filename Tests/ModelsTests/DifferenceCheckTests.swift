import Autograd
import Formula
import Models
import Tables
import Testing

@Suite struct DifferenceCheckTests {
  private static let csv = "x,y,n\n0.5,2,1\n-1,0.25,2\n3,1,1\n2,-1,4\n"

  private func findings(
    _ formula: String, loss: String = "mse", weights: String? = nil, at point: [Double],
    of quantity: DifferenceCheck.Quantity = .loss, csv: String = Self.csv
  ) throws -> [DifferenceCheck.Finding] {
    let bound = try Preparation(specification(formula, loss: loss, weights: weights)).bind(
      to: table(csv))
    let data = try bound.model.data(from: bound.table, as: Double.self)
    var check = DifferenceCheck(quantity, of: bound.model, data: data, at: point, threads: 1)
    return point.indices.map { check.check($0) }
  }

  @Test(arguments: [
    ("a*x + b", [1.5, -2]), ("a*exp(-b*x)", [2, 0.7]), ("a*sin(b*x)", [1, 3]),
    ("a*x^3 + b*1e6", [1e-5, 1e-6]), ("sigmoid(a*x)*b", [0, 1e8]), ("a/(1 + b*b*x*x)", [4, 0.1]),
  ])
  func `smooth functions agree to eight digits and more`(
    formula: String, point: [Double]
  ) throws {
    for quantity in [DifferenceCheck.Quantity.loss, .prediction] {
      for finding in try findings(formula, at: point, of: quantity) {
        #expect(finding.verdict == .agree)
        #expect(finding.relativeError < 1e-8, "\(formula): \(finding)")
      }
    }
  }

  @Test func `the gradient is that of the mean, by weight`() throws {
    // d/da of Σ n (a x − y)² / Σ n at a = 1: the mean of 2 n x (x − y).
    let finding = try findings("a*x", weights: "n", at: [1])[0]
    let sum = 2 * (0.5 * -1.5 + 2 * 1.25 + 3 * 2 + 4 * 2 * 3.0)
    #expect(abs(finding.gradient - sum / 8) < 1e-14)
    #expect(finding.verdict == .agree)
  }

  @Test func `a wrong slope differs`() throws {
    let found = try findings("detach(a)*a*x + b", at: [1.5, 1])
    #expect(found.map(\.verdict) == [.differ, .agree])
    #expect(abs(found[0].difference - 2 * found[0].gradient) < 1e-6)
  }

  @Test func `kinks and jumps are told from faults`() throws {
    #expect(try findings("abs(a)*x + b", at: [0, 1]).map(\.verdict) == [.kink, .agree])
    #expect(try findings("relu(a*x + b)", at: [0, 0]).map(\.verdict) == [.kink, .kink])
    #expect(try findings("b*x + (a > 1)", at: [2, 1]).map(\.verdict) == [.agree, .kink])
    // Near a kink smaller steps tell.
    #expect(try findings("abs(a)*x", at: [1e-7])[0].verdict == .agree)
  }

  @Test func `what has no slope agrees`() throws {
    let found = try findings("a*x + 0*b", at: [1, 1])
    #expect(found[1].gradient == 0 && found[1].difference == 0 && found[1].relativeError == 0)
    #expect(found[1].verdict == .agree)
  }
}
