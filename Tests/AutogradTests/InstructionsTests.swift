import Testing

@testable import Autograd

@Suite struct InstructionsTests {
  @Test func `baseline always works, and what is chosen does`() {
    #expect(Instructions.baseline.isSupported)
    #expect(Instructions.chosen.isSupported)
    #expect(Instructions.met("baseline") == .baseline)
    #expect(Instructions.met("sse9") == nil)
    for instructions in Instructions.allCases where !instructions.isSupported {
      #expect(Instructions.met(instructions.rawValue) == nil)
    }
  }

  @Test func `an executor runs with the instructions that it is given`() {
    let graph = Graph()
    let x = graph.column("x")
    let program = Program(outputs: [exp(x) * sin(x)], columns: [x], parameters: [])
    let data = (0..<1000).map { Double($0) / 100 }
    let means = Instructions.allCases.filter(\.isSupported).map { instructions in
      var executor = Executor<Float>(program, batchRows: 1000, instructions: instructions)
      var results: [Float] = [0]
      executor.means(of: 0..<1000, in: Columns([data]), parameters: [], into: &results)
      return results[0]
    }
    #expect(Set(means).count == 1)
  }
}
