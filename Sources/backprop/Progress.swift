import Glibc
import Training

/// A bar on standard error while training runs: epoch, loss, speed, time left.
///
/// It appears after a short while, is drawn ten times a second at most, and is gone at the end.
final class Progress {
  private static let interval = 0.1
  private static let barWidth = 20

  private let epochs: Int
  private let rowCount: Int
  private let start = Clock.now
  private var nextDrawing: Double
  private var isShown = false

  /// Nil where a bar has no place: not a terminal, a dumb one, one that the CSV or the trace goes
  /// to, or `--quiet`.
  init?(_ plan: TrainPlan, rowCount: Int) {
    let writesToTerminal =
      [plan.csv, plan.trace].contains(.standardOutput) && Writer.standardOutput.isTerminal
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    guard Writer.standardError.isTerminal, !isDumb, !writesToTerminal, !plan.isQuiet else {
      return nil
    }
    epochs = plan.settings.epochs
    self.rowCount = rowCount
    nextDrawing = start + 3 * Self.interval
  }

  func show(epoch: Int, loss: Double) {
    let now = Clock.now
    guard now >= nextDrawing else { return }
    nextDrawing = now + Self.interval
    isShown = true
    let done = epoch + 1
    let seconds = now - start
    let left = seconds / Double(done) * Double(epochs - done)
    let rate = Double(done) * Double(rowCount) / seconds
    let filled = done * Self.barWidth / epochs
    let bar =
      String(repeating: "━", count: filled) + String(repeating: "╌", count: Self.barWidth - filled)
    write(
      "\r\u{1B}[K\(bar) epoch \(done)/\(epochs)  loss \(brief(loss))  "
        + "\(brief(rate)) rows/s  \(duration(left)) left")
  }

  /// Takes the bar away.
  func clear() {
    if isShown { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    // A bar that cannot be drawn is no reason to stop.
    try? Writer.standardError.writeAll(text)
  }

  private func duration(_ seconds: Double) -> String {
    let seconds = Int(min(seconds.rounded(.up), 359_999))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let minutes = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    return seconds < 3600 ? minutes : "\(seconds / 3600):\(minutes)"
  }
}
