import Autograd
import Formula
import Foundation
import Testing

/// Gradients of gradients, as PyTorch computed them.
@Suite struct SecondOrderTests {
  @Test(arguments: try ReferenceFunction.all())
  func `value, gradient, Hessian and its product agree within 1e-12`(function: ReferenceFunction)
    throws
  {
    let graph = Graph()
    let variables = function.variables.map { graph.parameter($0) }
    let vector = function.variables.map { graph.parameter("v." + $0) }
    let value = try Formula(function.formula).node(in: graph) { graph.parameter($0) }
    let gradient = graph.gradients(of: value, withRespectTo: variables)
    let hessian = graph.jacobian(of: gradient, withRespectTo: variables)
    let product = graph.hessianVectorProduct(of: value, withRespectTo: variables, vector)
    let outputs = [value] + gradient + hessian.flatMap { $0 } + product
    let program = Program(outputs: outputs, columns: [], parameters: variables + vector)
    var executor = Executor<Double>(program, batchRows: 1)
    for point in function.points {
      let found = executor.values(
        ofRow: 0, in: Columns([]), parameters: point.at + point.v)
      let expected = [point.value] + point.gradient + point.hessian + point.hvp
      let n = variables.count
      for part in [0..<1, 1..<1 + n, 1 + n..<1 + n + n * n, 1 + n + n * n..<expected.count] {
        let scale = max(1, expected[part].map(\.magnitude).max() ?? 1)
        for index in part {
          #expect(
            abs(found[index] - expected[index]) <= 1e-12 * scale,
            "\(function.name) at \(point.at), number \(index)")
        }
      }
    }
  }

  @Test(arguments: try ReferenceFunction.all().filter { $0.name != "kinked" })
  func `gradients agree with central differences`(function: ReferenceFunction) throws {
    let graph = Graph()
    let variables = function.variables.map { graph.parameter($0) }
    let value = try Formula(function.formula).node(in: graph) { graph.parameter($0) }
    for point in function.points {
      let slopes = point.gradient.map(\.magnitude).max() ?? 1
      for check in graph.checkGradients(of: value, withRespectTo: variables, at: point.at) {
        #expect(check.error * max(1, check.difference.magnitude) <= 1e-6 * max(1, slopes))
      }
    }
  }

  struct ReferenceFunction: Decodable, Sendable, CustomTestStringConvertible {
    struct Point: Decodable, Sendable {
      let at, gradient, hessian, v, hvp: [Double]
      let value: Double
    }
    let name, formula: String
    let variables: [String]
    let points: [Point]

    var testDescription: String { name }

    static func all() throws -> [ReferenceFunction] {
      struct File: Decodable { let functions: [ReferenceFunction] }
      let url = try #require(
        Bundle.module.url(
          forResource: "second_order", withExtension: "json", subdirectory: "Fixtures"))
      return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).functions
    }
  }
}
