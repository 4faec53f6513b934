import Foundation
import Testing

@testable import Training

@Suite struct ElementaryTests {
  @Test(arguments: [0.0, 0.3, 0.95, 0.999, 1, 1.1], [0, 1, 2, 3, 6, 63, 64, 1000, 100_000])
  func `whole powers are the nearest double`(base: Double, exponent: Int) {
    let expected = pow(base, Double(exponent))
    let found = Elementary.power(base, exponent)
    #expect(found == expected || abs(found - expected) <= expected.ulp)
  }

  @Test(arguments: [1e-300, 0.01, 0.3, 0.96, 1, 1.4142135623730951, 1.5, 7, 1e300])
  func `logarithms, exponentials and powers are within a few ulps`(x: Double) {
    let expected = log(x)
    #expect(abs(Elementary.logarithm(x) - expected) <= 3 * expected.ulp)
    for y in [0.0, 0.004, 0.1, 0.5, 2.5] where x < 100 {
      let power = pow(x, y)
      let limit = 4 + abs(y * expected)
      #expect(abs(Elementary.power(x, y) - power) <= limit * power.ulp, "\(x)^\(y)")
    }
    #expect(abs(Elementary.exponential(-expected) - 1 / x) <= (4 + abs(expected)) * (1 / x).ulp)
  }

  @Test func `exponentials end in 0 and infinity`() {
    #expect(Elementary.exponential(-1e9) == 0)
    #expect(Elementary.exponential(1e9) == .infinity)
    #expect(Elementary.exponential(0) == 1)
    #expect(Elementary.power(0, 0.5) == 0)
  }

  @Test func `cosines of half turns are within 1e-15, and exact at quarter turns`() {
    for turn in stride(from: -5.0, through: 5, by: 0.01) {
      let expected = cos(turn.truncatingRemainder(dividingBy: 2) * .pi)
      #expect(abs(Elementary.cosine(halfTurns: turn) - expected) <= 1e-15, "\(turn)")
    }
    #expect(
      [0, 0.5, 1, 1.5, 2, 3].map { Elementary.cosine(halfTurns: $0) } == [1, 0, -1, 0, 1, -1])
  }
}
