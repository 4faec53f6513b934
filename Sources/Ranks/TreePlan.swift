/// How the chunks of a batch are shared among ranks, and how what they find is added to the batch's sum.
///
/// A rank sums the blocks of its share, each by itself. All blocks in order, those of rank 0 first, are the plan's
/// parts; the additions turn them into the sum of one tree over all chunks, bit for bit, for every way of sharing.
public struct TreePlan: Hashable, Sendable {
  /// Adds one part to another before it: left + right becomes the left one.
  public struct Addition: Hashable, Sendable {
    /// The number of the part that is changed.
    public let left: Int
    /// The number of the part that is added.
    public let right: Int
  }

  /// The number of chunks in the batch.
  public let chunks: Int
  /// The chunks of each rank.
  public let shares: [Range<Int>]
  /// The parts of the sum, in order.
  public let blocks: [TreeBlock]
  /// The numbers of each rank's parts.
  public let parts: [Range<Int>]
  /// What to add, in this order; the sum is then in part 0.
  public let additions: [Addition]

  /// The plan for chunks that are shared evenly.
  public init(chunks: Int, ranks: Int) {
    self.init(shares: Self.shares(of: chunks, among: ranks))
  }

  /// The plan for given shares, which follow each other from chunk 0 on.
  public init(shares: [Range<Int>]) {
    let chunks = shares.last?.upperBound ?? 0
    var blocks: [TreeBlock] = []
    var parts: [Range<Int>] = []
    var end = 0
    for share in shares {
      precondition(share.lowerBound == end, "Shares follow each other")
      end = share.upperBound
      let first = blocks.count
      blocks += TreeBlock.blocks(of: share, total: chunks)
      parts.append(first..<blocks.count)
    }
    (self.chunks, self.shares, self.blocks, self.parts) = (chunks, shares, blocks, parts)
    additions = Self.additions(of: blocks)
  }

  /// Shares whose sizes differ by a few percent or one chunk, cut where few blocks are left.
  ///
  /// A cut is that number within 1/64 of a share around the even cut which has the most factors of two; if there is
  /// no number so near, the nearest.
  public static func shares(of chunks: Int, among count: Int) -> [Range<Int>] {
    precondition(chunks >= 0 && count > 0, "Chunks are shared among ranks")
    let cuts = (0...count).map { rank in
      if rank == 0 || rank == count { return chunks * rank / count }
      let lowest = ((64 * rank - 1) * chunks + 64 * count - 1) / (64 * count)
      var cut = (64 * rank + 1) * chunks / (64 * count)
      if cut < lowest { return (2 * rank * chunks + count) / (2 * count) }
      while cut & (cut - 1) >= lowest, cut > 0 { cut &= cut - 1 }
      return cut
    }
    return zip(cuts, cuts.dropFirst()).map { $0..<$1 }
  }

  /// A block that ends a pair, or several, closes them with the blocks before it; the last one closes all.
  private static func additions(of blocks: [TreeBlock]) -> [Addition] {
    var additions: [Addition] = []
    var open: [Int] = []
    for (part, block) in blocks.enumerated() {
      let isLast = part == blocks.count - 1
      let pairs = isLast ? open.count : (~block.index).trailingZeroBitCount
      open.append(part)
      for _ in 0..<pairs {
        let right = open.removeLast()
        additions.append(Addition(left: open[open.count - 1], right: right))
      }
    }
    return additions
  }
}
