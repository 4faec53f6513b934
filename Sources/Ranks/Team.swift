/// The processes that share the work of a run.
///
/// All make the same calls in the same order. Each sums some chunks of rows, and all get the sum, which is that of one
/// process to the bit; what is done with it, every process does for itself.
public final class Team {
  /// The processes.
  public let ranks: Ranks
  private let fail: (RanksError) -> Never
  /// The sums of batches, by how many chunks and numbers they have.
  private var sums: [[Int]: Sum] = [:]

  private final class Sum {
    var tree: TreeSum
    init(_ tree: consuming TreeSum) { self.tree = tree }
  }

  /// The processes of a job; `fail` ends all of them where they cannot reach each other any more.
  public init(_ ranks: Ranks, fail: @escaping (RanksError) -> Never) {
    self.ranks = ranks
    self.fail = fail
  }

  /// The largest of the numbers that the processes give.
  public func largest(of number: Int32) -> Int32 {
    do throws(RanksError) {
      return try ranks.allGather(number).max() ?? number
    } catch {
      fail(error)
    }
  }

  /// The numbers that the processes give, in order, of each as many as it likes.
  public func gather(_ numbers: [Double]) -> [[Double]] {
    let all: [[UInt8]]
    do throws(RanksError) {
      all = try ranks.allGather(numbers.withUnsafeBytes { Array($0) })
    } catch {
      fail(error)
    }
    return all.map { bytes in
      bytes.withUnsafeBytes { bytes in
        (0..<bytes.count / 8).map {
          bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self)
        }
      }
    }
  }

  /// Ends all processes.
  func stop(_ error: RanksError) -> Never { fail(error) }

  /// The sums of numbers over the chunks of a batch: `add` puts those of a range of chunks, which is a subtree of the
  /// sum, in their place, and `use` is given all.
  ///
  /// Returns false, and leaves the others waiting, if `add` does for one of its ranges.
  public func sum(
    chunks: Int, width: Int,
    add: (Range<Int>, inout MutableSpan<Double>) -> Bool, use: (Span<Double>) -> Void
  ) -> Bool {
    let sum = sums[[chunks, width]] ?? Sum(TreeSum(chunks: chunks, width: width, among: ranks))
    // Batches have one size, but for the last of an epoch.
    if sums.count > 8 { sums = [:] }
    sums[[chunks, width]] = sum
    let blocks = Array(sum.tree.blocks)
    let isDone = sum.tree.withParts { parts in
      parts.withUnsafeMutableBufferPointer { parts in
        blocks.indices.allSatisfy { index in
          let own = UnsafeMutableBufferPointer(rebasing: parts[index * width..<(index + 1) * width])
          var span = own.mutableSpan
          return add(blocks[index].chunks(of: chunks), &span)
        }
      }
    }
    guard isDone else { return false }
    do throws(RanksError) { try sum.tree.add() } catch { fail(error) }
    sum.tree.withTotals(use)
    return true
  }
}
