import Testing

@testable import Tables

@Suite struct ConcurrentlyTests {
  @Test(arguments: [0, 1, 2, 3, 8, 500])
  func `each number is taken once`(count: Int) {
    let taken = Slots([Int](repeating: 0, count: count))
    concurrently(count) { taken[$0] += $0 + 1 }
    #expect((0..<count).allSatisfy { taken[$0] == $0 + 1 })
  }
}
