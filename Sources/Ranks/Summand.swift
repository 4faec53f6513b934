/// What can be added, and sent from one process to another.
public protocol Summand: Sendable {
  /// Adds what follows.
  mutating func add(_ other: Self)

  /// Appends all of it, as numbers.
  func write(to numbers: inout [Double])

  /// Takes what ``write(to:)`` has written from the front of some numbers.
  init(from numbers: inout ArraySlice<Double>)
}

/// Numbers of which each is added to its own.
public struct Sums: Summand {
  /// As many for each part of one sum.
  public var values: [Double]

  /// Numbers to begin with.
  public init(_ values: [Double]) { self.values = values }

  /// Adds each number to its own.
  public mutating func add(_ other: Sums) {
    for index in values.indices { values[index] += other.values[index] }
  }

  /// Appends how many there are, and the numbers.
  public func write(to numbers: inout [Double]) { numbers += [Double(values.count)] + values }

  /// Takes what ``write(to:)`` has written from the front of some numbers.
  public init(from numbers: inout ArraySlice<Double>) {
    let count = Int(numbers.removeFirst())
    values = Array(numbers.prefix(count))
    numbers.removeFirst(count)
  }
}

/// A sum of parts that come one after the other, added by a binary tree over their numbers: see ``TreeBlock``.
///
/// Of numbers alone Autograd has one that takes no memory of its own.
public struct RunningTree<Part: Summand> {
  /// Subtrees that wait for their neighbours, the largest first.
  private var subtrees: [(level: Int, sum: Part)] = []

  /// No parts yet.
  public init() {}

  /// Adds a part.
  public mutating func add(_ part: Part) {
    var (level, sum) = (0, part)
    while let last = subtrees.last, last.level == level {
      subtrees.removeLast()
      var left = last.sum
      left.add(sum)
      (level, sum) = (level + 1, left)
    }
    subtrees.append((level, sum))
  }

  /// The sum of all parts; nil if there are none.
  public var total: Part? {
    guard var total = subtrees.last?.sum else { return nil }
    for (_, left) in subtrees.dropLast().reversed() {
      var sum = left
      sum.add(total)
      total = sum
    }
    return total
  }
}

extension Team {
  /// The sum over chunks of which every process has a share: the same bits however many there are.
  ///
  /// `part` sums a range of chunks, which is a subtree of the whole; where one of them has no sum, neither has the whole.
  /// What `part` throws is thrown at once, and leaves the others waiting. `point` is where the processes are: all end if
  /// one is elsewhere than the first, or asks for a sum of another kind.
  public func sum<Part: Summand, Failure: Error>(
    chunks: Int, at point: [Double],
    _ part: (Range<Int>) throws(Failure) -> Part?
  ) throws(Failure) -> Part? {
    // What one process does in no time is not worth a message.
    if chunks == 1 { return try part(0..<1) }
    let plan = TreePlan(chunks: chunks, ranks: ranks.count)
    var own = [Double(bitPattern: Self.mark(of: "\(Part.self)", chunks, point))]
    for block in plan.blocks[plan.parts[ranks.rank]] {
      let sum = try part(block.chunks(of: chunks))
      own.append(sum == nil ? 0 : 1)
      sum?.write(to: &own)
    }
    let all = gather(own).map { $0[...] }
    for (process, numbers) in all.enumerated() where numbers[0].bitPattern != all[0][0].bitPattern {
      stop(.apart(process: process))
    }
    var parts: [Part?] = []
    for (process, numbers) in all.enumerated() {
      var numbers = numbers.dropFirst()
      for _ in plan.parts[process] {
        parts.append(numbers.removeFirst() == 0 ? nil : Part(from: &numbers))
      }
      if !numbers.isEmpty { stop(.apart(process: process)) }
    }
    if parts.contains(where: { $0 == nil }) { return nil }
    for addition in plan.additions {
      if let right = parts[addition.right] { parts[addition.left]?.add(right) }
    }
    return parts[0]
  }

  /// A number that other sums or points hardly ever have (FNV-1a of Fowler, Noll and Vo, by words).
  private static func mark(of kind: String, _ chunks: Int, _ point: [Double]) -> UInt64 {
    let words = kind.utf8.map(UInt64.init) + [UInt64(chunks)] + point.map(\.bitPattern)
    return words.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01B3 }
  }
}
