/// A small symmetric matrix.
struct SymmetricMatrix {
  let count: Int
  private var values: [Double]

  init(zeros count: Int) {
    self.count = count
    values = [Double](repeating: 0, count: count * count)
  }

  /// Setting an element sets its mirror image.
  subscript(row: Int, column: Int) -> Double {
    get { values[row * count + column] }
    set {
      values[row * count + column] = newValue
      values[column * count + row] = newValue
    }
  }

  mutating func add(_ other: SymmetricMatrix) {
    for index in values.indices { values[index] += other.values[index] }
  }

  /// Appends the number of its columns and its lower triangle.
  func write(to numbers: inout [Double]) {
    numbers.append(Double(count))
    for row in 0..<count { numbers += values[row * count...row * count + row] }
  }

  /// Takes what ``write(to:)`` has written from the front of some numbers.
  init(from numbers: inout ArraySlice<Double>) {
    self.init(zeros: Int(numbers.removeFirst()))
    for row in 0..<count {
      for column in 0...row { self[row, column] = numbers.removeFirst() }
    }
  }

  /// The lower triangle L with L·Lᵀ the matrix (Cholesky), row by row; nil if it is not positive definite.
  var factor: [[Double]]? {
    var lower = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for row in 0..<count {
      for column in 0...row {
        var value = self[row, column]
        for index in 0..<column { value -= lower[row][index] * lower[column][index] }
        if row == column {
          // Rounding alone may leave so much of nothing.
          guard value > 1e-12 * self[row, row].magnitude, value.isFinite else { return nil }
          lower[row][row] = value.squareRoot()
        } else {
          lower[row][column] = value / lower[column][column]
        }
      }
    }
    return lower
  }
}

/// Solves L·x = right.
func solveLower(_ lower: [[Double]], _ right: [Double]) -> [Double] {
  var x = right
  for row in x.indices {
    for column in 0..<row { x[row] -= lower[row][column] * x[column] }
    x[row] /= lower[row][row]
  }
  return x
}

/// Solves Lᵀ·x = right.
func solveLowerTransposed(_ lower: [[Double]], _ right: [Double]) -> [Double] {
  var x = right
  for row in x.indices.reversed() {
    for column in row + 1..<max(x.count, row + 1) { x[row] -= lower[column][row] * x[column] }
    x[row] /= lower[row][row]
  }
  return x
}
