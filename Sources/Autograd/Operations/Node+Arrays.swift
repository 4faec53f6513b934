// Vectors and matrices. A scalar is a vector of one element where a vector is taken; shapes that do not fit
// are noted in the graph's `shapeError`.

/// The sum of a value's elements, added in ascending order.
public func sum(_ x: Node) -> Node { x.graph.apply(.sum, x) }
/// The mean of a value's elements.
public func mean(_ x: Node) -> Node { sum(x) / Double(x.shape.count) }
/// The largest element of a value.
///
/// Elements that tie share the gradient equally. If any element is nan the result is nan, and the elements that are
/// nan share the gradient.
public func max(_ x: Node) -> Node { x.graph.apply(.max, x) }
/// The index of the largest element, counted from 0.
///
/// The first of several that tie counts; the first nan counts as larger than every number. The slope is 0.
public func argmax(_ x: Node) -> Node { x.graph.apply(.argmax, x) }

/// The scalar product of two vectors: fused multiply-adds in ascending order from 0.
public func dot(_ x: Node, _ y: Node) -> Node { x.graph.apply(.dot, x, y) }
/// The product of a matrix and a vector of as many elements as the matrix has columns.
public func matvec(_ matrix: Node, _ x: Node) -> Node { matrix.graph.apply(.matvec, matrix, x) }
/// A layer's weighted sums: the product of a matrix and a vector, each element summed from its bias on.
public func linear(_ matrix: Node, _ x: Node, bias: Node) -> Node {
  matrix.graph.apply(.linear, matrix, x, bias)
}

/// The element of a vector at an index, which counts from 0 and may be a column.
///
/// An index between two whole numbers is rounded down. An index below 0, at or beyond the length, or nan gives nan,
/// and no element gets a gradient.
public func pick(_ x: Node, _ index: Node) -> Node { x.graph.apply(.pick, x, index) }
/// Scalars and vectors, at least one, joined to a vector in order.
public func concat(_ parts: [Node]) -> Node {
  precondition(!parts.isEmpty, "a vector has at least one part")
  // Halves, so that no element is copied more often than there are halvings.
  if parts.count == 1 { return parts[0] }
  let half = parts.count / 2
  return parts[0].graph.apply(.concat, concat(Array(parts[..<half])), concat(Array(parts[half...])))
}
/// `count` of a vector's elements from an index on, which counts from 0.
///
/// Elements that the vector does not have are reported by ``Graph/shapeError``.
public func slice(_ x: Node, from first: Int, count: Int) -> Node {
  slice(x, from: x.graph.constant(Double(first)), count: count)
}

func slice(_ x: Node, from first: Node, count: Int) -> Node {
  x.graph.apply(.slice, x, first, x.graph.constant(Double(count)))
}

/// A vector of `count` zeros but for the elements of `x` from an index on.
func pad(_ x: Node, from first: Node, of count: Int) -> Node {
  x.graph.apply(.pad, x, first, x.graph.constant(Double(count)))
}

/// A vector of `count` zeros but for the scalar `x` at an index.
func place(_ x: Node, at index: Node, of count: Int) -> Node {
  x.graph.apply(.place, x, index, x.graph.constant(Double(count)))
}

/// A value of a shape whose elements are all the scalar `x`.
func fill(_ x: Node, _ shape: Shape) -> Node {
  switch shape {
  case .scalar: x
  case .vector(let count):
    x.graph.apply(.fill, x, x.graph.constant(Double(count)), x.graph.constant(0))
  case .matrix(let rows, let columns):
    x.graph.apply(.fill, x, x.graph.constant(Double(rows)), x.graph.constant(Double(columns)))
  }
}

/// The matrix of the products of two vectors' elements, or a vector's products with a scalar.
func outer(_ x: Node, _ y: Node) -> Node { x.graph.apply(.outer, x, y) }
/// The product of a vector and a matrix with as many rows.
func vecmat(_ x: Node, _ matrix: Node) -> Node { matrix.graph.apply(.vecmat, x, matrix) }
