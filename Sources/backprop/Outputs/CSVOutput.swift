import Autograd
import Training

/// The CSV of epochs, which grows as they end.
final class CSVOutput<Scalar: Precision>: RunOutput {
  let destinations: [FlaggedDestination]
  let role = OutputRole.log
  private var log: Log?
  private var columns: LogColumns?

  /// Nil where the CSV goes nowhere: no `--csv`, and another result on standard output.
  init?(_ command: Train, beside others: [FlaggedDestination]) throws(Failure) {
    guard let csv = FlaggedDestination(command.results.csv, flag: "--csv", beside: others) else {
      if command.results.columns != nil {
        throw Failure(.usage, "--columns has no effect, as no CSV is written: give --csv")
      }
      return nil
    }
    destinations = [csv]
  }

  func create(for run: Run<Scalar>) throws(Failure) {
    log = try Log(destinations[0].destination)
    columns = run.columns
  }

  func begin(_ trainer: borrowing Trainer<Scalar>) throws(Failure) {
    log?.begin()
    try log?.write(columns?.header ?? "")
    for epoch in trainer.epochs { try write(epoch) }
    try log?.flush()
  }

  func end(_ epoch: Epoch, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    try write(epoch)
    try log?.endOfLines()
  }

  private func write(_ epoch: Epoch) throws(Failure) {
    try log?.write { columns?.append(epoch, to: &$0) }
  }

  func poll(rowsDone: Int) throws(Failure) { try log?.flushIfDue() }

  func flush() throws(Failure) { try log?.flush() }

  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    try log?.close()
  }
}
