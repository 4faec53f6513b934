import Testing

@testable import Fitting

/// Triangles and singular values, against what defines them.
@Suite struct AlgebraTests {
  /// Rows of a matrix with a right side, of numbers that are no pattern.
  private func matrix(rows: Int, columns: Int, scale: Double = 1) -> [[Double]] {
    (0..<columns).map { column in
      (0..<rows).map { row in scale * (Double((row * 7919 + column * 104_729) % 1009) / 500 - 1) }
    }
  }

  private func triangle(of columns: [[Double]], blocks: [Int]) -> Triangle {
    var triangle = Triangle(width: columns.count)
    var first = 0
    for count in blocks {
      let stride = (count + 7) / 8 * 8
      var block = [Double](repeating: 0, count: stride * columns.count)
      for (index, column) in columns.enumerated() {
        for row in 0..<count { block[index * stride + row] = column[first + row] }
      }
      block.withUnsafeMutableBufferPointer { block in
        if let start = block.baseAddress { triangle.add(start, count: count, stride: stride) }
      }
      first += count
    }
    return triangle
  }

  @Test(arguments: [1, 1e-200, 1e200])
  func `the products of columns are those of the triangle's`(scale: Double) {
    let columns = matrix(rows: 50, columns: 4, scale: scale)
    for blocks in [[50], [8, 42], [1, 1, 48], [13, 37]] {
      let triangle = triangle(of: columns, blocks: blocks)
      for i in 0..<4 {
        for j in i..<4 {
          let wanted = dot(columns[i].map { $0 / scale }, columns[j].map { $0 / scale })
          var found = 0.0
          for row in 0...i { found += triangle[row, i] / scale * (triangle[row, j] / scale) }
          #expect(abs(found - wanted) <= 1e-12 * 50, "\(i) \(j) \(blocks)")
        }
      }
    }
  }

  @Test func `nan and infinity are not passed over`() {
    for bad in [Double.nan, .infinity] {
      var columns = matrix(rows: 9, columns: 2)
      columns[0][3] = bad
      #expect(!triangle(of: columns, blocks: [9]).isFinite)
      var zeros = [[Double]](repeating: [Double](repeating: 0, count: 9), count: 2)
      zeros[1][0] = bad
      #expect(!triangle(of: zeros, blocks: [9]).isFinite)
    }
  }

  @Test func `singular values of a matrix that is known`() {
    // The singular values of a Hilbert matrix of order 5, to 12 digits.
    let hilbert = (0..<5).map { i in (0..<5).map { j in 1 / Double(i + j + 1) } }
    let found = SingularValues(columns: hilbert)
    let wanted = [
      1.567050691098231, 0.2085342186110133, 0.01140749162341981, 3.058980401511919e-4,
      3.287928772171863e-6,
    ]
    for (value, wanted) in zip(found.values, wanted) {
      #expect(abs(value - wanted) <= 1e-11 * wanted, "\(value)")
    }
    for (index, right) in found.right.enumerated() {
      #expect(abs(norm(right) - 1) < 1e-13)
      for other in found.right[..<index] { #expect(abs(dot(right, other)) < 1e-13) }
    }
  }
}
