internal import CThreads
internal import Synchronization

/// Threads that take numbers one after the other.
final class Workers {
  let count: Int
  private let pool: OpaquePointer?

  init(_ count: Int) {
    self.count = max(1, count)
    pool = self.count > 1 ? bp_pool_create(self.count) : nil
  }

  deinit { bp_pool_destroy(pool) }

  /// Calls `body` with a worker and each number below `count`, in any order.
  func run(_ count: Int, _ body: @escaping @Sendable (_ worker: Int, _ number: Int) -> Void) {
    guard let pool, count > 1 else {
      for number in 0..<count { body(0, number) }
      return
    }
    let job = Job(count, body)
    withExtendedLifetime(job) {
      bp_pool_run(
        pool,
        { context, worker in
          guard let context else { return }
          Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().work(as: worker)
        }, Unmanaged.passUnretained(job).toOpaque())
    }
  }

  private final class Job: Sendable {
    private let count: Int
    private let body: @Sendable (Int, Int) -> Void
    private let next = Atomic(0)

    init(_ count: Int, _ body: @escaping @Sendable (Int, Int) -> Void) {
      self.count = count
      self.body = body
    }

    func work(as worker: Int) {
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        if number >= count { return }
        body(worker, number)
      }
    }
  }
}

/// What workers find, each number's by itself; nil for nothing.
///
/// Unchecked, as each number is written by one thread, and read after all have ended.
final class Found<Value>: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Value?>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: nil)
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }

  subscript(_ number: Int) -> Value? {
    get { values[number] }
    set { values[number] = newValue }
  }
}
