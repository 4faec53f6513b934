import Testing

@testable import Autograd

@Suite struct FunctionTests {
  @Test func `no two functions have one name`() {
    #expect(Function.named.count == Function.all.count)
    #expect(Function.named["withSlope"] == nil)
  }

  /// At one point on each side of the kinks, with bounds and scales as variables too.
  @Test(arguments: Function.all.map(\.name).filter { $0 != "detach" })
  func `the slopes agree with central differences`(name: String) throws {
    let function = try #require(Function.named[name])
    let graph = Graph()
    let inputs = ["x", "a", "b"].prefix(function.arity).map { graph.parameter($0) }
    let output = sum(function(inputs))
    // Those that need a vector or a matrix are tested with ArrayTests.
    if graph.shapeError != nil { return }
    let slopes = graph.gradients(of: output, withRespectTo: inputs)
    var compared = 0
    for x in [-2.6, -0.7, 0.4, 1.3, 3.1] {
      let at = Array([x, 0.6, 1.9].prefix(function.arity))
      for (operand, slope) in slopes.enumerated() {
        func shifted(_ shift: Double) -> Double {
          var point = at
          point[operand] += shift
          return value(of: output, at: point, of: inputs)
        }
        let expected = (shifted(1e-6) - shifted(-1e-6)) / 2e-6
        if expected.isNaN { continue }
        compared += 1
        let found: Double = value(of: slope, at: at, of: inputs)
        #expect(abs(found - expected) <= 1e-8 * max(1, abs(expected)), "\(name)\(at), \(operand)")
      }
    }
    #expect(compared > 0)
  }

  @Test func `arguments that are left out have PyTorch's defaults`() throws {
    let graph = Graph()
    let x = graph.column("x")
    for (name, defaults) in [
      ("leaky_relu", [0.01]), ("elu", [1]), ("hardtanh", [-1, 1]), ("softplus", [1, 20]),
    ] {
      let function = try #require(Function.named[name])
      #expect(function.argumentCounts == 1...1 + defaults.count)
      #expect(function([x]).index == function([x] + defaults.map { graph.constant($0) }).index)
    }
  }
}
