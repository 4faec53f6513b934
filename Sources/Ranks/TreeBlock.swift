/// A node of the binary tree by which the sums of a batch's chunks are added.
///
/// At level l, node i stands for the 2ˡ chunks from i · 2ˡ on, or for as many of them as the batch has: at the
/// batch's end a node without a neighbour goes up as it is.
///
///     level 2  0               1
///     level 1  0       1       2
///     level 0  0   1   2   3   4
public struct TreeBlock: Hashable, Sendable {
  /// The node's height; 0 is a chunk.
  public let level: Int
  /// The node's number among those of its level.
  public let index: Int

  /// The chunks that the node stands for, in a batch of `total`.
  public func chunks(of total: Int) -> Range<Int> {
    min(index << level, total)..<min((index + 1) << level, total)
  }

  /// The fewest nodes that together stand for a range of a batch's chunks, in order.
  ///
  /// There are at most 2 · log₂ `total`. An empty range has none.
  public static func blocks(of range: Range<Int>, total: Int) -> [TreeBlock] {
    precondition(range.lowerBound >= 0 && range.upperBound <= total, "A range lies in its batch")
    var blocks: [TreeBlock] = []
    var position = range.lowerBound
    while position < range.upperBound {
      var level = 0
      while position & (2 << level - 1) == 0, position + 1 << level < range.upperBound,
        min(position + 2 << level, total) <= range.upperBound
      {
        level += 1
      }
      blocks.append(TreeBlock(level: level, index: position >> level))
      position += 1 << level
    }
    return blocks
  }
}
