internal import CMPI

/// The sum of a batch's chunks, of which every rank has a share: the same bits however many ranks there are.
///
/// It is made once for batches of a size, and then used for every step without allocation: each rank writes the sums
/// of its blocks, and all call `add()`.
public struct TreeSum: ~Copyable {
  /// How the parts of the sum travel.
  public enum Route: Hashable, Sendable {
    /// Every rank gets all parts and adds them: few messages.
    case gather
    /// Every rank adds a share of the elements, and then gets the others' sums: few bytes.
    case scatter
  }

  /// How the chunks are shared.
  public let plan: TreePlan
  /// How many numbers every chunk has.
  public let width: Int
  /// How the parts travel; all ranks must agree.
  public let route: Route

  private let ranks: Ranks?
  private let rank: Int
  /// All parts of the plan, one after the other, of which those of other ranks are filled by `add()`.
  private let storage: UnsafeMutableBufferPointer<Double>
  /// Where each rank's parts begin, in bytes, and the end of all.
  private let partOffsets: [Int]
  /// Where each rank's share of the elements begins, in bytes, and the end of all.
  private let elementOffsets: [Int]

  /// A sum over so many chunks of `width` numbers each; without ranks this process has all chunks.
  ///
  /// - Parameter route: by default the one that is faster for so many bytes.
  public init(chunks: Int, width: Int, among ranks: Ranks?, route: Route? = nil) {
    precondition(width >= 0, "The width must not be negative")
    let count = ranks?.count ?? 1
    let plan = TreePlan(chunks: chunks, ranks: count)
    let stride = MemoryLayout<Double>.stride
    let bytes = width * stride
    partOffsets = (plan.parts.map(\.lowerBound) + [plan.blocks.count]).map { $0 * bytes }
    elementOffsets = (0...count).map { width * $0 / count * stride }
    storage = .allocate(capacity: max(plan.blocks.count, 1) * width)
    storage.initialize(repeating: -0.0)
    self.route = route ?? (plan.blocks.count * bytes < Self.scattered ? .gather : .scatter)
    self.plan = plan
    self.width = width
    self.ranks = ranks
    rank = ranks?.rank ?? 0
  }

  deinit { storage.deallocate() }

  /// From so many bytes of parts on, the bytes cost more than the messages, as measured with two to four ranks that
  /// share a machine.
  private static var scattered: Int { 1 << 15 }

  /// The blocks that this rank sums.
  public var blocks: ArraySlice<TreeBlock> { plan.blocks[plan.parts[rank]] }

  /// Lends the sums of this rank's blocks, `width` numbers for each, to be written before every `add()`.
  public mutating func withParts<Result, Failure: Error>(
    _ body: (inout MutableSpan<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let parts = plan.parts[rank]
    let own = parts.lowerBound * width..<parts.upperBound * width
    var span = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: storage[own]))
    return try body(&span)
  }

  /// Lends the sum, after `add()` and before parts are written again.
  public func withTotals<Result, Failure: Error>(
    _ body: (Span<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(Span(_unsafeElements: UnsafeBufferPointer(rebasing: storage[..<width])))
  }

  /// Adds what all ranks have written; every rank has the sum.
  public mutating func add() throws(RanksError) {
    guard let ranks, ranks.count > 1 else { return add(elements: 0..<width) }
    switch route {
    case .gather:
      try Ranks.check(bp_mpi_all_gather(storage.baseAddress, partOffsets))
      ranks.bytesSent += (partOffsets[rank + 1] - partOffsets[rank]) * (ranks.count - 1)
      add(elements: 0..<width)
    case .scatter:
      try exchangeElements(ranks)
      let stride = MemoryLayout<Double>.stride
      add(elements: elementOffsets[rank] / stride..<elementOffsets[rank + 1] / stride)
      try Ranks.check(bp_mpi_all_gather(storage.baseAddress, elementOffsets))
      ranks.bytesSent += (elementOffsets[rank + 1] - elementOffsets[rank]) * (ranks.count - 1)
    }
  }

  /// Sends every other rank its elements of this rank's parts, and receives this rank's elements of theirs.
  private func exchangeElements(_ ranks: Ranks) throws(RanksError) {
    guard let base = storage.baseAddress else { return }
    let start = UnsafeMutableRawPointer(base)
    let bytes = width * MemoryLayout<Double>.stride
    let ownSize = elementOffsets[rank + 1] - elementOffsets[rank]
    // With more ranks than elements some have none.
    for step in 1..<ranks.count where ownSize > 0 {
      let other = (rank + ranks.count - step) % ranks.count
      for part in plan.parts[other] {
        let place = start + part * bytes + elementOffsets[rank]
        try Ranks.check(bp_mpi_receive(place, ownSize, Int32(other)))
      }
    }
    for step in 1..<ranks.count {
      let other = (rank + step) % ranks.count
      let size = elementOffsets[other + 1] - elementOffsets[other]
      if size == 0 { continue }
      for part in plan.parts[rank] {
        let place = start + part * bytes + elementOffsets[other]
        try Ranks.check(bp_mpi_send(place, size, Int32(other)))
      }
      ranks.bytesSent += size * plan.parts[rank].count
    }
    try Ranks.check(bp_mpi_wait())
  }

  /// Does the plan's additions for a range of elements, some of them at a time so that they stay in cache.
  private func add(elements: Range<Int>) {
    guard let base = storage.baseAddress else { return }
    for first in stride(from: elements.lowerBound, to: elements.upperBound, by: 512) {
      let count = min(512, elements.upperBound - first)
      for addition in plan.additions {
        let left = base + addition.left * width + first
        let right = base + addition.right * width + first
        for i in 0..<count { left[i] = left[i] + right[i] }
      }
    }
  }
}
