import Autograd
import Training

/// The outputs of a run, each kept from what goes wrong with another.
///
/// A failure is said at once, and is the run's exit code in the end; the run goes on for the other outputs.
final class RunOutputs<Scalar: Precision> {
  private var outputs: [any RunOutput<Scalar>]
  /// The first failure that was said.
  private var firstFailure: Failure?
  /// Everything that was said of failures, to say it once.
  private var complaints: Set<String> = []
  /// Whether whoever read an output has gone.
  private var hasClosedPipe = false
  /// Whether there is no use in going on: a reader has gone, or nothing can be written any more.
  private(set) var areOver = false

  /// Makes the outputs that the flags ask for, and checks that each has a place of its own.
  init(of command: Train, _ plan: TrainPlan) throws(Failure) {
    outputs = try runOutputs(of: command, as: Scalar.self)
    // One of several processes writes.
    defer { if !Job.isFirst { outputs = [] } }
    // Going on in the file that one goes on from is what checkpoints are for.
    let destinations = outputs.flatMap(\.destinations) + plan.model.storage.destinations
    try destinations.requireDistinct(from: plan.inputs) {
      $0 == "--checkpoint" && $1 == "--resume"
    }
  }

  /// Creates every file; one that cannot be keeps the run from starting.
  func create(for run: Run<Scalar>) throws(Failure) {
    for output in outputs { try output.create(for: run) }
  }

  /// Writes what comes before the first step.
  func begin(_ trainer: borrowing Trainer<Scalar>) {
    for output in outputs {
      do throws(Failure) { try output.begin(trainer) } catch { note(error, of: output) }
    }
  }

  /// Whether one sees every step.
  var recordsSteps: Bool { outputs.contains { $0.recordsSteps } }

  /// Sees a step, after its gradients and before its update.
  func record(_ step: Step<Scalar>) {
    for output in outputs where output.recordsSteps {
      do throws(Failure) { try output.record(step) } catch { note(error, of: output) }
    }
  }

  /// Sees an epoch that has ended.
  func end(_ epoch: Epoch, of trainer: borrowing Trainer<Scalar>) {
    for output in outputs {
      if output.needsLogs(after: epoch) { flush() }
      do throws(Failure) { try output.end(epoch, of: trainer) } catch { note(error, of: output) }
    }
  }

  /// Does what is due between two steps.
  func poll(rowsDone: Int) {
    for output in outputs {
      do throws(Failure) { try output.poll(rowsDone: rowsDone) } catch { note(error, of: output) }
    }
  }

  private func flush() {
    for output in outputs {
      do throws(Failure) { try output.flush() } catch { note(error, of: output) }
    }
  }

  /// Writes what was trained, and then the end of logs.
  func endRecords(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) {
    for role in OutputRole.allCases where role != .summary { end(role, result, of: trainer) }
  }

  /// Writes what sums the run up, after all else.
  ///
  /// Meanwhile a signal ends the process. Where a reader has gone there are none, unless a signal has ended both
  /// of us.
  func endSummaries(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) {
    end(.summary, result, of: trainer)
  }

  private func end(
    _ role: OutputRole, _ result: RunResult, of trainer: borrowing Trainer<Scalar>
  ) {
    for output in outputs where output.role == role {
      if role == .summary, hasClosedPipe, Interruption.signal == nil { return }
      do throws(Failure) { try output.end(result, of: trainer) } catch { note(error, of: output) }
    }
  }

  /// What the run ends by: the first failure, else the signal that asked for its end, else the closed pipe.
  var ending: Failure? {
    firstFailure ?? Interruption.signal.map { .interrupted(signal: $0) }
      ?? (hasClosedPipe ? .closedPipe : nil)
  }

  private func note(_ failure: Failure, of output: any RunOutput<Scalar>) {
    for failure in failure.parts {
      if case .closedPipe = failure {
        hasClosedPipe = true
        continue
      }
      if let text = failure.text, complaints.insert(text).inserted { Diagnostics.say(text) }
      firstFailure = firstFailure ?? failure.said
    }
    // Of a log only a part was written, to which nothing can be added.
    if output.role == .log { outputs.removeAll { $0 === output } }
    areOver = hasClosedPipe || outputs.allSatisfy { $0.destinations.isEmpty }
  }
}
