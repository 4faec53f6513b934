import Glibc

/// Runs `body` with each number below `count`, side by side, and returns when all have.
///
/// The calling thread takes number 0. Where the system grants no more threads, their work is done
/// here, one after the other.
func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  var threads: [pthread_t] = []
  // Signals are for the thread that started us.
  var all = sigset_t()
  var before = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_SETMASK, &all, &before)
  while threads.count + 1 < count {
    let task = Task(number: threads.count + 1, body: body)
    guard let thread = task.started() else { break }
    threads.append(thread)
  }
  pthread_sigmask(SIG_SETMASK, &before, nil)
  body(0)
  for number in stride(from: threads.count + 1, to: count, by: 1) { body(number) }
  for thread in threads { pthread_join(thread, nil) }
}

/// One thread's share, on its way to the thread.
private final class Task: Sendable {
  let number: Int
  let body: @Sendable (Int) -> Void

  init(number: Int, body: @escaping @Sendable (Int) -> Void) {
    self.number = number
    self.body = body
  }

  /// A thread that runs the task and frees it; nil if there is none to be had.
  func started() -> pthread_t? {
    var thread = pthread_t()
    let task = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let task = Unmanaged<Task>.fromOpaque(pointer).takeRetainedValue()
        task.body(task.number)
        return nil
      }, task.toOpaque())
    if code == 0 { return thread }
    task.release()
    return nil
  }
}

/// Values that threads fill side by side.
///
/// Unchecked, since each thread touches the value of its own number alone, and whoever made them looks
/// again only after ``concurrently(_:_:)`` has returned.
final class Slots<Value>: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Value>

  init(_ values: [Value]) {
    self.values = .allocate(capacity: values.count)
    _ = self.values.initialize(from: values)
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }

  subscript(_ number: Int) -> Value {
    get { values[number] }
    _modify { yield &values[number] }
  }

  var count: Int { values.count }
}
