/// The sum of `count` values in the order in which batches are summed.
///
/// Within each 64 of them lane i and i+32 are added, then +16, 8, 4, 2, 1, in the values' precision, a missing
/// one counting as −0; those sums are added in order in double.
public func orderedSum<Scalar: Precision>(
  count: Int, _ value: (Int) throws -> Scalar
) rethrows -> Double {
  try withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 64) { lanes in
    var total = -0.0
    for first in stride(from: 0, to: count, by: 64) {
      for lane in 0..<64 { lanes[lane] = first + lane < count ? try value(first + lane) : -0.0 }
      var width = 32
      while width > 0 {
        for lane in 0..<width { lanes[lane] = lanes[lane] + lanes[lane + width] }
        width /= 2
      }
      total += Double(lanes[0])
    }
    return total
  }
}
