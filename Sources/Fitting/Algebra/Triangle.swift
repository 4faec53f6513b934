internal import CKernels
internal import Glibc

/// The upper triangle that a matrix is brought to by Householder's reflections, some rows after the other.
///
/// Of a matrix A of any number of rows it holds R, with RᵀR = AᵀA, so that a fit keeps p² numbers and no rows. The
/// last column is the right side b of a problem of least squares, which becomes Qᵀb, and below it the norm of what is
/// left. It is written here, and not taken from LAPACK, as OpenBLAS picks its kernels by processor, and the last bits
/// with them, and takes 20 ms to load; a fit of a small table takes 2.
struct Triangle {
  /// How many columns there are, the right side among them.
  let width: Int
  /// Row by row; zeros below the diagonal.
  private(set) var values: [Double]

  /// The triangle of no rows yet.
  init(width: Int) {
    self.width = width
    values = [Double](repeating: 0, count: width * width)
  }

  subscript(row: Int, column: Int) -> Double { values[row * width + column] }

  /// Whether no number is infinite or nan.
  var isFinite: Bool { values.allSatisfy(\.isFinite) }

  /// Takes rows in, and destroys them.
  ///
  /// `block` holds them column by column, `stride` apart, which is a multiple of 8; rows from `count` to the next
  /// multiple of 8 are zeros.
  mutating func add(_ block: UnsafeMutablePointer<Double>, count: Int, stride: Int) {
    let width = width
    let count = (count + 7) / 8 * 8
    values.withUnsafeMutableBufferPointer { values in
      for column in 0..<width {
        let x = block + column * stride
        let top = values[column * width + column]
        var square = bp_column_product(x, x, count)
        var scale = 1.0
        if !(square > 1e-250 && square + top * top < 1e250) {
          let largest = (0..<count).reduce(0.0) { max($0, x[$1].magnitude) }
          guard !square.isNaN, largest.isFinite else {
            values[column * width + column] = .nan
            continue
          }
          if largest == 0 { continue }
          let exponent = max(largest, top.magnitude).exponent
          scale = Double(sign: .plus, exponent: exponent, significand: 1)
          for row in 0..<count { x[row] /= scale }
          square = bp_column_product(x, x, count)
        }
        let diagonal = top / scale
        let length = (diagonal * diagonal + square).squareRoot()
        if length == 0 { continue }
        let reflected = diagonal > 0 ? -length : length
        // With v = (1, x·inverse): I − factor·v·vᵀ takes the column to the diagonal.
        let inverse = 1 / (diagonal - reflected)
        let factor = (reflected - diagonal) / reflected
        for other in column + 1..<width {
          let y = block + other * stride
          let above = values[column * width + other]
          let weight = factor * (above + inverse * bp_column_product(x, y, count))
          values[column * width + other] = above - weight
          bp_column_subtract(weight * inverse, x, y, count)
        }
        values[column * width + column] = reflected * scale
      }
    }
  }

  /// Appends its width and its rows from the diagonal on.
  func write(to numbers: inout [Double]) {
    numbers.append(Double(width))
    for row in 0..<width { numbers += values[row * width + row..<(row + 1) * width] }
  }

  /// Takes what ``write(to:)`` has written from the front of some numbers.
  init(from numbers: inout ArraySlice<Double>) {
    self.init(width: Int(numbers.removeFirst()))
    for row in 0..<width {
      for column in row..<width { values[row * width + column] = numbers.removeFirst() }
    }
  }

  /// Takes another triangle's rows in.
  mutating func add(_ other: Triangle) {
    let stride = (width + 7) / 8 * 8
    withUnsafeTemporaryAllocation(of: Double.self, capacity: stride * width) { block in
      block.initialize(repeating: 0)
      for row in 0..<width {
        for column in row..<width { block[column * stride + row] = other[row, column] }
      }
      guard let start = block.baseAddress else { return }
      add(start, count: width, stride: stride)
    }
  }

  /// The triangle of some of the rows and columns, in the order of `columns`.
  ///
  /// The rows begin with `firstRow`; those above belong to columns that are left out.
  func selecting(_ columns: [Int], firstRow: Int = 0) -> Triangle {
    let count = width - firstRow
    let stride = (count + 7) / 8 * 8
    var result = Triangle(width: columns.count)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: stride * columns.count) { block in
      block.initialize(repeating: 0)
      for (index, column) in columns.enumerated() {
        for row in 0..<count { block[index * stride + row] = self[firstRow + row, column] }
      }
      guard let start = block.baseAddress else { return }
      result.add(start, count: count, stride: stride)
    }
    return result
  }

  /// The triangle with a row more for each column but the last: a number on the diagonal.
  func damped(by diagonal: [Double]) -> Triangle {
    let stride = (width + 7) / 8 * 8
    var result = self
    withUnsafeTemporaryAllocation(of: Double.self, capacity: stride * width) { block in
      block.initialize(repeating: 0)
      for (index, value) in diagonal.enumerated() { block[index * stride + index] = value }
      guard let start = block.baseAddress else { return }
      result.add(start, count: width, stride: stride)
    }
    return result
  }

  /// The length of a column of the matrix, or of the right side.
  func length(ofColumn column: Int) -> Double {
    (0...column).reduce(0) { hypot($0, self[$1, column]) }
  }

  /// The square of the right side's part in some rows.
  func square(ofRightSide rows: Range<Int>) -> Double {
    rows.reduce(0) { $0 + self[$1, width - 1] * self[$1, width - 1] }
  }

  /// Whether a column lies within the span of those before it, but for rounding.
  func isDependent(_ column: Int) -> Bool {
    self[column, column].magnitude <= 1e-13 * length(ofColumn: column)
  }

  /// Solves the first rows for a right side; columns that depend on others before them get 0.
  func solve(_ right: [Double]) -> [Double] {
    var solution = right
    for row in stride(from: right.count - 1, through: 0, by: -1) {
      if isDependent(row) {
        solution[row] = 0
        continue
      }
      var value = right[row]
      for column in row + 1..<max(right.count, row + 1) {
        value -= self[row, column] * solution[column]
      }
      solution[row] = value / self[row, row]
    }
    return solution
  }

  /// Solves the transposed of the first rows for a right side.
  func solveTransposed(_ right: [Double]) -> [Double] {
    var solution = right
    for row in right.indices {
      for index in 0..<row { solution[row] -= self[index, row] * solution[index] }
      solution[row] /= self[row, row]
    }
    return solution
  }
}
