import Autograd
import Training

/// All that is needed to go on, every so many epochs and at the end; a run that diverged keeps the last one.
final class CheckpointOutput<Scalar: Precision>: RunOutput {
  let destinations: [FlaggedDestination]
  let role = OutputRole.trained
  private let interval: Int
  private var output: WholeFile?
  private var file: RunFile?

  init?(_ command: Train) throws(Failure) {
    let results = command.results
    interval = results.checkpointEvery ?? 1
    guard let path = results.checkpoint else {
      if results.checkpointEvery != nil {
        throw Failure(
          .usage, "--checkpoint-every has no effect without --checkpoint")
      }
      return nil
    }
    let destination = Destination(path)
    if destination.isStream {
      throw Failure(
        .usage, "--checkpoint is written many times and cannot be a stream: give a file")
    }
    destinations = [FlaggedDestination(flag: "--checkpoint", destination: destination)]
  }

  func create(for run: Run<Scalar>) throws(Failure) {
    file = run.file
    output = try WholeFile(destinations[0].destination)
  }

  func needsLogs(after epoch: Epoch) -> Bool { (epoch.number + 1) % interval == 0 }

  func end(_ epoch: Epoch, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    if !trainer.hasDiverged, needsLogs(after: epoch) { try write(trainer, isLast: false) }
  }

  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    if !result.hasDiverged { try write(trainer, isLast: true) }
  }

  private func write(_ trainer: borrowing Trainer<Scalar>, isLast: Bool) throws(Failure) {
    guard let file else { return }
    try output?.write(try file.bytes(of: trainer.checkpoint), isLast: isLast)
  }
}
