import Fitting
import Formula
import Models
import Tables

/// One run of `fit`: reads the table, fits every group, and has its outputs written.
struct FitRun {
  private let plan: FitPlan
  private let outputs: FitOutputs

  /// Checks all that can be without reading the data.
  init(_ command: FitCommand) throws(Failure) {
    plan = try FitPlan(command)
    outputs = try FitOutputs(of: command)
    try (outputs.destinations + plan.model.storage.destinations)
      .requireDistinct(from: plan.model.sources)
  }

  func run() throws(Failure) {
    let task = try prepare()
    let files = try outputs.create()
    try Job.begin(with: Job.count > 1 ? try identity(of: task) : "")
    for warning in task.warnings { Diagnostics.warn(warning) }
    for doubt in task.model.doubts() { Diagnostics.warn(doubt.text) }
    let start = Clock.now
    let fitter = try task.rows.fitter(of: task.model)
    let fits = fitter.fits(task.groups.map(\.rows), task.settings)
    for case .unreadable(let error)? in fits.map(\.fault) { throw Failure(error) }
    let result = FitResult(
      plan: plan, task: task, fitter: fitter, fits: fits, seconds: Clock.now - start,
      bytesExchanged: Job.bytesExchanged)
    Job.finish()
    try end(result, Job.isFirst ? files.write(result) : nil)
  }

  /// What must be the same for all processes.
  private func identity(of task: FitTask) throws(Failure) -> String {
    let start = task.settings.initial.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return
      "\(try task.rows.identity(of: task.model)) \(start) \(JSON.object(plan.settings).line)"
  }

  /// Reads the table and binds the plan to it.
  func prepare() throws(Failure) -> FitTask {
    let task = try plan.bind()
    try outputs.check(task)
    return task
  }

  /// Says what is to be said of the fits, and ends with an error if one is not what was asked for, or if an output
  /// failed.
  private func end(_ result: FitResult, _ failure: Failure?) throws(Failure) {
    if Job.isFirst, !plan.isQuiet, StatusLine.isPossible, StatusLine.isInForeground {
      for line in result.summary { Diagnostics.tell(line) }
    }
    if !plan.isQuiet { sayNotes(of: result) }
    let faults = result.faults
    for fault in faults { Diagnostics.say(fault) }
    if let failure { throw failure }
    if !faults.isEmpty { throw .said(.notFitted) }
  }

  /// So many are said at most, as every group may have some.
  private static let mostNotes = 20

  private func sayNotes(of result: FitResult) {
    let notes = result.notes
    for note in notes.prefix(Self.mostNotes) { Diagnostics.say("note: \(note)") }
    if notes.count > Self.mostNotes {
      Diagnostics.say(
        "note: there are \(notes.count - Self.mostNotes) more notes; --metrics FILE keeps them all")
    }
  }
}

/// What was found of every group.
struct FitResult {
  let plan: FitPlan
  let task: FitTask
  let fitter: Fitter
  /// One for each group.
  let fits: [Fit]
  let seconds: Double
  /// How many bytes the processes of a job have sent.
  let bytesExchanged: Int
}
