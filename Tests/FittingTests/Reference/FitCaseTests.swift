import Testing

@testable import Fitting

/// Fits that other tools computed, from the start values given and from none.
@Suite struct FitCaseTests {
  /// A case and one of the ways to run it.
  struct Run: Sendable, CustomTestStringConvertible {
    var one: FitCase
    var start: [String: Double]?
    var testDescription: String { one.name + (start == nil ? ", from none" : ", from a start") }

    static func all(in folder: String) throws -> [Run] {
      try FitCase.all(in: folder).flatMap { one in
        one.starts.map { Run(one: one, start: $0 == "none" ? nil : one.start) }
      }
    }

    func fit(_ change: (inout FitSettings) -> Void = { _ in }) throws -> (Fit, Problem) {
      let problem = try one.problem()
      var settings = try one.settings(problem, from: start)
      change(&settings)
      return (problem.fitter.fit(settings), problem)
    }
  }

  // A sigma of 0 is for the command to refuse.
  @Test(arguments: try Run.all(in: "fit").filter { $0.one.expect.exit != [65] })
  func `a fit has the answer of other tools`(run: Run) throws {
    let (fit, problem) = try run.fit()
    let expected = run.one.expect
    if run.start == nil, expected.verdict == "converged" {
      #expect(fit.verdict.isSuccess, "\(fit.verdict) \(fit.notes)")
    }
    guard expected.exit == [0] || fit.verdict.isSuccess else {
      if !expected.exit.contains(0) { try checkFailure(fit, problem, run.one) }
      return
    }
    #expect(fit.verdict.rawValue == expected.verdict.replacing("-", with: "_"), "\(fit.notes)")
    var comparison = FitComparison(fit, problem, run.one)
    try comparison.checkAll()
    #expect(comparison.faults.isEmpty, "\(comparison.faults.joined(separator: "\n"))")
  }

  /// What a fit without an answer says.
  private func checkFailure(_ fit: Fit, _ problem: Problem, _ one: FitCase) throws {
    #expect(!fit.verdict.isSuccess)
    if one.expect.verdict == "overflow" {
      #expect(fit.verdict == .notFinite)
      #expect(fit.fault == .formula(row: 0))
      #expect(fit.estimates.allSatisfy { $0.isNaN })
      return
    }
    #expect(fit.verdict.rawValue == one.expect.verdict.replacing("-", with: "_"))
    let undetermined = fit.notIdentifiable.map { problem.names[$0] }
    #expect(Set(one.expect.notIdentifiable ?? []).isSubset(of: undetermined))
    var comparison = FitComparison(fit, problem, one)
    try comparison.checkAll()
    #expect(comparison.faults.isEmpty, "\(comparison.faults.joined(separator: "\n"))")
  }

  @Test(arguments: try FitCase.all(in: "fit").filter { $0.expect.interval99 != nil })
  func `intervals at another level are as wide as its quantile says`(one: FitCase) throws {
    let (fit, problem) = try Run(one: one, start: one.start).fit { $0.level = 0.99 }
    var comparison = FitComparison(fit, problem, one)
    if !one.isRobust {
      comparison.checkIntervals([one.expect.interval99, one.expect.interval99T], "interval")
    }
    #expect(comparison.faults.isEmpty, "\(comparison.faults.joined(separator: "\n"))")
  }

  @Test(arguments: try FitCase.all(in: "fit").filter { $0.expect.profile95 != nil })
  func `profile intervals end where the profile says`(one: FitCase) throws {
    let (fit, problem) = try Run(one: one, start: one.start).fit { $0.intervals = .profile }
    var comparison = FitComparison(fit, problem, one)
    comparison.checkIntervals([one.expect.profile95], "profile")
    #expect(comparison.faults.isEmpty, "\(comparison.faults.joined(separator: "\n"))")
  }

  @Test(arguments: try FitCase.all(in: "fit").filter { $0.expect.sandwichStdError != nil })
  func `errors of robust losses are the sandwich's`(one: FitCase) throws {
    let (fit, _) = try Run(one: one, start: nil).fit()
    for (found, wanted) in zip(fit.standardErrors, one.expect.sandwichStdError ?? []) {
      guard let wanted else { continue }
      #expect((found - wanted).magnitude <= 1e-6 * wanted, "\(found), not \(wanted)")
    }
  }

  /// Problems made for these tests, each with what makes start values hard to guess.
  @Test(arguments: try FitCase.all(in: "hard"))
  func `a hard problem is solved from no start`(one: FitCase) throws {
    let (fit, problem) = try Run(one: one, start: nil).fit()
    #expect(fit.verdict == .converged, "\(fit.notes)")
    var least: [String]?
    for expected in [one.expect] + (one.alternatives ?? []) {
      var comparison = FitComparison(fit, problem, one, expected)
      try comparison.checkAll()
      if comparison.faults.count < least?.count ?? .max { least = comparison.faults }
    }
    #expect(least == [], "\((least ?? []).joined(separator: "\n"))")
  }
}
