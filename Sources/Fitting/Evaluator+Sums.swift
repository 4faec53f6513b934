internal import Glibc
internal import Ranks

/// Sums over rows that need no slopes.
extension Evaluator {
  /// What the response and the weights are, without a model.
  struct Response {
    /// The sum of the squares, weighted; that of the weights, and of the weighted response.
    var square = 0.0
    var weights = 0.0
    var sum = 0.0
    /// The largest magnitude, times the root of the weight.
    var largest = 0.0

    var mean: Double { sum / weights }
  }

  /// The sum of the weighted squares of the response about a value, and that of the logarithms of the weights.
  func squares(about centre: Double) -> (square: Double, logWeights: Double) {
    let found = sums(2) { rows, range, _, sums in
      for row in range {
        let weight = rows.weight(row)
        if rows.rootWeights != nil { sums[1] += log(weight) }
        sums[0] += weight * (rows.response[row] - centre) * (rows.response[row] - centre)
      }
    }
    return found.map { ($0[0], $0[1]) } ?? (.nan, .nan)
  }

  /// The sums of what the loss is at its best in each row, and of what it is beyond that with one value for all rows,
  /// the response's mean; with `offset` what a formula gives at 0 is added whatever its parameters are.
  func baselines(
    _ zeros: [Double], offset: Bool
  ) -> (saturated: Double, null: Double) {
    var mean = response.mean
    if offset {
      // The null model has the offset too.
      let exposure = sums(1, at: zeros) { rows, range, engines, sums in
        let offsets = rows.heights(engines[[]], zeros, in: range)
        for (index, row) in range.enumerated() { sums[0] += rows.weight(row) * exp(offsets[index]) }
      }
      mean *= response.weights / (exposure?[0] ?? .nan)
    }
    let found = sums(2, at: zeros) { [loss, mean] rows, range, engines, sums in
      let offsets = offset ? rows.heights(engines[[]], zeros, in: range) : []
      for (index, row) in range.enumerated() {
        let weight = rows.weight(row)
        let base = loss == .poisson ? log(mean) + (offset ? offsets[index] : 0) : mean
        let y = rows.response[row]
        let best =
          loss == .poisson ? (y > 0 ? loss.row(log(y), y).objective : 0) : loss.row(y, y).objective
        sums[0] += weight * best
        sums[1] += weight * (loss.row(base, y).objective - best)
      }
    }
    return found.map { ($0[0], $0[1]) } ?? (.nan, .nan)
  }

  /// The sum of the weighted squares of the residuals, whatever the loss.
  func residualSquare(_ parameters: [Double]) -> Double {
    let found = sums(1, at: parameters) { rows, range, engines, sums in
      for (index, height) in rows.heights(engines[[]], parameters, in: range).enumerated() {
        let row = range.lowerBound + index
        let residual = rows.response[row] - height
        sums[0] += rows.weight(row) * residual * residual
      }
    }
    return found?[0] ?? .nan
  }
}

extension Evaluator.Response: Summand {
  mutating func add(_ other: Self) {
    square += other.square
    weights += other.weights
    sum += other.sum
    largest = max(largest, other.largest)
  }

  func write(to numbers: inout [Double]) { numbers += [square, weights, sum, largest] }

  init(from numbers: inout ArraySlice<Double>) {
    square = numbers.removeFirst()
    weights = numbers.removeFirst()
    sum = numbers.removeFirst()
    largest = numbers.removeFirst()
  }
}

extension Evaluator.Point: Summand {
  mutating func add(_ other: Self) {
    triangle.add(other.triangle)
    objective += other.objective
    for (index, pull) in other.pulls.enumerated() { pulls[index] = pulls[index] + pull }
  }

  func write(to numbers: inout [Double]) {
    triangle.write(to: &numbers)
    numbers += [objective, Double(pulls.count)]
    for pull in pulls { pull.write(to: &numbers) }
  }

  init(from numbers: inout ArraySlice<Double>) {
    triangle = Triangle(from: &numbers)
    objective = numbers.removeFirst()
    pulls = (0..<Int(numbers.removeFirst())).map { _ in DoubleDouble(from: &numbers) }
  }
}

extension Evaluator.Curvature: Summand {
  mutating func add(_ other: Self) {
    correction.add(other.correction)
    scatter.add(other.scatter)
    isComplete = isComplete && other.isComplete
  }

  func write(to numbers: inout [Double]) {
    correction.write(to: &numbers)
    scatter.write(to: &numbers)
    numbers.append(isComplete ? 1 : 0)
  }

  init(from numbers: inout ArraySlice<Double>) {
    correction = SymmetricMatrix(from: &numbers)
    scatter = SymmetricMatrix(from: &numbers)
    isComplete = numbers.removeFirst() == 1
  }
}
