import CKernels
import Testing

@testable import Autograd

@Suite struct RandomNumbersTests {
  /// The known answers that Salmon and others publish with Random123.
  @Test(
    arguments: [
      (
        [0, 0, 0, 0], 0, [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]
      ),
      (
        [.max, .max, .max, .max], .max, [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
      ),
      (
        [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], 0x299F_31D0_A409_3822,
        [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
      ),
    ] as [([UInt32], UInt64, [UInt32])])
  func `the generator gives the known answers`(counter: [UInt32], key: UInt64, words: [UInt32]) {
    let random = bp_philox(
      bp_words(words: (counter[0], counter[1], counter[2], counter[3])), key
    ).words
    #expect([random.0, random.1, random.2, random.3] == words)
  }

  @Test func `purposes, seeds, series and indices have numbers of their own`() {
    let numbers = [RandomNumbers.Purpose.weights, .shuffle, .split].flatMap { purpose in
      [0, 1, .max].flatMap { (seed: UInt64) in
        let random = RandomNumbers(seed: seed, for: purpose)
        return [0, 1, 1 << 33].flatMap { index in
          [0, 1].map { random.bits(at: index, series: $0) }
        }
      }
    }
    #expect(Set(numbers).count == numbers.count)
  }

  @Test func `a uniform number is spread evenly`() {
    let random = RandomNumbers(seed: 7, for: .weights)
    let values = (0..<10_000).map { random.uniform(at: $0) }
    #expect(values.allSatisfy { 0 <= $0 && $0 < 1 })
    let mean = values.reduce(0, +) / 10_000
    let square = values.reduce(0) { $0 + $1 * $1 } / 10_000
    #expect(abs(mean - 0.5) < 0.01)
    #expect(abs(square - 1.0 / 3) < 0.01)
  }

  @Test func `a permutation has every index once, and another order in each series`() {
    let random = RandomNumbers(seed: 0, for: .shuffle)
    let first = random.permutation(of: 1000)
    #expect(first.sorted() == Array(0..<1000))
    #expect(first == random.permutation(of: 1000))
    #expect(first != random.permutation(of: 1000, series: 1))
    // For ever: this is a promise to those who note down their seeds.
    #expect(random.permutation(of: 8) == [1, 0, 6, 5, 4, 2, 3, 7])
    // All orders of three are as frequent.
    var counts: [[Int]: Int] = [:]
    for series in 0..<6000 { counts[random.permutation(of: 3, series: series), default: 0] += 1 }
    #expect(counts.count == 6 && counts.values.allSatisfy { 800 < $0 && $0 < 1200 })
  }

  @Test(arguments: [1, 4096, 4097, 65_536, 140_001])
  func `a permutation by blocks needs few of them at a time`(count: Int) {
    let random = RandomNumbers(seed: 3, for: .shuffle)
    let order = random.blockPermutation(of: count, series: 2)
    #expect(order.sorted() == Array(0..<count))
    let blocks = random.permutation(of: (count + 4095) / 4096, series: 2)
    var start = 0
    for first in stride(from: 0, to: blocks.count, by: 16) {
      let together = blocks[first...].prefix(16).flatMap { block in
        block * 4096..<min(block * 4096 + 4096, count)
      }
      let taken = order[start..<start + together.count]
      #expect(taken.sorted() == together.sorted())
      if count > 1 { #expect(Array(taken) != together) }
      start += together.count
    }
    #expect(start == count)
    if count > 1 { #expect(order != random.blockPermutation(of: count, series: 3)) }
  }

  @Test func `a permutation by blocks is for ever`() {
    let order = RandomNumbers(seed: 0, for: .shuffle).blockPermutation(of: 100_000)
    #expect(order.prefix(4) == [48027, 13366, 67294, 54802])
    #expect(order.suffix(4) == [32153, 20713, 71619, 21291])
  }

  /// In every block, on every level and for both precisions, a row's numbers are those of its number alone.
  @Test(arguments: SIMDLevel.allCases, [1, 7, 100])
  func `drawn numbers depend on row, step and draw alone`(level: SIMDLevel, rows: Int) throws {
    try level.requireSupport()
    let graph = Graph()
    let key = graph.parameter("key", .vector(NoiseKey.count))
    let draw = uniform(row: graph.column("row"), key: key, count: 6)
    let weighted = (0..<6).map { pick(draw, graph.constant(Double($0))) }
    let program = Program(outputs: weighted, columns: [graph.column("row")], parameters: [key])
    func numbers<Scalar: Precision>(step: Int, draw: Int, as _: Scalar.Type) -> [Double] {
      var executor = Executor<Scalar>(program, batchRows: rows, simdLevel: level)
      var found = [Double](repeating: 0, count: rows * 6)
      executor.forEachBlock(
        of: 0..<rows, in: Columns([(0..<rows).map { Double($0 + 5) }]),
        parameters: NoiseKey.values(seed: 1 << 40 + 3, step: step, draw: draw)
      ) { block, values in
        for row in block {
          for e in 0..<6 { found[row * 6 + e] = Double(values[e][row - block.lowerBound]) }
        }
      }
      return found
    }
    let counter = (UInt32(1), UInt32(5), UInt32(1 << 25 + 9), 2 << 8 | UInt32(bp_stream_dropout))
    let words = bp_philox(bp_words(words: counter), 1 << 40 + 3).words
    let found = numbers(step: 1 << 25 + 9, draw: 2, as: Float.self)
    #expect(found[4] == Double(words.0 >> 8) * 0x1p-24)
    #expect(found[5] == Double(words.1 >> 8) * 0x1p-24)
    #expect(found == numbers(step: 1 << 25 + 9, draw: 2, as: Double.self))
    #expect(Set(found).count == found.count)
    #expect(found != numbers(step: 8, draw: 2, as: Float.self))
    #expect(found != numbers(step: 1 << 25 + 9, draw: 1, as: Float.self))
  }
}
