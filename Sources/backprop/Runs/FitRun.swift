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
    for warning in task.warnings { Diagnostics.warn(warning) }
    for doubt in task.model.doubts() { Diagnostics.warn(doubt.text) }
    let start = Clock.now
    let data = try task.model.numbers(of: task.table, as: Double.self)
    let fitter = Fitter(
      task.model, columns: data, response: task.response, weights: task.weights)
    let fits = fitter.fits(task.groups.map(\.rows), task.settings)
    let result = FitResult(
      plan: plan, task: task, fitter: fitter, fits: fits, seconds: Clock.now - start)
    let failure = files.write(result)
    try end(result, failure)
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
    if !plan.isQuiet, StatusLine.isPossible, StatusLine.isInForeground {
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
}
