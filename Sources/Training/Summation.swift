import Autograd

/// Sums over the elements of vectors, in the order of ``orderedSum(count:_:)``, and their like.
enum Summation {
  /// The scalar product of two vectors of one length.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func product<Scalar: Precision>(_ a: Span<Scalar>, _ b: Span<Scalar>) -> Double {
    precondition(a.count == b.count, "vectors of one length")
    return orderedSum(count: a.count) { a[unchecked: $0] * b[unchecked: $0] }
  }

  /// The sum of the elements' magnitudes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func magnitudes<Scalar: Precision>(_ values: Span<Scalar>) -> Double {
    orderedSum(count: values.count) { values[unchecked: $0].magnitude }
  }

  /// The largest magnitude; nan if an element is.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func largestMagnitude<Scalar: Precision>(_ values: Span<Scalar>) -> Scalar {
    var largest: Scalar = 0
    for index in 0..<values.count {
      let magnitude = values[unchecked: index].magnitude
      largest = largest.isNaN || magnitude <= largest ? largest : magnitude
    }
    return largest
  }
}
