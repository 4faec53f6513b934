import Glibc
import Plotting
import Training

/// A bar on standard error while training runs.
///
/// It appears after a short while, is drawn ten times a second at most, and is gone at the end.
final class Progress {
  private static let interval = 0.1

  private let rowCount: Int
  private let start = Clock.now
  /// How many epochs were done before, by the run that is gone on with.
  private let firstEpoch: Double
  private var line: ProgressLine
  private var nextDrawing: Double
  private var isShown = false

  /// Nil where a bar has no place: not a terminal, a dumb one, one that the CSV or the trace goes
  /// to, or `--quiet`.
  ///
  /// `epochsDone` is where the run begins.
  init?(_ plan: TrainPlan, rowCount: Int, epochsDone: Int) {
    let writesToTerminal =
      [plan.csv, plan.trace].contains(.standardOutput) && Writer.standardOutput.isTerminal
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    guard Writer.standardError.isTerminal, !isDumb, !writesToTerminal, !plan.isQuiet else {
      return nil
    }
    self.rowCount = rowCount
    firstEpoch = Double(epochsDone)
    line = ProgressLine(done: firstEpoch, epochs: plan.settings.epochs)
    nextDrawing = start + 3 * Self.interval
  }

  /// Notes the end of an epoch.
  func end(_ epoch: Epoch) {
    line.done = Double(epoch.number + 1)
    line.loss = epoch.loss
    drawIfDue()
  }

  /// Notes how many rows of the epoch in work are done.
  func show(rowsDone: Int) {
    line.done = line.done.rounded(.down) + Double(rowsDone) / Double(rowCount)
    drawIfDue()
  }

  private func drawIfDue() {
    let now = Clock.now
    guard now >= nextDrawing else { return }
    nextDrawing = now + Self.interval
    isShown = true
    let epochsPerSecond = (line.done - firstEpoch) / (now - start)
    if epochsPerSecond > 0 {
      line.rowsPerSecond = epochsPerSecond * Double(rowCount)
      line.secondsLeft = (Double(line.epochs) - line.done) / epochsPerSecond
    }
    // Asked anew each time, as windows change.
    write("\r\u{1B}[K" + line.text(in: Terminal(of: .standardError)))
  }

  /// Takes the bar away.
  func clear() {
    if isShown { write("\r\u{1B}[K") }
    isShown = false
  }

  private func write(_ text: String) {
    // A bar that cannot be drawn is no reason to stop.
    try? Writer.standardError.writeAll(text)
  }
}
