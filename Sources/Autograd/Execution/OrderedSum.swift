/// The sum of `count` values in the order in which batches are summed.
///
/// Within each chunk of 64 values, value i and value i+32 are added, then those 16, 8, 4, 2 and 1 apart, in the
/// values' precision; missing values count as −0. The sums of chunks are added in double by a binary tree over
/// their numbers: 2k and 2k+1, then those pairs with their neighbours, and so on; a sum without a neighbour moves
/// up unchanged (pairwise summation, Higham 1993). Therefore a range of chunks whose length is a power of two and
/// whose start is a multiple of that length can be summed by itself. The sum of no values is −0.
@inlinable @inline(__always)
public func orderedSum<Scalar: Precision>(
  count: Int, _ value: (Int) throws -> Scalar
) rethrows -> Double {
  var lanes = InlineArray<64, Scalar>(repeating: -0.0)
  var tree = SumTree()
  for first in stride(from: 0, to: count, by: 64) {
    let width = min(64, count - first)
    for lane in 0..<width { lanes[lane] = try value(first + lane) }
    for lane in width..<64 { lanes[lane] = -0.0 }
    var half = 32
    while half > 0 {
      for lane in 0..<half { lanes[lane] = lanes[lane] + lanes[lane + half] }
      half /= 2
    }
    tree.add(Double(lanes[0]))
  }
  return tree.total
}

/// A sum of values that come one after the other, in the order of ``orderedSum(count:_:)``.
public struct RunningSum<Scalar: Precision>: Sendable {
  private var lanes = InlineArray<64, Scalar>(repeating: -0.0)
  private var laneCount = 0
  private var tree = SumTree()

  /// No values yet.
  public init() {}

  /// Adds a value.
  public mutating func add(_ value: Scalar) {
    lanes[laneCount] = value
    laneCount += 1
    if laneCount == 64 {
      tree.add(chunk)
      laneCount = 0
    }
  }

  /// The sum of the lanes that are there.
  private var chunk: Double {
    let lanes = lanes
    return orderedSum(count: laneCount) { lanes[$0] }
  }

  /// The sum of all values; −0 if there are none.
  public var total: Double {
    var tree = tree
    if laneCount > 0 { tree.add(chunk) }
    return tree.total
  }
}

/// The sum of terms by the binary tree over their numbers, as ``orderedSum(count:_:)`` adds the sums of its chunks.
///
/// The terms are sums of chunks, or of subtrees of equal size. The sum of no terms is −0.
public func treeSum(of terms: some Sequence<Double>) -> Double {
  var tree = SumTree()
  for term in terms { tree.add(term) }
  return tree.total
}

/// A sum whose terms, which come one after the other, are added by a binary tree over their numbers.
@frozen @usableFromInline
struct SumTree: Sendable {
  /// Subtrees that wait for their neighbours: for every bit of `count` that of so many terms, of which there are
  /// fewer than 2⁴⁰.
  @usableFromInline var subtrees = InlineArray<40, Double>(repeating: -0.0)
  @usableFromInline var count = 0

  @inlinable init() {}

  @inlinable @inline(__always)
  mutating func add(_ term: Double) {
    var (sum, level) = (term, 0)
    while count >> level & 1 == 1 {
      sum = subtrees[level] + sum
      level += 1
    }
    subtrees[level] = sum
    count += 1
  }

  /// The sum of all terms; −0 if there are none.
  @inlinable
  var total: Double {
    var total = -0.0
    var rest = count
    while rest > 0 {
      total = subtrees[rest.trailingZeroBitCount] + total
      rest &= rest - 1
    }
    return total
  }
}
