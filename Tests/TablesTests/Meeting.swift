import Foundation
import Tables

/// Threads that share a table as the processes of a job do.
final class Meeting: @unchecked Sendable {
  private let condition = NSCondition()
  private var given: [[UInt8]?]
  private var all: [[UInt8]] = []
  private var (arrived, round, isOver) = (0, 0, false)

  private init(_ count: Int) { given = [[UInt8]?](repeating: nil, count: count) }

  /// What each of so many does with its part of the sharing.
  static func results<Result>(
    of count: Int, _ body: @escaping @Sendable (Sharing) -> Result
  ) -> [Result] {
    let meeting = Meeting(count)
    let results = Results<Result>(count)
    let done = DispatchSemaphore(value: 0)
    for rank in 0..<count {
      Thread.detachNewThread {
        let sharing = Sharing(rank: rank, count: count) { meeting.exchange($0, by: rank) }
        results.values[rank] = body(sharing)
        // Those who still wait for this one wait no more.
        _ = meeting.exchange(nil, by: rank)
        done.signal()
      }
    }
    for _ in 0..<count { done.wait() }
    return results.values.compactMap(\.self)
  }

  /// The results, of which each thread sets its own.
  private final class Results<Result>: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Result?>

    init(_ count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: nil)
    }

    deinit {
      values.deinitialize()
      values.deallocate()
    }
  }

  private func exchange(_ own: [UInt8]?, by rank: Int) -> [[UInt8]]? {
    condition.lock()
    defer { condition.unlock() }
    if isOver { return nil }
    isOver = own == nil
    given[rank] = own
    arrived += 1
    let before = round
    if arrived == given.count {
      all = given.compactMap(\.self)
      (arrived, round) = (0, round + 1)
    }
    if isOver || round > before { condition.broadcast() }
    while round == before, !isOver { condition.wait() }
    return round > before && all.count == given.count ? all : nil
  }
}
