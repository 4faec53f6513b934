import Plotting

/// What a progress bar says at one moment.
struct ProgressLine {
  /// How many epochs are done, the part of the one in work included.
  var done: Double
  /// How many there are to do.
  let epochs: Int
  /// The loss of the last epoch, or nil before its end.
  var loss: Double?
  /// Rows a second, or nil before any.
  var rowsPerSecond: Double?
  /// Seconds to the end, or nil where nobody can tell.
  var secondsLeft: Double?

  private static let mostBarWidth = 40

  /// The line for a terminal, not longer than it is wide: where there is little room the bar is short, and then what
  /// matters least is left out.
  func text(in terminal: Terminal) -> String {
    let epoch = "epoch \(min(Int(done) + (done < Double(epochs) ? 1 : 0), epochs))/\(epochs)"
    let parts = [
      epoch, loss.map { "loss \(brief($0))" }, secondsLeft.map { "\(Self.duration($0)) left" },
      rowsPerSecond.map { "\(Self.short($0)) rows/s" },
    ].compactMap(\.self)
    // The cursor stands behind the line, and some terminals wrap there.
    let room = terminal.columns - 1
    for count in stride(from: parts.count, to: 0, by: -1) {
      let words = parts[..<count].joined(separator: "  ")
      let rest = room - words.count - 2
      if rest >= 10 || count == 1, rest >= 3 {
        return bar(width: min(rest, Self.mostBarWidth), in: terminal) + "  " + words
      }
    }
    return String(epoch.prefix(max(0, room)))
  }

  private func bar(width: Int, in terminal: Terminal) -> String {
    let filled = Int(min(max(done / Double(epochs), 0), 1) * Double(width))
    let (full, empty) = terminal.isUnicode ? ("━", "╌") : ("#", "-")
    let bar = String(repeating: full, count: filled)
    let rest = String(repeating: empty, count: width - filled)
    return terminal.hasColor ? "\u{1B}[34m\(bar)\u{1B}[2m\(rest)\u{1B}[0m" : bar + rest
  }

  /// A time as `0:05`, `12:34` or `3:00:00`.
  private static func duration(_ seconds: Double) -> String {
    let seconds = Int(min(seconds.rounded(.up), 359_999))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
      ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
  }

  /// A number to three digits, as `950`, `12.3k` or `1.85M`.
  private static func short(_ value: Double) -> String {
    var (value, unit) = (value, "")
    for next in ["k", "M", "G"] where value >= 999.5 { (value, unit) = (value / 1000, next) }
    return brief(value, digits: 3) + unit
  }
}
