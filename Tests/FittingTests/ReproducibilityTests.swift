import Autograd
import Foundation
import Testing

@testable import Fitting

/// The same bits on any number of threads, and with any vector instructions.
@Suite struct ReproducibilityTests {
  enum Kind: String, CaseIterable {
    case leastSquares, weighted, huber, poisson, profile, bootstrap

    /// Of more than one segment of 16384, so that threads have parts to take, or fewer.
    private var rowCount: Int {
      switch self {
      case .leastSquares: 2 * 16_384 + 200
      case .weighted, .huber, .poisson: 16_384 + 200
      case .profile, .bootstrap: 300
      }
    }

    private var isOfCounts: Bool { self == .poisson }

    func fit(threads: Int) throws -> Fit {
      var noise = Noise(seed: 5)
      let x = (0..<rowCount).map { 5 * Double($0) / Double(rowCount) }
      let response = x.map {
        isOfCounts
          ? ($0 * 3 + noise.uniform()).rounded() : 2 * exp(-1.3 * $0) + 0.05 * noise.uniform()
      }
      let problem = try Problem(
        isOfCounts ? "a + b*log(1 + x)" : "a*exp(-b*x)", ["x": x], response: response,
        weights: self == .weighted ? x.map { 1 + sin($0) } : nil)
      return problem.fit {
        $0.threads = threads
        $0.initial = [0: 1.9, 1: 1.2]
        switch self {
        case .huber: $0.loss = .huber(0.03)
        case .poisson: $0.loss = .poisson
        case .profile: $0.intervals = .profile
        case .bootstrap: $0.intervals = .bootstrap(count: 20, seed: 1)
        case .leastSquares, .weighted: break
        }
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func `the number of threads changes no bit`(kind: Kind) throws {
    let one = try kind.fit(threads: 1)
    #expect(one.verdict == .converged, "\(one.notes)")
    for threads in [2, 3, 8] {
      #expect(try bits(of: kind.fit(threads: threads)) == bits(of: one), "\(threads)")
    }
  }

  // Each level in a process of its own, as a process chooses its level once.

  @Test(.enabled(if: SIMDLevel.avx2.isSupported, "this machine lacks the SIMD level avx2"))
  func `vector instructions change no bit`() async throws {
    let baseline = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      setenv("BACKPROP_SIMD", "baseline", 1)
      #expect(SIMDLevel.chosen == .baseline)
      try Self.printBits()
    }
    let other = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      unsetenv("BACKPROP_SIMD")
      #expect(SIMDLevel.chosen != .baseline)
      try Self.printBits()
    }
    let outputs = try [baseline, other].map { result in
      String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        .split(separator: "\n").filter { $0.hasPrefix("bits ") }
    }
    #expect(outputs[0].count == Kind.allCases.count)
    #expect(outputs[0] == outputs[1])
  }

  private static func printBits() throws {
    for kind in Kind.allCases { print("bits \(bits(of: try kind.fit(threads: 1)))") }
  }
}

/// All numbers of a fit, as bits.
func bits(of fit: Fit) -> [UInt64] {
  var numbers = fit.estimates + fit.standardErrors + fit.lower + fit.upper + fit.history + fit.start
  numbers += fit.covariance.flatMap(\.self) + fit.correlation.flatMap(\.self)
  numbers += [
    fit.residualSumOfSquares, fit.residualStandardError, fit.r2, fit.adjustedR2, fit.logLikelihood,
    fit.aic, fit.bic, fit.conditionNumber, fit.cost, fit.deviance, fit.nullDeviance, fit.quantile,
  ]
  let counts = [fit.observations, fit.degreesOfFreedom, fit.rank, fit.iterations]
  return numbers.map(\.bitPattern) + counts.map { UInt64($0) }
}
