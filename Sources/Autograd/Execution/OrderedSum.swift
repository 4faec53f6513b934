/// The sum of `count` values in the order in which batches are summed.
///
/// Within each 64 of them lane i and i+32 are added, then +16, 8, 4, 2, 1, in the values' precision, a missing
/// one counting as −0; those sums are added in order in double.
@inlinable @inline(__always)
public func orderedSum<Scalar: Precision>(
  count: Int, _ value: (Int) throws -> Scalar
) rethrows -> Double {
  var lanes = InlineArray<64, Scalar>(repeating: -0.0)
  var total = -0.0
  for first in stride(from: 0, to: count, by: 64) {
    let width = min(64, count - first)
    for lane in 0..<width { lanes[lane] = try value(first + lane) }
    for lane in width..<64 { lanes[lane] = -0.0 }
    var half = 32
    while half > 0 {
      for lane in 0..<half { lanes[lane] = lanes[lane] + lanes[lane + half] }
      half /= 2
    }
    total += Double(lanes[0])
  }
  return total
}
