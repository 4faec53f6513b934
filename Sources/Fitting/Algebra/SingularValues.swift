/// The singular values of a small square matrix A = U·S·Vᵀ, with U and V.
///
/// One-sided Jacobi rotations (Hestenes 1958), which find small singular values to full relative accuracy where the
/// columns are scaled (Demmel and Veselić 1992).
struct SingularValues {
  /// Column by column, as S: largest first.
  private(set) var left: [[Double]]
  private(set) var values: [Double]
  private(set) var right: [[Double]]

  /// `columns` are those of the matrix.
  init(columns: [[Double]]) {
    var a = columns
    let count = columns.count
    var v = (0..<count).map { index in (0..<count).map { $0 == index ? 1.0 : 0.0 } }
    for _ in 0..<60 {
      var isDone = true
      for p in 0..<count {
        for q in p + 1..<max(count, p + 1) {
          let (alpha, beta) = (dot(a[p], a[p]), dot(a[q], a[q]))
          let gamma = dot(a[p], a[q])
          if gamma == 0 || gamma.magnitude <= 1e-16 * (alpha * beta).squareRoot() { continue }
          isDone = false
          let zeta = (beta - alpha) / (2 * gamma)
          let tangent =
            (zeta >= 0 ? 1.0 : -1.0) / (zeta.magnitude + (1 + zeta * zeta).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          let sine = cosine * tangent
          rotate(&a, p, q, cosine, sine)
          rotate(&v, p, q, cosine, sine)
        }
      }
      if isDone { break }
    }
    let sizes = a.map { dot($0, $0).squareRoot() }
    let order = sizes.indices.sorted { sizes[$0] > sizes[$1] }
    values = order.map { sizes[$0] }
    right = order.map { v[$0] }
    left = order.map { index in sizes[index] > 0 ? a[index].map { $0 / sizes[index] } : a[index] }
  }
}

private func rotate(
  _ columns: inout [[Double]], _ p: Int, _ q: Int, _ cosine: Double, _ sine: Double
) {
  for row in columns[p].indices {
    let (x, y) = (columns[p][row], columns[q][row])
    columns[p][row] = cosine * x - sine * y
    columns[q][row] = sine * x + cosine * y
  }
}

/// The sum of the products of two vectors' elements.
func dot(_ x: [Double], _ y: [Double]) -> Double {
  var sum = 0.0
  for index in x.indices { sum += x[index] * y[index] }
  return sum
}

/// The length of a vector.
func norm(_ x: [Double]) -> Double { dot(x, x).squareRoot() }
