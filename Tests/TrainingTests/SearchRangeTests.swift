import Testing

@testable import Training

@Suite struct SearchRangeTests {
  @Test func `values at equal distances are decimals that can be read`() {
    #expect(SearchRange(low: 0.1, high: 0.5).spaced(5) == [0.1, 0.2, 0.3, 0.4, 0.5])
    #expect(SearchRange(low: 0, high: 1).spaced(1) == [0])
    #expect(SearchRange(low: 0, high: 9, isWhole: true).spaced(4) == [0, 3, 6, 9])
    #expect(
      SearchRange(low: 1000, high: 1000.2).spaced(3) == [1000, 1000.1, 1000.2])
  }

  @Test func `values at equal ratios are those of powers of ten`() {
    let range = SearchRange(low: 1e-3, high: 1, isLogarithmic: true)
    #expect(range.spaced(4) == [0.001, 0.01, 0.1, 1])
    #expect(range.spaced(7) == [0.001, 0.003162, 0.01, 0.03162, 0.1, 0.3162, 1])
  }

  @Test func `draws depend on seed, run and setting alone`() {
    let whole = SearchRange(low: 0, high: 9, isWhole: true)
    // Philox4x32-10 under stream 4, computed by a program of its own.
    #expect((0..<8).map { whole.draw(seed: 0, run: $0, setting: 1) } == [7, 9, 6, 0, 8, 8, 2, 7])
    let rates = SearchRange(low: 1e-3, high: 0.5, isLogarithmic: true)
    #expect(
      (0..<4).map { rates.draw(seed: 7, run: $0, setting: 3) } == [0.2982, 0.416, 0.2796, 0.01758])
  }

  @Test func `draws fill the range, and do not leave it`() {
    let range = SearchRange(low: -2, high: 3, isWhole: true)
    let draws = (0..<600).map { range.draw(seed: 3, run: $0, setting: 0) }
    for value in -2...3 { #expect((60...140).contains(draws.count { $0 == Double(value) })) }
    let logarithmic = SearchRange(low: 1, high: 100, isLogarithmic: true, isWhole: true)
    let drawn = (0..<600).map { logarithmic.draw(seed: 3, run: $0, setting: 0) }
    #expect(drawn.allSatisfy { (1...100).contains($0) && $0 == $0.rounded() })
    #expect((240...360).contains(drawn.count { $0 <= 10 }))
  }
}
