import Autograd

/// Sums over the elements of vectors, in the order that every sum over rows has.
///
/// Within a chunk of 64 elements, i and i+32 are added, then +16, 8, 4, 2, 1, in the run's precision, a
/// missing element being −0; the chunks' sums are added in order in double.
enum Summation {
  /// Adds up what `term` gives for each index.
  @inline(__always)
  static func sum<Scalar: Precision>(_ count: Int, _ term: (Int) -> Scalar) -> Double {
    var lanes = InlineArray<64, Scalar>(repeating: -0.0)
    var total = 0.0
    var first = 0
    while first < count {
      let width = min(64, count - first)
      for lane in 0..<width { lanes[lane] = term(first + lane) }
      for lane in width..<64 { lanes[lane] = -0.0 }
      var half = 32
      while half > 0 {
        for lane in 0..<half { lanes[lane] = lanes[lane] + lanes[lane + half] }
        half /= 2
      }
      total += Double(lanes[0])
      first += 64
    }
    return total
  }

  /// The scalar product of two vectors of one length.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func product<Scalar: Precision>(_ a: Span<Scalar>, _ b: Span<Scalar>) -> Double {
    precondition(a.count == b.count, "vectors of one length")
    return sum(a.count) { a[unchecked: $0] * b[unchecked: $0] }
  }

  /// The sum of the elements' magnitudes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func magnitudes<Scalar: Precision>(_ values: Span<Scalar>) -> Double {
    sum(values.count) { values[unchecked: $0].magnitude }
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
