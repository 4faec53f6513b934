import Autograd
import Glibc
import Models
import Plotting
import Tables
import Training

/// A bar on standard error while training runs.
///
/// It appears after a short while, is drawn at most ten times per second, and is gone at the end.
final class ProgressBar<Scalar: Precision>: RunOutput {
  let role = OutputRole.display
  private let epochs: Int
  private var rowCount = 1
  private var epochsDone = 0
  private var line: ProgressLine
  private var speed = Speed()
  private var lastDrawing = Clock.now
  private var cadence = Cadence(interval: 0.1, first: 0)

  /// Nil where there is to be no bar: no terminal, a dumb one, one that rows are shown on, or `--quiet`.
  init?(_ command: Train, beside logs: [FlaggedDestination]) {
    guard StatusLine.isPossible, !command.results.quiet,
      !logs.contains(where: \.destination.isTerminal)
    else { return nil }
    epochs = command.training.epochs
    line = ProgressLine(done: 0, epochs: epochs)
  }

  func create(for run: Run<Scalar>) { rowCount = run.bound.rowCount }

  func begin(_ trainer: borrowing Trainer<Scalar>) {
    epochsDone = trainer.epochs.count
    line.done = Double(epochsDone) + Double(trainer.rowsDone) / Double(rowCount)
    lastDrawing = Clock.now
    cadence = Cadence(interval: 0.1, first: lastDrawing + 0.3)
  }

  func end(_ epoch: Epoch, of trainer: borrowing Trainer<Scalar>) {
    epochsDone = epoch.number + 1
    line.loss = epoch.loss
    poll(rowsDone: 0)
  }

  func poll(rowsDone: Int) {
    if cadence.isDue() { draw(rowsDone: rowsDone) }
  }

  private func draw(rowsDone: Int) {
    let now = Clock.now
    let done = Double(epochsDone) + Double(rowsDone) / Double(rowCount)
    speed.add(done - line.done, in: now - lastDrawing)
    (line.done, lastDrawing) = (done, now)
    if let epochsPerSecond = speed.perSecond {
      line.rowsPerSecond = epochsPerSecond * Double(rowCount)
      line.secondsLeft = (Double(line.epochs) - done) / epochsPerSecond
      line.hasLongEpochs = epochsPerSecond < 0.5
    }
    // The width is asked anew each time, as windows change.
    StatusLine.show(line.text(in: Terminal(of: .standardError)))
  }

  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) { StatusLine.erase() }
}

/// A speed that follows what changes for good, and lets hiccups pass: a mean that forgets.
struct Speed {
  /// After so many seconds a measurement counts for a third.
  private static let memory = 10.0

  private var amount = 0.0
  private var seconds = 0.0

  /// Notes that so much was done in so many seconds.
  mutating func add(_ amount: Double, in seconds: Double) {
    let remembered = exp(-seconds / Self.memory)
    self.amount = self.amount * remembered + amount
    self.seconds = self.seconds * remembered + seconds
  }

  /// What is done in a second, or nil before anything is.
  var perSecond: Double? { amount > 0 && seconds > 0 ? amount / seconds : nil }
}

/// Tells when an interval has passed, though it is asked far more often than a clock should be read.
///
/// While questions come fast most are answered without a look at the clock, but no more of them than came
/// in a few hundredths of the interval.
struct Cadence {
  private let interval: Double
  private var due: Double
  private var lastReading: Double
  /// How many questions pass between two looks, and how many of them are yet to come.
  private var (gap, skips) = (0, 0)

  /// One that is due at `first`, and then whenever the interval has passed.
  init(interval: Double, first: Double) {
    self.interval = interval
    due = first
    lastReading = first - interval
  }

  /// Whether it is due; if so, it is next an interval later.
  mutating func isDue(at time: @autoclosure () -> Double = Clock.now) -> Bool {
    if skips > 0 {
      skips -= 1
      return false
    }
    let now = time()
    let elapsed = now - lastReading
    if elapsed < interval / 100 { gap = 2 * gap + 1 } else if elapsed > interval / 20 { gap = 0 }
    (skips, lastReading) = (gap, now)
    guard now >= due else { return false }
    due = now + interval
    return true
  }
}
