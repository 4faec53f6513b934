import Testing

@testable import Autograd

@Suite struct SIMDLevelTests {
  @Test func `baseline always works, and what is chosen does`() {
    #expect(SIMDLevel.baseline.isSupported)
    #expect(SIMDLevel.chosen.isSupported)
    #expect(SIMDLevel.met("baseline") == .baseline)
    #expect(SIMDLevel.met("sse9") == nil)
    for level in SIMDLevel.allCases where !level.isSupported {
      #expect(SIMDLevel.met(level.rawValue) == nil)
    }
  }

  // A level that the machine lacks is reported as skipped here: the console does not show the cases of tests
  // with several levels that `requireSupport` ends.

  @Test(.requires(.avx2)) func `an executor at avx2 has the bits of one at baseline`() {
    compareWithBaseline(.avx2)
  }

  @Test(.requires(.avx512)) func `an executor at avx512 has the bits of one at baseline`() {
    compareWithBaseline(.avx512)
  }

  private func compareWithBaseline(_ level: SIMDLevel) {
    let graph = Graph()
    let x = graph.column("x")
    let program = Program(outputs: [exp(x) * sin(x)], columns: [x], parameters: [])
    let data = (0..<1000).map { Double($0) / 100 }
    let means = [level, .baseline].map { level in
      var executor = Executor<Float>(program, batchRows: 1000, simdLevel: level)
      var results: [Float] = [0]
      executor.means(of: 0..<1000, in: Columns([data]), parameters: [], into: &results)
      return results[0]
    }
    #expect(means[0] == means[1])
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test if the machine lacks the level.
  static func requires(_ level: SIMDLevel) -> Self {
    .enabled(if: level.isSupported, "this machine lacks the SIMD level \(level.rawValue)")
  }
}

extension SIMDLevel {
  /// Ends the case of a test with several levels, as cancelled, if the machine lacks this one.
  func requireSupport() throws {
    if !isSupported { try Test.cancel("this machine lacks the SIMD level \(rawValue)") }
  }
}
