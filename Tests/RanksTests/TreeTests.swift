import Testing

@testable import Autograd
@testable import Ranks

/// Sums of batches whose chunks are shared among ranks.
@Suite struct TreeTests {
  /// Numbers of which a third are large and others cancel them: what is left shows the order of their sum.
  private static let terms: [Double] = {
    var random = UInt64(1)
    return (0..<300).map { _ in
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      switch random >> 33 % 3 {
      case 0: return 0x3p57
      case 1: return -0x3p57
      default: return Double(random >> 40) / 1000 - 8000
      }
    }
  }()

  /// The sum of a range of the terms, as one rank adds them.
  private static func sum(of chunks: Range<Int>) -> Double {
    var tree = SumTree()
    for chunk in chunks { tree.add(terms[chunk]) }
    return tree.total
  }

  /// What the ranks of a plan find together.
  private static func sum(by plan: TreePlan) -> Double {
    var parts = plan.blocks.map { sum(of: $0.chunks(of: plan.chunks)) }
    for addition in plan.additions { parts[addition.left] += parts[addition.right] }
    return parts.first ?? -0.0
  }

  /// The plan for cuts in ascending order.
  private static func plan(_ chunks: Int, cuts: [Int]) -> TreePlan {
    let ends = [0] + cuts + [chunks]
    return TreePlan(shares: zip(ends, ends.dropFirst()).map { $0..<$1 })
  }

  @Test func `the terms show the order of their sum`() {
    let counts = 3...300
    let inOrder = counts.count { Self.terms[..<$0].reduce(-0.0, +) != Self.sum(of: 0..<$0) }
    #expect(inOrder > 250)
  }

  @Test(arguments: 1...300) func `parts that come one after the other`(count: Int) {
    var tree = RunningTree<Sums>()
    for term in Self.terms[..<count] { tree.add(Sums([term, -term])) }
    let total = tree.total?.values ?? []
    #expect(total.map(\.bitPattern) == [Self.sum(of: 0..<count), -total[0]].map(\.bitPattern))
  }

  @Test func `parts that are sent`() {
    var numbers: [Double] = []
    let sums = [Sums([1, -0.0]), Sums([.infinity, 3])]
    for sum in sums { sum.write(to: &numbers) }
    var rest = numbers[...]
    #expect(sums.map { _ in Sums(from: &rest).values } == sums.map(\.values) && rest.isEmpty)
  }

  @Test(arguments: 0...300) func `two ranks, every cut`(chunks: Int) {
    let expected = Self.sum(of: 0..<chunks).bitPattern
    let wrong = (0...chunks).filter {
      Self.sum(by: Self.plan(chunks, cuts: [$0])).bitPattern != expected
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: Array(0...40) + [63, 64, 65]) func `three ranks, every two cuts`(chunks: Int) {
    let expected = Self.sum(of: 0..<chunks).bitPattern
    for first in 0...chunks {
      let wrong = (first...chunks).filter {
        Self.sum(by: Self.plan(chunks, cuts: [first, $0])).bitPattern != expected
      }
      #expect(wrong.isEmpty, "a cut at \(first), the other at")
    }
  }

  @Test(arguments: 0...17) func `five ranks, every four cuts`(chunks: Int) {
    let expected = Self.sum(of: 0..<chunks).bitPattern
    for a in 0...chunks {
      for b in a...chunks {
        for c in b...chunks {
          for d in c...chunks {
            let plan = Self.plan(chunks, cuts: [a, b, c, d])
            if Self.sum(by: plan).bitPattern != expected { Issue.record("\(plan.shares)") }
          }
        }
      }
    }
  }

  @Test(arguments: 0...300) func `five ranks, some of the cuts`(chunks: Int) {
    let expected = Self.sum(of: 0..<chunks).bitPattern
    for seed in 1...20 {
      let cuts = (1...4).map { (seed * 7919 * $0 * $0 + 31 * $0) % (chunks + 1) }.sorted()
      let plan = Self.plan(chunks, cuts: cuts)
      #expect(Self.sum(by: plan).bitPattern == expected, "\(plan.shares)")
    }
  }

  @Test(arguments: 0...300) func `shares for up to seventeen ranks`(chunks: Int) {
    let expected = Self.sum(of: 0..<chunks).bitPattern
    for ranks in 1...17 {
      let plan = TreePlan(chunks: chunks, ranks: ranks)
      #expect(plan.chunks == chunks)
      #expect(plan.shares.count == ranks)
      #expect(Self.sum(by: plan).bitPattern == expected, "\(ranks) ranks")
    }
  }

  @Test(arguments: [0, 1, 5, 31, 64, 100, 1000, 15_625, 1_000_000, 123_456_789])
  func `shares are even and leave few parts`(chunks: Int) {
    for ranks in 1...40 {
      let plan = TreePlan(chunks: chunks, ranks: ranks)
      let even = Double(chunks) / Double(ranks)
      for (share, parts) in zip(plan.shares, plan.parts) {
        #expect(abs(Double(share.count) - even) < 1 + even / 32, "\(ranks) ranks: \(share)")
        #expect(parts.count <= 12, "\(ranks) ranks: \(share)")
      }
    }
  }

  @Test func `blocks, spelled out`() {
    func blocks(_ range: Range<Int>, _ total: Int) -> [Range<Int>] {
      TreeBlock.blocks(of: range, total: total).map { $0.chunks(of: total) }
    }
    #expect(blocks(0..<8, 8) == [0..<8])
    #expect(blocks(0..<7, 8) == [0..<4, 4..<6, 6..<7])
    #expect(blocks(0..<7, 7) == [0..<7])
    #expect(blocks(1..<7, 7) == [1..<2, 2..<4, 4..<7])
    #expect(blocks(64..<100, 100) == [64..<100])
    #expect(blocks(3..<3, 7).isEmpty)
    #expect(TreeBlock.blocks(of: 4..<5, total: 5) == [TreeBlock(level: 0, index: 4)])
  }

  @Test(arguments: [0, 1, 2, 3, 100, 300]) func `without ranks the sum is that of one tree`(
    chunks: Int
  ) throws {
    var total = TreeSum(chunks: chunks, width: 2, among: nil)
    let blocks = Array(total.blocks)
    total.withParts { parts in
      for (place, block) in blocks.enumerated() {
        let sum = Self.sum(of: block.chunks(of: chunks))
        parts[2 * place] = sum
        parts[2 * place + 1] = -sum
      }
    }
    try total.add()
    let found = total.withTotals { [$0[0], $0[1]] }
    #expect(found[0].bitPattern == Self.sum(of: 0..<chunks).bitPattern)
    if chunks > 0 { #expect(found[1] == -found[0]) }
  }
}
