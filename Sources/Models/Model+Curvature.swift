public import Autograd
internal import Formula

extension Model {
  /// The largest curvature of the mean loss of a batch at a point, in any direction; nil if it is 0 or not finite.
  ///
  /// It is the magnitude of the largest eigenvalue of the matrix of second derivatives, found by power iteration.
  /// Gradient descent with a learning rate above 2 divided by it moves away from a minimum. `parameters` has a
  /// value for each element. Of many batches, those with the largest inputs are examined, and some in between. For
  /// networks with many parameters it is nil, since the search would take long.
  public func largestCurvature(
    of data: borrowing Columns<Double>, parameters: [Double], batchRows: Int
  ) -> Double? {
    guard let loss = binding.validationLoss, parameterCount <= Self.mostCurvedParameters,
      data.rowCount > 0
    else { return nil }
    let graph = binding.graph
    let nodes = self.parameters.map { graph.parameter($0.name, $0.shape) }
    // No formula can name a parameter with a point before it.
    let directions = self.parameters.map { graph.parameter(".\($0.name)", $0.shape) }
    let products = graph.hessianVectorProduct(of: loss, withRespectTo: nodes, directions)
    let program = Program(
      outputs: graph.gradients(of: loss, withRespectTo: nodes) + products,
      columns: columnNodes, parameters: nodes + directions)
    let rows = min(max(1, batchRows), data.rowCount)
    var executor = Executor<Double>(program, batchRows: rows)
    let weightColumn = weightColumn
    var largest = 0.0
    for first in batches(of: data, rows: rows) {
      let batch = first..<min(first + rows, data.rowCount)
      let divisor =
        if let weightColumn { batch.reduce(0) { $0 + data[weightColumn, $1] } } else {
          Double(batch.count)
        }
      if divisor <= 0 { continue }
      var results = [Double](repeating: 0, count: 2 * parameterCount)
      func product(_ direction: [Double]) -> [Double] {
        executor.means(
          of: batch, in: data, parameters: parameters + direction, divisor: divisor,
          into: &results)
        return Array(results[parameterCount...])
      }
      _ = product([Double](repeating: 0, count: parameterCount))
      // Along the gradient, and a little along every parameter, lest the start be across the steepest curve.
      let gradient = results[..<parameterCount]
      let size = max(length(gradient), .leastNormalMagnitude)
      var direction = gradient.enumerated().map { index, slope in
        slope / size + (index % 2 == 0 ? 0.01 : -0.01)
      }
      var curvature = 0.0
      for _ in 0..<Self.mostIterations {
        let scale = length(direction[...])
        guard scale > 0, scale.isFinite else { return nil }
        direction = product(direction.map { $0 / scale })
        let found = length(direction[...])
        guard found.isFinite else { return nil }
        let isSettled = abs(found - curvature) <= 1e-4 * found
        curvature = found
        if isSettled { break }
      }
      largest = max(largest, curvature)
    }
    return largest > 0 ? largest : nil
  }

  private static var mostCurvedParameters: Int { 20_000 }
  private static var mostIterations: Int { 50 }
  private static var mostBatches: Int { 256 }

  /// The first rows of the batches to look at.
  private func batches(of data: borrowing Columns<Double>, rows: Int) -> [Int] {
    let starts = Array(stride(from: 0, to: data.rowCount, by: rows))
    guard starts.count > 2 * Self.mostBatches else { return starts }
    var sizes: [(start: Int, size: Double)] = []
    for start in starts {
      var size = 0.0
      for row in start..<min(start + rows, data.rowCount) {
        for column in 0..<data.columnCount { size += data[column, row] * data[column, row] }
      }
      sizes.append((start, size))
    }
    let largest = sizes.sorted { $0.size > $1.size }.prefix(Self.mostBatches).map(\.start)
    let others = stride(from: 0, to: starts.count, by: starts.count / Self.mostBatches)
      .map { starts[$0] }
    return Set(largest + others).sorted()
  }

  /// The inputs of numbers whose size is far from 1 as the model sees them: above 10 in the root mean square.
  public func oversizedInputs(of data: borrowing Columns<Double>) -> [String] {
    var names: [String] = []
    for (index, column) in columns.enumerated() {
      guard case .number(let name) = column, inputs.contains(name), name != target,
        scalings[name] == nil
      else { continue }
      var sum = 0.0
      for row in 0..<data.rowCount { sum += data[index, row] * data[index, row] }
      if sum > 100 * Double(data.rowCount) { names.append(name) }
    }
    return names
  }
}

private func length(_ vector: ArraySlice<Double>) -> Double {
  let largest = vector.reduce(0) { max($0, $1.magnitude) }
  guard largest > 0, largest.isFinite else { return largest }
  return largest * vector.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}
