internal import CKernels

/// Random numbers for one purpose, each of which can be had at any time, since there is no state.
///
/// They are Philox4x32-10 (Salmon et al. 2011) with the seed as its key. The same seed gives the same numbers on
/// every machine, in whatever order and on whatever thread they are asked for.
public struct RandomNumbers: Sendable {
  /// What the numbers are drawn for: each purpose has its own.
  public enum Purpose: Sendable {
    /// The start of weights.
    case weights
    /// The order of rows in each epoch.
    case shuffle
    /// Which rows are for validation.
    case split
    /// The settings of runs that are tried at random.
    case search

    fileprivate var stream: UInt32 {
      switch self {
      case .weights: UInt32(bp_stream_weights)
      case .shuffle: UInt32(bp_stream_shuffle)
      case .split: UInt32(bp_stream_split)
      case .search: UInt32(bp_stream_search)
      }
    }
  }

  private let seed: UInt64
  private let stream: UInt32

  /// The numbers that a seed gives for a purpose.
  public init(seed: UInt64, for purpose: Purpose) {
    self.seed = seed
    stream = purpose.stream
  }

  /// The 64 random bits with an index in a series.
  public func bits(at index: Int, series: Int = 0) -> UInt64 {
    let index = UInt64(index)
    let counter = (UInt32(truncatingIfNeeded: index), UInt32(index >> 32), UInt32(series), stream)
    let random = bp_philox(bp_words(words: counter), seed).words
    return UInt64(random.0) | UInt64(random.1) << 32
  }

  /// A number from 0 to below 1, uniformly distributed on the multiples of 2⁻⁵³.
  public func uniform(at index: Int, series: Int = 0) -> Double {
    Double(bits(at: index, series: series) >> 11) * 0x1p-53
  }

  /// The numbers below `count` in random order, another one for each series (Fisher and Yates 1938).
  public func permutation(of count: Int, series: Int = 0) -> [Int] {
    permutation(of: count, series: series, firstDraw: 0)
  }

  /// The numbers below `count` in an order that needs few of them at a time, another one for each series: see
  /// ``BlockOrder``.
  public func blockPermutation(of count: Int, series: Int = 0) -> [Int] {
    let order = BlockOrder(of: count, from: self, series: series)
    var numbers: [Int] = []
    numbers.reserveCapacity(count)
    for group in 0..<order.groupCount {
      let blocks = order.blocks(ofGroup: group).flatMap(\.self)
      for number in order.order(ofGroup: group) { numbers.append(blocks[number]) }
    }
    return numbers
  }

  /// The numbers below `count` in random order, drawn from a place in the series on.
  fileprivate func permutation(of count: Int, series: Int, firstDraw: Int) -> [Int] {
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      // The high half of the product is even to one part in 2⁶⁴/count.
      let draw = bits(at: firstDraw + index, series: series)
      order.swapAt(index, Int(draw.multipliedFullWidth(by: UInt64(index + 1)).high))
    }
    return order
  }
}

/// A random order that needs only a few of the numbers at a time.
///
/// Blocks of ``blockLength`` consecutive numbers, of which the last may be shorter, are put in random order. Then
/// the numbers of each group of ``blocksAtOnce`` blocks are put in random order.
public struct BlockOrder: Sendable {
  /// How many numbers follow each other in a block.
  public static let blockLength = 4096
  /// How many blocks are permuted together.
  public static let blocksAtOnce = 16
  /// How many numbers a group of whole blocks has.
  public static let groupLength = blockLength * blocksAtOnce
  /// Room for the draws that order the blocks, before those that order numbers.
  private static let drawsOfBlocks = 1 << 48

  private let count: Int
  private let blocks: [Int]
  /// The group that has the last block, which may be shorter.
  private let groupOfLast: Int
  private let random: RandomNumbers
  private let series: Int

  /// The order of the numbers below `count` in a series.
  public init(of count: Int, from random: RandomNumbers, series: Int) {
    self.count = count
    self.random = random
    self.series = series
    blocks = random.permutation(
      of: (count + Self.blockLength - 1) / Self.blockLength, series: series)
    groupOfLast = (blocks.firstIndex(of: blocks.count - 1) ?? 0) / Self.blocksAtOnce
  }

  /// How many groups there are.
  public var groupCount: Int { (blocks.count + Self.blocksAtOnce - 1) / Self.blocksAtOnce }

  /// The numbers of each block of a group.
  public func blocks(ofGroup group: Int) -> [Range<Int>] {
    let first = group * Self.blocksAtOnce
    return blocks[first..<min(first + Self.blocksAtOnce, blocks.count)].map { block in
      let number = block * Self.blockLength
      return number..<min(number + Self.blockLength, count)
    }
  }

  /// Which places of the order a group has.
  public func places(ofGroup group: Int) -> Range<Int> {
    let lacking = blocks.count * Self.blockLength - count
    func start(_ group: Int) -> Int {
      min(group * Self.groupLength - (groupOfLast < group ? lacking : 0), count)
    }
    return start(group)..<start(group + 1)
  }

  /// The group that has a place of the order.
  public func group(ofPlace place: Int) -> Int {
    let group = place / Self.groupLength
    return places(ofGroup: group).contains(place) ? group : group + 1
  }

  /// For each place of a group which of the numbers of its blocks, counted on from block to block, stands there.
  public func order(ofGroup group: Int) -> [Int] {
    let places = places(ofGroup: group)
    return random.permutation(
      of: places.count, series: series, firstDraw: Self.drawsOfBlocks + places.lowerBound)
  }

  /// The number at a place of the order; it takes a group's order to find it.
  public func number(atPlace place: Int) -> Int {
    let group = group(ofPlace: place)
    var number = order(ofGroup: group)[place - places(ofGroup: group).lowerBound]
    for block in blocks(ofGroup: group) {
      if number < block.count { return block.lowerBound + number }
      number -= block.count
    }
    preconditionFailure("every number of a group is in a block")
  }
}

/// The key from which the random numbers of a graph are drawn in one step, as the values of a parameter.
public enum NoiseKey {
  /// How many elements it has.
  public static let count = Int(bp_noise_count)

  /// The key of a draw, counted from 0, in a step, of which there may be 2³².
  public static func values<Scalar: Precision>(seed: UInt64, step: Int, draw: Int) -> [Scalar] {
    let seeds = (0..<4).map { Scalar(Double(seed >> (16 * UInt64($0)) & 0xFFFF)) }
    let steps = [Scalar(Double(step & 0xFF_FFFF)), Scalar(Double(step >> 24 & 0xFF))]
    return seeds + steps + [Scalar(Double(draw))]
  }
}

/// A vector of random numbers from 0 to below 1, drawn anew for each row and key.
///
/// `row` is the row's number; numbers of 2²⁴ and more are not all distinct in float32. `key` is a parameter with
/// the values of ``NoiseKey``.
public func uniform(row: Node, key: Node, count: Int) -> Node {
  row.graph.apply(.uniform, row, key, row.graph.constant(Double(count)))
}
