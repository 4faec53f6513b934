import Autograd
import Models
import Training

/// Something that a run of `train` leaves behind or shows.
///
/// Each is made from the flags that ask for it, creates its file before the first epoch, sees steps and epochs,
/// and ends. ``runOutputs(of:as:)`` lists them all.
protocol RunOutput<Scalar>: AnyObject {
  associatedtype Scalar: Precision

  /// The files and streams that it writes, with the flags that name them.
  var destinations: [FlaggedDestination] { get }
  /// What it is to the run, which decides when it ends.
  var role: OutputRole { get }
  /// Whether it sees every step.
  var recordsSteps: Bool { get }

  /// Creates its file, but leaves what an older one has.
  func create(for run: Run<Scalar>) throws(Failure)
  /// Writes what comes before the first step; all outputs have been created by then.
  func begin(_ trainer: borrowing Trainer<Scalar>) throws(Failure)
  /// Sees a step, after its gradients and before its update.
  func record(_ step: Step<Scalar>) throws(Failure)
  /// Whether the logs must be written as far as this epoch before it sees its end.
  func needsLogs(after epoch: Epoch) -> Bool
  /// Sees an epoch that has ended.
  func end(_ epoch: Epoch, of trainer: borrowing Trainer<Scalar>) throws(Failure)
  /// May do what is due between two steps; is called often and must cost next to nothing.
  func poll(rowsDone: Int) throws(Failure)
  /// Writes what waits to be written.
  func flush() throws(Failure)
  /// Writes what comes after the last step.
  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure)
}

extension RunOutput {
  var destinations: [FlaggedDestination] { [] }
  var recordsSteps: Bool { false }
  func create(for run: Run<Scalar>) throws(Failure) {}
  func begin(_ trainer: borrowing Trainer<Scalar>) throws(Failure) {}
  func record(_ step: Step<Scalar>) throws(Failure) {}
  func needsLogs(after epoch: Epoch) -> Bool { false }
  func end(_ epoch: Epoch, of trainer: borrowing Trainer<Scalar>) throws(Failure) {}
  func poll(rowsDone: Int) throws(Failure) {}
  func flush() throws(Failure) {}
  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {}
}

/// What an output is to its run; in this order they end.
enum OutputRole: CaseIterable {
  /// Shows how far the run is.
  case display
  /// Keeps what was trained.
  case trained
  /// Grows as steps and epochs end.
  case log
  /// Sums the run up at its end.
  case summary
}

/// What a run trains, once its tables are read.
struct Run<Scalar: Precision> {
  let plan: TrainPlan
  let bound: BoundModel
  /// The plan's settings, with what is noted of epochs.
  let settings: Settings
  let columns: LogColumns
  /// The parameters before the first step.
  let initial: [Double]
  /// What a model file and a checkpoint say of the run.
  let file: RunFile

  var model: Model { bound.model }

  /// The rows to train on.
  func rows() throws(Failure) -> RowSupply<Scalar> {
    if let rows = bound.storedRows { return .stored(StoredColumns<Scalar>(rows, of: model)) }
    return .memory(try model.numbers(of: bound.table, as: Scalar.self))
  }
}

extension Outcome {
  /// Whether the run came to its end, by its epochs or by its patience.
  var isRegular: Bool {
    switch self {
    case .finished, .outOfPatience: true
    case .interrupted, .diverged, .unreadable: false
    }
  }
}

/// How a run ended, and how long it took.
struct RunResult {
  let outcome: Outcome
  let seconds: Double
  /// Where a search for the minimum has ended; nil if there was none, or what was trained is not written yet.
  var arrival: Arrival?
  /// How many bytes the processes that shared the run have sent each other.
  var bytesExchanged = 0

  var hasDiverged: Bool { if case .diverged = outcome { true } else { false } }
}

/// Every output that the flags of a run ask for, in the order in which they see epochs: logs before checkpoints.
func runOutputs<Scalar: Precision>(
  of command: Train, as _: Scalar.Type
) throws(Failure) -> [any RunOutput<Scalar>] {
  let trace = try TraceOutput<Scalar>(command)
  let others = present([
    trace, try CheckpointOutput<Scalar>(command), ModelOutput<Scalar>(command),
    MetricsOutput<Scalar>(command), try PlotOutput<Scalar>(command),
  ])
  let csv = try CSVOutput<Scalar>(command, beside: others.flatMap { $0.destinations })
  let logs = present([csv, trace])
  let bar = ProgressBar<Scalar>(command, beside: logs.flatMap { $0.destinations })
  return present([bar, csv]) + others + present([Summary(command)])
}

/// Those outputs that were asked for.
private func present<Scalar: Precision>(
  _ outputs: [(any RunOutput<Scalar>)?]
) -> [any RunOutput<Scalar>] {
  outputs.compactMap { $0 }
}
