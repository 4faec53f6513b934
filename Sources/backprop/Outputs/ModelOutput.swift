import Autograd
import Training

/// The model at the end; a run that diverged has none.
final class ModelOutput<Scalar: Precision>: RunOutput {
  let destinations: [FlaggedDestination]
  let role = OutputRole.trained
  private var output: WholeFile?
  private var file: RunFile?

  init?(_ command: Train) {
    guard let path = command.results.save else { return nil }
    destinations = [FlaggedDestination(flag: "--save", destination: Destination(path))]
  }

  func create(for run: Run<Scalar>) throws(Failure) {
    file = run.file
    output = try WholeFile(destinations[0].destination)
  }

  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    guard !result.hasDiverged, let file else { return }
    try output?.write(try file.bytes(of: trainer.parameters))
  }
}
