import Autograd
import Formula
import Foundation
import Testing

/// A loss with gradients by the program's own differentiation, as optimizers see it.
final class Objective<Scalar: Precision> {
  private var executor: Executor<Scalar>
  private let data: Columns<Scalar>
  private var results: [Scalar]

  /// The mean of a formula over the rows of some columns; its parameters are in the order given.
  init(_ formula: String, columns: [(name: String, values: [Double])], parameters: [String]) throws
  {
    let graph = Graph()
    let isColumn = Set(columns.map(\.name))
    let loss = try Formula(formula).node(in: graph) {
      isColumn.contains($0) ? graph.column($0) : graph.parameter($0)
    }
    let nodes = parameters.map { graph.parameter($0) }
    let program = Program(
      outputs: [loss] + graph.gradients(of: loss, withRespectTo: nodes),
      columns: columns.map { graph.column($0.name) }, parameters: nodes)
    data = Columns(columns.map(\.values))
    executor = Executor(program, batchRows: data.rowCount)
    results = [Scalar](repeating: 0, count: 1 + parameters.count)
  }

  /// The Rosenbrock function of x and y.
  static func rosenbrock() throws -> Objective {
    try Objective(
      "(1-x)^2+100*(y-x^2)^2", columns: [("row", [0])], parameters: ["x", "y"])
  }

  /// The mean square of `b - a p`, where `a` holds rows of three.
  static func leastSquares(_ a: [Double], _ b: [Double]) throws -> Objective {
    let columns = (0..<3).map { column in
      ("a\(column)", stride(from: column, to: a.count, by: 3).map { a[$0] })
    }
    return try Objective(
      "(a0*p0 + a1*p1 + a2*p2 - b)^2", columns: columns + [("b", b)],
      parameters: ["p0", "p1", "p2"])
  }

  /// The loss; writes the gradients.
  func evaluate(_ parameters: [Scalar], _ gradients: inout [Scalar]) -> Scalar {
    executor.means(of: 0..<data.rowCount, in: data, parameters: parameters, into: &results)
    gradients = Array(results[1...])
    return results[0]
  }
}
