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

  @Test(arguments: SIMDLevel.allCases)
  func `an executor runs at the SIMD level that it is given`(level: SIMDLevel) throws {
    try level.requireSupport()
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

extension SIMDLevel {
  /// Ends the test, or this case of it, as skipped if the machine lacks the level.
  func requireSupport() throws {
    if !isSupported { try Test.cancel("this machine lacks the SIMD level \(rawValue)") }
  }
}
