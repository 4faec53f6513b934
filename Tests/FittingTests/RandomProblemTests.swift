import Foundation
import Testing

@testable import Fitting

/// Problems of ten families made up from a fixed seed, whose best answer is that of a search from the truth.
@Suite struct RandomProblemTests {
  /// A formula and how its parameters are drawn, for a width of the range of x and a height of the response.
  struct Family: Sendable, CustomTestStringConvertible {
    var name, formula: String
    var truth: @Sendable (inout Noise, _ width: Double, _ height: Double) -> [Double]
    var testDescription: String { name }
  }

  private static let problemsPerFamily = 10

  @Test(arguments: families)
  func `no answer is wrong with a success, from no start or a bad one`(family: Family) throws {
    var solved = 0
    for number in 0..<Self.problemsPerFamily {
      var noise = Noise(seed: family.name.utf8.reduce(UInt64(number)) { 31 &* $0 &+ UInt64($1) })
      let made = try make(family, &noise)
      let best = made.problem.fit {
        $0.initial = Dictionary(uniqueKeysWithValues: made.truth.enumerated().map { ($0, $1) })
      }
      try #require(best.verdict == .converged, "\(number): \(best.notes)")
      // Half of them from starts that are off by up to a factor of ten in each parameter.
      let fit = made.problem.fit { settings in
        if number % 2 == 0 { return }
        for (index, value) in made.truth.enumerated() {
          settings.initial[index] = value * pow(10, 2 * noise.uniform() - 1)
        }
      }
      let rise = fit.residualSumOfSquares / best.residualSumOfSquares - 1
      if fit.verdict.isSuccess {
        #expect(
          rise <= 1e-9, "\(family.formula) \(number): \(fit.estimates), not \(best.estimates)")
        if rise <= 1e-9 { solved += 1 }
      }
      // The truth's own sum of squares is no lower than that of the best fit.
      #expect(best.residualSumOfSquares <= made.sumOfTruth)
    }
    #expect(solved == Self.problemsPerFamily, "\(solved) solved")
  }

  private func make(
    _ family: Family, _ noise: inout Noise
  ) throws -> (problem: Problem, truth: [Double], sumOfTruth: Double) {
    let range = pow(10, 6 * noise.uniform() - 3)
    let size = pow(10, 12 * noise.uniform() - 6)
    let count = 36 + Int(24 * noise.uniform())
    let x = (0..<count).map { range * max(Double($0) / Double(count - 1), 0.005) }
    let truth = family.truth(&noise, range, size)
    let curve = try Problem(family.formula, ["x": x], response: x).heights(truth)
    let spread = (curve.max() ?? 0) - (curve.min() ?? 0)
    let sigma = spread * pow(10, noise.uniform() - 2.3)
    let errors = x.map { _ in sigma * noise.normal() }
    let problem = try Problem(
      family.formula, ["x": x], response: zip(curve, errors).map { $0 + $1 })
    return (problem, truth, errors.reduce(0) { $0 + $1 * $1 })
  }

  static let families = [
    Family(name: "decay", formula: "a*exp(-b*x) + c") { noise, width, height in
      [
        height * noise.within(0.5, 2), noise.within(1, 10) / width,
        height * noise.within(-0.5, 0.5),
      ]
    },
    Family(name: "power", formula: "a*x^b") { noise, width, height in
      let power = noise.within(-1.5, 3)
      return [height * noise.within(0.5, 2) / pow(width, power), power]
    },
    Family(name: "michaelis", formula: "v*x/(k + x)") { noise, width, height in
      [height * noise.within(0.5, 2), width * noise.within(0.05, 1)]
    },
    Family(name: "logistic", formula: "a/(1 + exp(-k*(x - m)))") { noise, width, height in
      [height * noise.within(0.5, 2), noise.within(5, 25) / width, width * noise.within(0.3, 0.7)]
    },
    Family(name: "gaussian", formula: "a*exp(-(x - m)^2/(2*s^2)) + c") { noise, width, height in
      [
        height * noise.within(0.5, 2), width * noise.within(0.2, 0.8),
        width * noise.within(0.03, 0.15),
        height * noise.within(-0.5, 0.5),
      ]
    },
    Family(name: "sine", formula: "a*sin(w*x + p) + c") { noise, width, height in
      [
        height * noise.within(0.5, 2), noise.within(8, 50) / width, noise.within(-2, 2),
        height * noise.within(-0.5, 0.5),
      ]
    },
    Family(name: "two exponentials", formula: "a*exp(-b*x) + c*exp(-d*x)") { noise, width, height in
      [
        height * noise.within(0.5, 2), noise.within(8, 30) / width, height * noise.within(0.5, 2),
        noise.within(0.5, 2) / width,
      ]
    },
    Family(name: "hill", formula: "v*x^n/(k^n + x^n)") { noise, width, height in
      [height * noise.within(0.5, 2), noise.within(1, 5), width * noise.within(0.2, 0.5)]
    },
    Family(name: "lorentzian", formula: "a*g^2/((x - m)^2 + g^2) + b + c*x") {
      noise, width, height in
      [
        height * noise.within(0.7, 2), width * noise.within(0.03, 0.12),
        width * noise.within(0.25, 0.75),
        height * noise.within(-0.3, 0.3), height / width * noise.within(-0.4, 0.4),
      ]
    },
    Family(name: "rational", formula: "(a + b*x)/(1 + c*x)") { noise, width, height in
      [
        height * noise.within(0.1, 0.5), height / width * noise.within(3, 12),
        noise.within(1, 8) / width,
      ]
    },
  ]
}

extension Noise {
  fileprivate mutating func within(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }
}
