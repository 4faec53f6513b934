import Foundation
import Testing

@testable import Fitting

/// Groups of rows that are fitted together, against each fitted alone.
@Suite struct GroupTests {
  /// Groups of different lengths, one after the other, with a few that have no answer.
  private struct Sample {
    var groups: [Range<Int>] = []
    var x: [Double] = []
    var response: [Double] = []

    init(of count: Int) {
      var noise = Noise(seed: 23)
      for number in 0..<count {
        let rows = number % 31 == 3 ? 2 : 12 + number % 9
        let first = x.count
        let (height, rate) = (1 + 3 * noise.uniform(), 0.3 + 2 * noise.uniform())
        for row in 0..<rows {
          x.append(0.25 * Double(row))
          let curve = number % 37 == 5 ? 0.1 : height * exp(-rate * 0.25 * Double(row))
          response.append(curve + 0.02 * noise.normal())
        }
        groups.append(first..<x.count)
      }
    }

    func problem(_ formula: String) throws -> Problem {
      try Problem(formula, ["x": x], response: response)
    }
  }

  @Test(arguments: ["a*exp(-b*x) + c", "a*exp(-b*x)", "a + b*x"])
  func `a group's answer is that of a fit by itself`(formula: String) throws {
    let sample = Sample(of: 40)
    let problem = try sample.problem(formula)
    let together = problem.fitter.fits(sample.groups, FitSettings())
    #expect(together.count == 40)
    for (group, fit) in zip(sample.groups, together) {
      let alone = problem.fitter.fit(group, FitSettings())
      #expect(fit.observations == group.count)
      #expect(fit.verdict == alone.verdict, "\(group) \(fit.estimates) \(alone.estimates)")
      guard fit.verdict == .converged, alone.verdict == .converged else { continue }
      for index in alone.estimates.indices {
        let error = alone.standardErrors[index]
        #expect(
          (fit.estimates[index] - alone.estimates[index]).magnitude <= 1e-8 * error, "\(group)")
        #expect((fit.standardErrors[index] / error - 1).magnitude <= 1e-8)
      }
    }
  }

  @Test func `threads change no bit of a group`() throws {
    // Of more than one batch of 64.
    let sample = Sample(of: 80)
    let problem = try sample.problem("a*exp(-b*x) + c")
    var settings = FitSettings()
    let one = problem.fitter.fits(sample.groups, settings).map(bits)
    for threads in [2, 3, 8] {
      settings.threads = threads
      #expect(problem.fitter.fits(sample.groups, settings).map(bits) == one, "\(threads)")
    }
  }

  @Test func `no groups are no fits`() throws {
    let problem = try Sample(of: 2).problem("a + b*x")
    #expect(problem.fitter.fits([], FitSettings()).isEmpty)
  }
}
