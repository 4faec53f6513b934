import Foundation
import Testing

@testable import Fitting

/// Intervals by the profile of the likelihood, against what defines them.
@Suite struct ProfileTests {
  private static let x = (0..<25).map { Double($0) / 5 }
  private static var noise: [Double] {
    var noise = Noise(seed: 7)
    return x.map { _ in noise.normal() }
  }

  @Test func `of a line, they are Student's`() throws {
    let response = zip(Self.x, Self.noise).map { 2 - 0.5 * $0 + 0.1 * $1 }
    let problem = try Problem("a + b*x", ["x": Self.x], response: response)
    let (plain, profile) = (problem.fit(), problem.fit { $0.intervals = .profile })
    for index in 0..<2 {
      let width = plain.upper[index] - plain.lower[index]
      #expect((profile.lower[index] - plain.lower[index]).magnitude <= 1e-8 * width)
      #expect((profile.upper[index] - plain.upper[index]).magnitude <= 1e-8 * width)
    }
  }

  @Test(arguments: [0.5, 0.95, 0.99])
  func `at an end the sum of squares has risen by as much as the level allows`(
    level: Double
  ) throws {
    let response = zip(Self.x, Self.noise).map { 2 * exp(-0.7 * $0) + 0.3 + 0.05 * $1 }
    let problem = try Problem("a*exp(-b*x) + c", ["x": Self.x], response: response)
    let fit = problem.fit {
      $0.intervals = .profile
      $0.level = level
    }
    let least = fit.residualSumOfSquares
    let rise = 1 + fit.quantile * fit.quantile / Double(fit.degreesOfFreedom)
    for index in 0..<3 {
      for end in [fit.lower[index], fit.upper[index]] {
        let held = problem.fit { $0.fixed = [index: end] }
        #expect((held.residualSumOfSquares / least - rise).magnitude <= 1e-7 * rise)
      }
      #expect(fit.lower[index] < fit.estimates[index] && fit.estimates[index] < fit.upper[index])
    }
  }

  @Test func `of counts, the likelihood has fallen by half the square of the quantile`() throws {
    let counts = [3.0, 7, 4, 0, 2, 5, 9, 1]
    let problem = try Problem("b", response: counts)
    let fit = problem.fit {
      $0.loss = .poisson
      $0.intervals = .profile
    }
    let sum = counts.reduce(0, +)
    let rows = Double(counts.count)
    func logLikelihood(_ b: Double) -> Double { sum * b - rows * exp(b) }
    let best = log(sum / rows)
    #expect((fit.estimates[0] - best).magnitude < 1e-14)
    for end in [fit.lower[0], fit.upper[0]] {
      let fall = logLikelihood(best) - logLikelihood(end)
      #expect((fall - 1.959963984540054 * 1.959963984540054 / 2).magnitude < 1e-7)
    }
  }

  @Test func `an end that is never reached is nan`() throws {
    // Nearly a straight line through 0, which the curve becomes as k grows.
    let response = zip(Self.x, Self.noise).map { $0 - 0.02 * $0 * $0 + 0.3 * $1 }
    let problem = try Problem("v*x/(k + x)", ["x": Self.x], response: response)
    let fit = problem.fit { $0.intervals = .profile }
    try #require(fit.verdict == .converged)
    for index in 0..<2 {
      #expect(fit.upper[index].isNaN)
      #expect(fit.lower[index] < fit.estimates[index])
    }
    // The line's sum of squares is within what the level allows.
    let line = try Problem("b*x", ["x": Self.x], response: response).fit()
    let rise = 1 + fit.quantile * fit.quantile / 23
    #expect(line.residualSumOfSquares < fit.residualSumOfSquares * rise)
  }

  @Test func `an end beyond a bound is nan`() throws {
    let response = zip(Self.x, Self.noise).map { 2 * exp(-0.7 * $0) + 0.3 + 0.05 * $1 }
    let problem = try Problem("a*exp(-b*x) + c", ["x": Self.x], response: response)
    let free = problem.fit { $0.intervals = .profile }
    let middle = (free.estimates[1] + free.upper[1]) / 2
    let fit = problem.fit {
      $0.intervals = .profile
      $0.bounds = [1: 0...middle]
    }
    #expect((fit.lower[1] - free.lower[1]).magnitude < 1e-8)
    #expect(fit.upper[1].isNaN)
  }
}
