import Foundation
import Testing

@testable import Fitting

/// The problems of NIST's Statistical Reference Datasets, by the digits that agree with the certified values.
@Suite struct NISTTests {
  // The residuals of Lanczos1 are 1e-13 of its data. Arithmetic in 60 digits on the data as float64 has it gets 3.4 digits of
  // the standard errors and 3.1 of the sum of squares; rounding within the formula is a thousandth of the residuals.

  /// Digits that the standard errors of a problem must have, where they are not six.
  private static let errorDigits = ["Lanczos1": 2.5]
  /// Digits that the sum of squares of a problem must have, where they are not six.
  private static let sumDigits = ["Lanczos1": 2.5]

  @Test(arguments: try NISTProblem.nonlinear, NISTProblem.Start.allCases)
  func `a nonlinear problem has nine digits, whatever it starts from`(
    problem: NISTProblem, start: NISTProblem.Start
  ) throws {
    let fit = try problem.fit(from: start)
    let digits = try problem.digits(of: fit)
    #expect(fit.verdict.isSuccess, "\(fit.verdict) \(fit.notes)")
    #expect(digits.estimates >= 9, "\(fit.estimates)")
    #expect(
      digits.standardErrors >= Self.errorDigits[problem.name] ?? 6, "\(fit.standardErrors)")
    #expect(digits.sum >= Self.sumDigits[problem.name] ?? 6, "\(fit.residualSumOfSquares)")
    #expect(fit.degreesOfFreedom == problem.observations - problem.parameters.count)
  }

  /// Digits that a linear problem must have, where they are not nine: the columns of Filip, powers up to the tenth, are
  /// rounded, and its condition is 5e9.
  private static let linearDigits = ["Filip": 7.0]

  @Test(arguments: try NISTProblem.linear)
  func `a linear problem has nine digits`(problem: NISTProblem) throws {
    let fit = try problem.fit(from: .none)
    let digits = try problem.digits(of: fit)
    #expect(fit.verdict == (problem.certifiedRss == 0 ? .exact : .converged), "\(fit.notes)")
    #expect(digits.estimates >= Self.linearDigits[problem.name] ?? 9, "\(fit.estimates)")
    #expect(digits.standardErrors >= min(9, Self.linearDigits[problem.name] ?? 9))
    #expect(digits.sum >= min(9, Self.linearDigits[problem.name] ?? 9))
  }
}

/// A problem of problems.json or linear.json; the README beside them says what each field means.
struct NISTProblem: Decodable, Sendable, CustomTestStringConvertible {
  enum Start: String, CaseIterable { case first, second, none }

  var name, csv, response, model: String
  var responseTransform: String?
  var parameters: [String]
  var start1, start2: [Double]?
  var certified, certifiedSd: [Double]
  var certifiedRss: Double
  var observations: Int

  var testDescription: String { name }

  private struct File: Decodable { var problems: [NISTProblem] }

  static var nonlinear: [NISTProblem] {
    get throws { try Fixture.read("nist/problems.json", as: File.self).problems }
  }

  static var linear: [NISTProblem] {
    get throws { try Fixture.read("nist/linear.json", as: File.self).problems }
  }

  func fit(from start: Start) throws -> Fit {
    let formula = responseTransform.map { "\($0) ~ \(model)" } ?? model
    let problem = try Problem(formula, file: "nist/\(csv)", target: response)
    let values: [Double]? =
      switch start {
      case .first: start1
      case .second: start2
      case .none: nil
      }
    let initial = try problem.numbered(
      Dictionary(uniqueKeysWithValues: zip(parameters, values ?? [])))
    var fit = problem.fit { $0.initial = initial }
    // In NIST's order.
    let order = try parameters.map { try #require(problem.names.firstIndex(of: $0)) }
    fit.estimates = order.map { fit.estimates[$0] }
    fit.standardErrors = order.map { fit.standardErrors[$0] }
    return fit
  }

  /// The least digits of the estimates and of the standard errors, and those of the sum of squares, by the certified
  /// values or by equivalent ones.
  func digits(of fit: Fit) throws -> (estimates: Double, standardErrors: Double, sum: Double) {
    var best = (estimates: -1.0, standardErrors: -1.0)
    for variant in variants(of: parameters, equivalents) {
      var least = (estimates: Double.infinity, standardErrors: Double.infinity)
      for (index, name) in parameters.enumerated() {
        let (factor, source, _) = try #require(variant[name])
        let place = try #require(parameters.firstIndex(of: source))
        least.estimates = min(
          least.estimates, commonDigits(fit.estimates[index], factor * certified[place]))
        least.standardErrors = min(
          least.standardErrors, commonDigits(fit.standardErrors[index], certifiedSd[place]))
      }
      if least > best { best = least }
    }
    return (
      best.estimates, best.standardErrors, commonDigits(fit.residualSumOfSquares, certifiedRss)
    )
  }

  private var equivalents: [Equivalent] {
    switch name {
    case "Gauss1", "Gauss2", "Gauss3":
      exchanges(of: [["b3", "b4", "b5"], ["b6", "b7", "b8"]])
        + [changeOfSign(of: "b5"), changeOfSign(of: "b8")]
    case "Lanczos1", "Lanczos2", "Lanczos3":
      exchanges(of: [["b1", "b2"], ["b3", "b4"], ["b5", "b6"]])
    case "MGH17": exchanges(of: [["b2", "b4"], ["b3", "b5"]])
    case "ENSO":
      exchanges(of: [["b4", "b5", "b6"], ["b7", "b8", "b9"]])
        + [changeOfSign(of: "b4", "b6"), changeOfSign(of: "b7", "b9")]
    case "Eckerle4": [changeOfSign(of: "b1", "b2")]
    default: []
    }
  }
}

/// The log relative error: how many digits agree; of the absolute error where `certified` is 0.
private func commonDigits(_ found: Double, _ certified: Double) -> Double {
  if found == certified { return 15 }
  let error = (found - certified).magnitude / (certified == 0 ? 1 : certified.magnitude)
  return error.isNaN ? -1 : -log10(error)
}
