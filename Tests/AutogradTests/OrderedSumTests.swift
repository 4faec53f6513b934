import Testing

@testable import Autograd

/// A binary tree over the numbers of the terms: 2k and 2k+1, then those pairs with their neighbours, and so on; one
/// without a neighbour goes up as it is.
func tree(of terms: [Double]) -> Double {
  var terms = terms
  while terms.count > 1 {
    terms = stride(from: 0, to: terms.count, by: 2).map {
      $0 + 1 < terms.count ? terms[$0] + terms[$0 + 1] : terms[$0]
    }
  }
  return terms[0]
}

/// The tree over the sums of chunks, wherever it is added up.
@Suite struct OrderedSumTests {
  private static let around = [15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129]
  private static let chunkCounts = Array(1...9) + around

  /// Sums of chunks whose tree differs from their sum in row order, in float32 too, where there are more than three.
  private func sums(_ count: Int) throws -> [Double] {
    try #require(
      (1...100).lazy.map { sums(count, seed: $0) }.first { sums in
        count < 4 || Float(tree(of: sums)) != Float(sums.reduce(-0.0, +))
      })
  }

  /// Numbers of which a third are large and another cancel them: what is left of the others shows the order.
  private func sums(_ count: Int, seed: UInt64) -> [Double] {
    let random = RandomNumbers(seed: seed, for: .weights)
    let order = random.permutation(of: count)
    return (0..<count).map { chunk in
      switch order[chunk] % 3 {
      case 0 where order[chunk] + 1 < count: 0x3p57
      case 1: -0x3p57
      default: Double(Float(random.uniform(at: chunk, series: 1) * 2000 - 1000))
      }
    }
  }

  /// Rows whose chunks have these sums; the last chunk has one row.
  private func rows(_ sums: [Double]) -> [Double] {
    let rows = sums.flatMap { [$0] + [Double](repeating: 0, count: 63) }
    return Array(rows.dropLast(63))
  }

  @Test func `the trees of one to nine chunks, spelled out`() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let s = sums(9, seed: seed)
      let spelled = [
        s[0],
        s[0] + s[1],
        (s[0] + s[1]) + s[2],
        (s[0] + s[1]) + (s[2] + s[3]),
        ((s[0] + s[1]) + (s[2] + s[3])) + s[4],
        ((s[0] + s[1]) + (s[2] + s[3])) + (s[4] + s[5]),
        ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + s[6]),
        ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7])),
        (((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))) + s[8],
      ]
      for (index, expected) in spelled.enumerated() {
        let sums = Array(s[...index])
        let values = rows(sums)
        #expect(tree(of: sums) == expected)
        #expect(orderedSum(count: values.count) { values[$0] } == expected)
        #expect(orderedSum(count: values.count) { Float(values[$0]) } == expected)
        #expect(means(of: values, as: Double.self)[0] == expected / Double(values.count))
        let mean = means(of: values, as: Float.self)[0]
        #expect(mean == Float(expected / Double(values.count)))
      }
    }
  }

  @Test(arguments: chunkCounts)
  func `a sum over any number of chunks is their tree`(count: Int) throws {
    let sums = try sums(count)
    let values = rows(sums)
    #expect(orderedSum(count: values.count) { values[$0] } == tree(of: sums))
    #expect(orderedSum(count: values.count) { Float(values[$0]) } == tree(of: sums))
  }

  @Test func `the sum of nothing is a zero that changes no other`() {
    #expect(orderedSum(count: 0) { _ in 1.0 }.sign == .minus)
    #expect(orderedSum(count: 65) { _ in -0.0 }.sign == .minus)
  }

  /// Scalars, a vector, an outer product: each element is the column times a power of two.
  private static let factors: [Double] =
    [1, 2] + [1, 0.5, 4] + [1, 0.5, 4, 2, 1, 8]

  private func program(width: Int = 0) -> Program {
    let graph = Graph()
    let x = graph.column("x")
    let (double, vector) = (graph.parameter("a"), graph.parameter("b", .vector(3)))
    let wide = graph.parameter("c", .vector(max(1, width)))
    var outputs = [x, double * x, vector * x, outer(concat([x, double * x]), vector)]
    if width > 0 { outputs.append(wide * x) }
    return Program(outputs: outputs, columns: [x], parameters: [double, vector, wide])
  }

  /// The means of rows, in waves of as few chunks as may be unless `mostChunkSums` allows more.
  private func means<Scalar: Precision>(
    of values: [Double], as _: Scalar.Type, width: Int = 0, blockRows: Int? = 64, threads: Int = 1,
    level: SIMDLevel = .chosen, mostChunkSums: Int = 1, divisor: Double? = nil
  ) -> [Scalar] {
    let program = program(width: width)
    // More rows than there are, where work is to be shared.
    let batchRows = threads > 1 ? max(values.count, 40_000) : values.count
    var executor = Executor<Scalar>(
      program, batchRows: batchRows, blockRows: blockRows, threads: threads, simdLevel: level,
      mostChunkSums: mostChunkSums)
    let parameters = [2, 1, 0.5, 4] + (0..<max(1, width)).map { factor($0) }
    var results = [Scalar](repeating: 0, count: program.outputCount)
    executor.means(
      of: 0..<values.count, in: Columns([values]), parameters: parameters.map { Scalar($0) },
      divisor: divisor, into: &results)
    return results
  }

  private func factor(_ element: Int) -> Double { Double(1 << (element % 5)) }

  @Test(arguments: SIMDLevel.allCases, [1, 2, 3, 8])
  func `waves, blocks, threads and SIMD levels change no bit of a tree`(
    level: SIMDLevel, threads: Int
  ) throws {
    try level.requireSupport()
    for count in Self.chunkCounts {
      let sums = try sums(count)
      let values = rows(sums)
      let means = Self.factors.map { $0 * tree(of: sums) / Double(values.count) }
      for (blockRows, mostChunkSums) in [(64, 1), (192, 1), (64, 50), (128, 250), (512, 1 << 20)] {
        let place: Comment = "\(count) chunks, blocks of \(blockRows), \(mostChunkSums) sums"
        let float = self.means(
          of: values, as: Float.self, blockRows: blockRows, threads: threads, level: level,
          mostChunkSums: mostChunkSums)
        #expect(float == means.map { Float($0) }, place)
        let double = self.means(
          of: values, as: Double.self, blockRows: blockRows, threads: threads, level: level,
          mostChunkSums: mostChunkSums)
        #expect(double == means, place)
      }
    }
  }

  @Test(arguments: SIMDLevel.allCases, [1, 2, 3, 8])
  func `the trees of many outputs are shared by threads`(level: SIMDLevel, threads: Int) throws {
    try level.requireSupport()
    let width = 5000
    for count in [2, 7, 11] {
      let sums = try sums(count)
      let values = rows(sums)
      let mean = tree(of: sums) / Double(values.count)
      for mostChunkSums in [1, 1 << 20] {
        let found = means(
          of: values, as: Float.self, width: width, threads: threads, level: level,
          mostChunkSums: mostChunkSums)
        let expected = Self.factors + (0..<width).map { factor($0) }
        #expect(found == expected.map { Float($0 * mean) }, "\(count) chunks")
      }
    }
  }

  /// Ranges whose length is a power of two of chunks and that start at a multiple of it.
  @Test(arguments: chunkCounts, [1, 2, 4, 16])
  func `whoever holds an aligned range of chunks finishes its subtree alone`(
    count: Int, chunksPerRange: Int
  ) throws {
    let values = rows(try sums(count))
    let ranges = stride(from: 0, to: values.count, by: 64 * chunksPerRange).map {
      Array(values[$0..<min($0 + 64 * chunksPerRange, values.count)])
    }
    let whole = orderedSum(count: values.count) { Float(values[$0]) }
    let parts = ranges.map { range in orderedSum(count: range.count) { Float(range[$0]) } }
    #expect(tree(of: parts) == whole)
    let all = means(of: values, as: Double.self, divisor: 1)
    let own = ranges.enumerated().map { index, range in
      means(
        of: range, as: Double.self, blockRows: [64, 512][index % 2], threads: 1 + index % 3,
        divisor: 1)
    }
    for element in all.indices { #expect(tree(of: own.map { $0[element] }) == all[element]) }
    #expect(all[0] == whole)
  }
}
