import Plotting
import Synchronization

/// Gives out numbers one after the other, to any thread.
final class Counter: Sendable {
  private let value = Atomic(0)

  /// The next number, nil once it would not be below `count`.
  func next(below count: Int) -> Int? {
    let number = value.add(1, ordering: .relaxed).oldValue
    return number < count ? number : nil
  }
}

/// What is known of a study while it runs.
///
/// Unchecked, since what changes is touched under the lock while threads work.
final class Ledger: @unchecked Sendable {
  var rows: [StudyTable.Row?]
  var curves: [Int: LossCurve] = [:]
  var failure: (failure: Failure, index: Int)?
  var doneCount = 0
  /// How many rows were there when the study began.
  var firstDone = 0
  /// When the study began.
  let start = Clock.now
  /// Where the rows go, if they go anywhere.
  let output: StudyOutput?
  private var best: [(rank: Double, run: Int, model: [UInt8])] = []
  private var said: Set<String> = []
  private var lowest: (value: Double, run: Int)?
  private var cadence: Cadence
  private let wishes: StudyWishes
  private let isShown: Bool
  private let lock = Mutex(())
  private let hasFailed = Atomic(false)

  /// So many remarks are said at most, as every run may have some of its own.
  private static let mostRemarks = 20

  init(rows count: Int, wishes: StudyWishes, _ output: StudyOutput?) {
    self.output = output
    rows = Array(repeating: nil, count: count)
    self.wishes = wishes
    isShown = StatusLine.isPossible && !wishes.isQuiet
    cadence = Cadence(interval: 0.1, first: Clock.now + 0.3)
  }

  var models: [Int: [UInt8]] {
    Dictionary(best.map { ($0.run, $0.model) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether no more runs are to begin.
  var isOver: Bool { hasFailed.load(ordering: .relaxed) || Interruption.signal != nil }

  func locked(_ body: () throws(Failure) -> Void) throws(Failure) {
    try lock.withLock { _ throws(Failure) in try body() }
  }

  /// Notes what has gone wrong with the run of a row: of several the first counts.
  func fail(_ error: Failure, at index: Int) {
    lock.withLock { _ in
      if failure == nil || index < failure?.index ?? 0 { failure = (error, index) }
      hasFailed.store(true, ordering: .relaxed)
    }
  }

  /// Says something once; the runs of a study often have the same to say.
  func say(_ remark: String) {
    guard !wishes.isQuiet, said.count <= Self.mostRemarks, said.insert(remark).inserted else {
      return
    }
    Diagnostics.say(
      said.count > Self.mostRemarks ? "note: there are more remarks like these" : remark)
  }

  /// Keeps a model if it is one of the best.
  func keep(_ model: [UInt8], of run: Int, rank: Double) {
    let place = best.firstIndex { (rank, run) < ($0.rank, $0.run) } ?? best.count
    best.insert((rank, run, model), at: place)
    if best.count > wishes.bestCount { best.removeLast() }
  }

  /// Shows how far the study is.
  func show(best value: Double?, of run: Int) {
    if let value, value < lowest?.value ?? .infinity { lowest = (value, run) }
    guard isShown, cadence.isDue() else { return }
    var parts = ["\(doneCount)/\(rows.count)"]
    if let lowest { parts.append("best \(brief(lowest.value)) (run \(lowest.run + 1))") }
    let done = doneCount - firstDone
    if done > 0 {
      let left = (Clock.now - start) / Double(done) * Double(rows.count - doneCount)
      parts.append("\(ProgressLine.duration(left)) left")
    }
    let room = max(0, Terminal(of: .standardError).columns - 1)
    StatusLine.show(String(parts.joined(separator: "  ").prefix(room)))
  }
}
