internal import CThreads

/// Runs `body` with each number below `count`, side by side, and returns when all have.
///
/// The calling thread takes numbers too. Where the system grants fewer threads, they do more each.
package func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  typealias Body = @Sendable (Int) -> Void
  withUnsafePointer(to: body) { body in
    bp_concurrently(
      count,
      { body, number in body?.assumingMemoryBound(to: Body.self).pointee(number) },
      UnsafeMutableRawPointer(mutating: body))
  }
}

/// Values that threads fill side by side.
///
/// Unchecked, since each thread touches the value of its own number alone, and whoever made them looks
/// again only after ``concurrently(_:_:)`` has returned.
package final class Slots<Value>: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Value>

  package init(_ values: [Value]) {
    self.values = .allocate(capacity: values.count)
    _ = self.values.initialize(from: values)
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }

  package subscript(_ number: Int) -> Value {
    get { values[number] }
    _modify { yield &values[number] }
  }

  var count: Int { values.count }
}
