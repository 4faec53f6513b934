// The shapes and longer slopes of the operations that are not elementwise. A scalar is a vector of one
// element where a vector is taken.

@Sendable func toScalar(_ x: [Node]) -> Shape? { .scalar }

@Sendable func dotShape(_ x: [Node]) -> Shape? {
  guard let length = x[0].shape.length, length == x[1].shape.length else { return nil }
  return .scalar
}

@Sendable func outerShape(_ x: [Node]) -> Shape? {
  guard let rows = x[0].shape.length, let columns = x[1].shape.length else { return nil }
  if x[0].shape == .scalar { return x[1].shape }
  if x[1].shape == .scalar { return x[0].shape }
  return .matrix(rows: rows, columns: columns)
}

@Sendable func matvecShape(_ x: [Node]) -> Shape? {
  guard case .matrix(let rows, x[1].shape.length) = x[0].shape else { return nil }
  return .vector(rows)
}

@Sendable func vecmatShape(_ x: [Node]) -> Shape? {
  guard case .matrix(x[0].shape.length, let columns) = x[1].shape else { return nil }
  return .vector(columns)
}

@Sendable func linearShape(_ x: [Node]) -> Shape? {
  guard let result = matvecShape(x), x[2].shape == result else { return nil }
  return result
}

@Sendable func pickShape(_ x: [Node]) -> Shape? {
  guard let length = x[0].shape.length, x[1].shape == .scalar else { return nil }
  if let index = x[1].constantValue, !(0..<Double(length)).contains(index) { return nil }
  return .scalar
}

@Sendable func placeShape(_ x: [Node]) -> Shape? {
  guard x[0].shape == .scalar, x[1].shape == .scalar, let length = x[2].wholeNumber else {
    return nil
  }
  return .vector(length)
}

@Sendable func uniformShape(_ x: [Node]) -> Shape? {
  guard x[0].shape == .scalar, x[1].shape == .vector(NoiseKey.count),
    let length = x[2].wholeNumber
  else { return nil }
  return .vector(length)
}

@Sendable func fillShape(_ x: [Node]) -> Shape? {
  guard x[0].shape == .scalar, let rows = x[1].wholeNumber, let columns = x[2].wholeNumber else {
    return nil
  }
  return columns == 0 ? .vector(rows) : .matrix(rows: rows, columns: columns)
}

@Sendable func concatShape(_ x: [Node]) -> Shape? {
  guard let first = x[0].shape.length, let second = x[1].shape.length else { return nil }
  return .vector(first + second)
}

@Sendable func sliceShape(_ x: [Node]) -> Shape? {
  guard let length = x[0].shape.length, let first = x[1].wholeNumber,
    let count = x[2].wholeNumber, count > 0, first + count <= length
  else { return nil }
  return .vector(count)
}

@Sendable func padShape(_ x: [Node]) -> Shape? {
  guard let count = x[0].shape.length, let first = x[1].wholeNumber,
    let length = x[2].wholeNumber, first + count <= length
  else { return nil }
  return .vector(length)
}

@Sendable func outerSlopes(_ x: [Node], _ z: Node, _ g: Node) -> [Node?] {
  if x[0].shape == .scalar { return [dot(g, x[1]), outer(x[0], g)] }
  if x[1].shape == .scalar { return [outer(x[1], g), dot(g, x[0])] }
  return [matvec(g, x[1]), vecmat(x[0], g)]
}

/// The matrix of the products of two vectors' elements, also of scalars taken for vectors.
func products(_ x: Node, _ y: Node) -> Node {
  func vector(_ x: Node) -> Node { x.shape == .scalar ? fill(x, .vector(1)) : x }
  return outer(vector(x), vector(y))
}

@Sendable func concatSlopes(_ x: [Node], _ z: Node, _ g: Node) -> [Node?] {
  var first = 0
  return x.map { operand in
    defer { first += operand.shape.count }
    let index = g.graph.constant(Double(first))
    return operand.shape == .scalar
      ? pick(g, index) : slice(g, from: index, count: operand.shape.count)
  }
}

/// For each element of a vector, its share in the gradient of the largest, `z`; ties share equally, and
/// so do nans.
func share(of z: Node, in x: Node) -> Node {
  let isLargest = choose(z == z, x == z, else: 1 - (x == x))
  return isLargest / sum(isLargest)
}

extension Node {
  /// The constant that the node is, if it is one that counts elements.
  var wholeNumber: Int? {
    guard let value = constantValue, value >= 0, value <= 1e9 else { return nil }
    return Int(exactly: value)
  }
}
