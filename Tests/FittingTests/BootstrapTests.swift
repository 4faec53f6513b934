import Testing

@testable import Fitting

/// Errors from rows drawn with replacement.
@Suite struct BootstrapTests {
  private static let response: [Double] = {
    var noise = Noise(seed: 3)
    return (0..<60).map { _ in 5 + noise.normal() }
  }()

  private func fit(seed: UInt64, count: Int = 60, threads: Int = 1) throws -> Fit {
    let x = (0..<60).map { Double($0) / 20 }
    let problem = try Problem("a + b*x", ["x": x], response: Self.response)
    return problem.fit {
      $0.intervals = .bootstrap(count: count, seed: seed)
      $0.threads = threads
    }
  }

  @Test func `a seed gives the same numbers at any number of threads`() throws {
    let one = try fit(seed: 1)
    for threads in [1, 2, 3, 8] {
      #expect(try bits(of: fit(seed: 1, threads: threads)) == bits(of: one), "\(threads)")
    }
    let other = try fit(seed: 2)
    #expect(other.standardErrors != one.standardErrors)
    #expect(other.estimates == one.estimates)
    // More draws begin with the same ones, and do not say the same.
    #expect(try fit(seed: 1, count: 61).standardErrors != one.standardErrors)
  }

  @Test func `the error of a mean is the spread of the rows by the root of their number`() throws {
    let problem = try Problem("m", response: Self.response)
    let fit = problem.fit { $0.intervals = .bootstrap(count: 500, seed: 11) }
    let mean = Self.response.reduce(0, +) / 60
    let square = Self.response.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let wanted = (square / 60).squareRoot() / 60.0.squareRoot()
    // The deviation of 500 draws is known to 3 %.
    #expect((fit.standardErrors[0] / wanted - 1).magnitude < 0.1, "\(fit.standardErrors[0])")
    #expect((fit.upper[0] - fit.lower[0]) / wanted > 3.4)
    #expect((fit.upper[0] - fit.lower[0]) / wanted < 4.5)
    #expect((fit.estimates[0] - mean).magnitude < 1e-14)
  }

  @Test func `limits are quantiles of the draws`() {
    let (lower, upper) = Bootstrap.limits(of: (0...100).map { Double($0 * 37 % 101) }, level: 0.9)
    #expect((lower - 5).magnitude < 1e-9 && (upper - 95).magnitude < 1e-9)
    let between = Bootstrap.limits(of: [2, 1, 10, 3], level: 0.5)
    #expect(between.lower == 1.75 && between.upper == 4.75, "R's quantile of type 7")
  }

  @Test func `covariances are those of the draws`() throws {
    let draws = (0...100).map { [7 - 2 * Double($0), Double($0)] }
    // Of the whole numbers 0 to 100: (101² − 1)/12 · 101/100.
    #expect((Bootstrap.covariance(of: draws, 1, 1) - 858.5).magnitude < 1e-9)
    #expect((Bootstrap.covariance(of: draws, 0, 1) + 2 * 858.5).magnitude < 1e-9)
    let problem = try Problem(
      "a + b*x", ["x": [0, 1, 2, 3, 4, 5]], response: [1, 2.9, 5.2, 7.1, 8.8, 11.1])
    let fit = problem.fit { $0.intervals = .bootstrap(count: 100, seed: 1) }
    #expect(fit.covariance[0][0].squareRoot() == fit.standardErrors[0])
    #expect(fit.covariance[0][1] == fit.covariance[1][0])
    #expect((-1...(-0.5)).contains(fit.correlation[0][1]))
  }

  @Test func `draws without an answer are told and left out`() throws {
    // Without the last row, a draw in a hundred and more cannot tell the slope.
    let problem = try Problem(
      "a + b*x", ["x": [0, 0, 0, 0, 0, 1, 1]], response: [1, 1.2, 0.9, 1.1, 1, 2, 2.3])
    let fit = problem.fit { $0.intervals = .bootstrap(count: 200, seed: 5) }
    guard case .drawsLeftOut(1..<200, of: 200)? = fit.notes.first else {
      Issue.record("\(fit.notes)")
      return
    }
    #expect(fit.standardErrors.allSatisfy { $0 > 0 && $0 < 1 })
  }
}
