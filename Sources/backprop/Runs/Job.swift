import Glibc
import Ranks
import Tables
import Training

/// The processes that a launcher such as `mpirun` has started to do one thing together; most often there is none.
///
/// The first of them writes and speaks for all. Until a run begins, what goes wrong with one ends all of them with its
/// message; after that a process that fails alone ends the others at once.
enum Job {
  /// How far the processes are, of which each is as far as the others.
  private enum Phase {
    case alone, preparing, running, ending
  }

  nonisolated(unsafe) private static var phase = Phase.alone
  nonisolated(unsafe) private static var ranks: Ranks?
  /// Those that share the work of a run, if there are more than one.
  nonisolated(unsafe) private(set) static var team: Team?

  /// How many processes there are.
  static var count: Int { ranks?.count ?? 1 }

  /// What lets the processes read a table together until the run begins; nil if there is one process.
  static var sharing: Sharing? {
    guard phase == .preparing, let ranks else { return nil }
    return Sharing(rank: ranks.rank, count: ranks.count) { shared($0) }
  }

  /// Whether all processes have done their parts of the reading so far.
  nonisolated(unsafe) private static var isReadingShared = true

  /// Whether this process writes and speaks.
  static var isFirst: Bool { ranks?.rank ?? 0 == 0 }

  /// Joins the others, if there are some.
  static func join() throws(Failure) {
    do throws(RanksError) { ranks = try Ranks.joinIfLaunched() } catch {
      throw Failure(.inputOutput, "\(error)")
    }
    guard let ranks else { return warnOfLonelyTasks() }
    phase = .preparing
    team = Team(ranks) { fail(Failure(.inputOutput, "\($0)")) }
  }

  /// Says that tasks which Slurm has started know nothing of each other.
  private static func warnOfLonelyTasks() {
    func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
    guard let count = number("SLURM_STEP_NUM_TASKS"), count > 1, number("SLURM_PROCID") == 0,
      number("PMIX_RANK") == nil, number("PMI_RANK") == nil
    else { return }
    Diagnostics.say(
      "note: each of \(count) tasks does the whole run; srun --mpi=pmix lets them share it")
  }

  /// Throws if not every process can read what is read.
  static func check(_ sources: [Source]) throws(Failure) {
    guard count > 1, let source = sources.flatMap(\.parts).first(where: \.isStream) else { return }
    throw Failure(
      .usage, "\(source.name) reaches one of \(count) processes: give all of them a file")
  }

  /// Waits until all processes are as far; throws what has gone wrong with one of them.
  static func agree() throws(Failure) {
    if phase == .preparing { try settle(nil) }
  }

  /// Says that from here on all processes make the same steps; `identity` says from what, and must be that of all.
  static func begin(with identity: String) throws(Failure) {
    guard phase == .preparing else { return }
    try settle(nil, identity)
    phase = .running
  }

  /// Says that the processes need each other no more.
  static func finish() { if phase == .running { phase = .ending } }

  /// Whether one of them is to stop, be it by a signal, which counts for all of them then.
  static func stops(_ isOver: Bool) -> Bool {
    guard let team else { return isOver || Interruption.signal != nil }
    // No signal has this number.
    let over: Int32 = 1 << 16
    let found = team.largest(of: Interruption.signal ?? (isOver ? over : 0))
    if found > 0, found < over { Interruption.receive(found) }
    return found > 0
  }

  /// How many bytes all processes have sent.
  static var bytesExchanged: Int {
    guard let ranks else { return 0 }
    do throws(RanksError) {
      return try ranks.allGather(ranks.bytesSent).reduce(0, +)
    } catch {
      fail(Failure(.inputOutput, "\(error)"))
    }
  }

  /// What this process ends with, given what has gone wrong with it, once all have come to their end.
  static func end(_ failure: Failure?) -> Failure? {
    var failure = failure
    switch phase {
    case .alone: return failure
    case .preparing: do throws(Failure) { try settle(failure) } catch { failure = error }
    case .running: if let failure { fail(failure) }
    case .ending: break
    }
    try? ranks?.barrier()
    try? ranks?.leave()
    // A launcher takes the first end that is a failure for a reason to kill the others, who may not have spoken yet.
    return isFirst ? failure : nil
  }

  /// What a message begins with: a status, 0 where all is well, and the version.
  private static func head(_ status: Int32) -> [UInt8] {
    withUnsafeBytes(of: status) { Array($0) } + Array(Backprop.version.utf8) + [0]
  }

  /// The statuses of messages to those who share the reading: this process has read its part, or could not.
  private static let (read, unread): (Int32, Int32) = (-1, -2)

  private static func status(of message: [UInt8]) -> Int32 {
    message.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
  }

  /// The bytes that each process has read out of its part of a table: see ``Tables/Sharing``.
  ///
  /// If one process was started with other arguments, none of them share.
  private static func shared(_ own: [UInt8]?) -> [[UInt8]]? {
    guard let ranks, isReadingShared else { return nil }
    let words = CommandLine.arguments.joined(separator: "\0")
    let head = head(own == nil ? unread : read) + Array(words.utf8) + [0]
    do throws(RanksError) {
      let all = try ranks.allGather(head + (own ?? []))
      isReadingShared = own != nil && all.allSatisfy { $0.starts(with: head) }
      return isReadingShared ? all.map { Array($0.dropFirst(head.count)) } : nil
    } catch {
      fail(Failure(.inputOutput, "\(error)"))
    }
  }

  /// Gathers what has gone wrong with each process, and throws the first; or that one is not like the first.
  private static func settle(_ failure: Failure?, _ identity: String = "") throws(Failure) {
    guard let ranks else { return }
    let own = failure.map { ($0.said, $0.text ?? "") }
    let status: Int32 =
      switch own?.0 {
      case .said(let status)?: status.rawValue
      case nil: 0
      default: ExitStatus.inputOutput.rawValue
      }
    let head = head(status)
    let message = head + Array((own?.1 ?? identity).utf8)
    var all: [[UInt8]] = []
    repeat {
      do throws(RanksError) { all = try ranks.allGather(message) } catch {
        fail(Failure(.inputOutput, "\(error)"))
      }
      // Those who still share the reading learn that this process does not, and go on alone.
    } while all.contains { self.status(of: $0) < 0 }
    // All of them end where one has failed.
    let before = phase
    phase = .ending
    if let rank = all.firstIndex(where: { !$0.dropFirst(4).starts(with: head.dropFirst(4)) }) {
      throw Failure(
        .usage,
        "process \(rank) is another version of backprop than process 0; give all machines the same")
    }
    for message in all {
      let number = self.status(of: message)
      guard number != 0, let status = ExitStatus(rawValue: number) else { continue }
      throw Failure(status, String(decoding: message.dropFirst(head.count), as: UTF8.self))
    }
    if let rank = all.firstIndex(where: { $0 != all[0] }) {
      throw Failure(
        .badData,
        "process \(rank) has other rows or other flags than process 0; all must read the same files"
      )
    }
    phase = before
  }

  /// Ends all processes for what has gone wrong with this one alone.
  private static func fail(_ failure: Failure) -> Never {
    StatusLine.erase()
    TemporaryFiles.removeAll()
    for text in failure.parts.compactMap(\.text) { Diagnostics.say(text, asOne: true) }
    guard let ranks else { exit(ExitStatus.inputOutput.rawValue) }
    if case .said(let status) = failure.said { ranks.abort(code: status.rawValue) }
    ranks.abort(code: ExitStatus.inputOutput.rawValue)
  }
}
