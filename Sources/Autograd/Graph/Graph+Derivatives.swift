extension Graph {
  /// The matrix of first derivatives: a row for each of `outputs`, which are scalars, and a column for each of
  /// `nodes`.
  ///
  /// There is one reverse walk per output; the walks share common subexpressions. Without outputs the matrix is
  /// empty.
  public func jacobian(of outputs: [Node], withRespectTo nodes: [Node]) -> [[Node]] {
    outputs.map { gradients(of: $0, withRespectTo: nodes) }
  }

  /// The product of the matrix of second derivatives of `output` with a vector.
  ///
  /// It is the gradient of the slope along `vector`, and so takes two walks instead of one per row (Pearlmutter
  /// 1994). `vector` has a node of its shape for each of `nodes` and does not depend on them.
  public func hessianVectorProduct(
    of output: Node, withRespectTo nodes: [Node], _ vector: [Node]
  ) -> [Node] {
    precondition(vector.count == nodes.count, "a vector has an element for each node")
    let slopes = gradients(of: output, withRespectTo: nodes)
    let along = zip(slopes, vector).map { sum($0 * $1) }.reduce(constant(0)) { $0 + $1 }
    return gradients(of: along, withRespectTo: nodes)
  }
}

/// One slope of a graph, by reverse mode and by differences of values.
public struct GradientCheck: Sendable {
  /// The gradient by reverse mode.
  public let gradient: Double
  /// The central difference (f(x + h) − f(x − h)) / 2h.
  public let difference: Double

  /// How far apart the two are, relative to the larger of 1 and the difference's magnitude.
  ///
  /// About 1e-8 where the function is smooth, near 1 where a derivative is wrong; nan if either is.
  public var error: Double { (gradient - difference).magnitude / max(1, difference.magnitude) }
}

extension Graph {
  /// Compares the gradients of a node, in float64, with central differences.
  ///
  /// `point` has a value for each element of `parameters`, which are all that `output` depends on, and
  /// the result a check for each. The step h is 1e-6 of each value's magnitude, 1e-6 at least. A kink
  /// within h of the point shows as an error.
  public func checkGradients(
    of output: Node, withRespectTo parameters: [Node], at point: [Double]
  ) -> [GradientCheck] {
    let gradients = gradients(of: output, withRespectTo: parameters)
    let program = Program(outputs: [output] + gradients, columns: [], parameters: parameters)
    var executor = Executor<Double>(program, batchRows: 1)
    let nothing = Columns<Double>([])
    let found = executor.values(ofRow: 0, in: nothing, parameters: point)
    return point.indices.map { index in
      let step = 1e-6 * max(1, point[index].magnitude)
      var shifted = point
      shifted[index] = point[index] + step
      let above = (
        at: shifted[index], executor.values(ofRow: 0, in: nothing, parameters: shifted)[0]
      )
      shifted[index] = point[index] - step
      let below = (
        at: shifted[index], executor.values(ofRow: 0, in: nothing, parameters: shifted)[0]
      )
      return GradientCheck(
        gradient: found[1 + index], difference: (above.1 - below.1) / (above.at - below.at))
    }
  }
}
