import Plotting

/// What a progress bar says at one moment.
struct ProgressLine {
  /// How many epochs are done, the part of the one in work included.
  var done: Double
  /// How many there are to do.
  let epochs: Int
  /// Whether an epoch takes so long that its own share is worth showing.
  var hasLongEpochs = false
  /// The loss of the last epoch, or nil before its end.
  var loss: Double?
  /// Rows a second, or nil before any.
  var rowsPerSecond: Double?
  /// Seconds to the end, or nil where nobody can tell.
  var secondsLeft: Double?

  /// The line for a terminal, always shorter than it is wide.
  ///
  /// Where there is little room the bar is short; then the rate, the bar, the time left and the loss are
  /// left out, in this order. The last column stays free, as some terminals wrap there.
  func text(in terminal: Terminal) -> String {
    let room = max(0, terminal.columns - 1)
    for (barWidth, words) in arrangements {
      let text = words.compactMap(\.self).joined(separator: "  ")
      let barColumns = barWidth > 0 ? barWidth + 3 : 0
      if barColumns + text.count <= room {
        return (barWidth > 0 ? bar(width: barWidth, in: terminal) + " " : "") + text
      }
    }
    return String(epoch.prefix(room))
  }

  /// Bars and words from the fullest line to the barest.
  private var arrangements: [(barWidth: Int, words: [String?])] {
    let epochAndShare = epoch + share
    let loss = loss.map { "loss \(Self.number($0))" }
    let rate = rowsPerSecond.map { "\(Self.short($0)) rows/s" }
    let left = secondsLeft.map { "\(Self.duration($0)) left" }
    return [40, 30, 20, 10].map { ($0, [epochAndShare, loss, rate, left]) } + [
      (10, [epochAndShare, loss, left]), (0, [epochAndShare, loss, left]),
      (0, [epoch, loss, left]), (0, [epoch, loss]),
    ]
  }

  private var epoch: String {
    let total = String(epochs)
    let number = String(min(Int(done) + 1, epochs))
    return "epoch " + String(repeating: " ", count: total.count - number.count)
      + "\(number)/\(total)"
  }

  private var share: String {
    guard hasLongEpochs else { return "" }
    let percent = done >= Double(epochs) ? 100 : Int((done - done.rounded(.down)) * 100)
    return " (\(percent < 10 ? " " : "")\(percent)%)"
  }

  /// A bar between brackets; with Unicode an eighth of a character is its smallest part.
  private func bar(width: Int, in terminal: Terminal) -> String {
    let parts = terminal.isUnicode ? ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"] : ["#"]
    let filled = Int(min(max(done / Double(epochs), 0), 1) * Double(width * parts.count))
    let (whole, rest) = filled.quotientAndRemainder(dividingBy: parts.count)
    var bar = String(repeating: parts[parts.count - 1], count: whole)
    if rest > 0 { bar += parts[rest - 1] }
    let space = String(repeating: " ", count: width - bar.count)
    return "[" + (terminal.hasColor ? "\u{1B}[34m\(bar)\u{1B}[0m" : bar) + space + "]"
  }

  /// A number to four digits, zeros at the end included, so that what follows it stands still.
  private static func number(_ value: Double) -> String {
    let text = brief(value, digits: 4, keepsZeros: true)
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// A number of one decimal, as `950.0`, `12.3 k` or `1.9 M`; below 1 of one digit.
  private static func short(_ value: Double) -> String {
    if value < 0.95 { return brief(value, digits: 1) }
    var (value, unit) = (value, "")
    for next in [" k", " M", " G", " T"] where value >= 999.95 {
      (value, unit) = (value / 1000, next)
    }
    let tenths = Int(min((value * 10).rounded(), 1e15))
    return "\(tenths / 10).\(tenths % 10)\(unit)"
  }

  /// A time in its two largest units: `3 s`, `2 min 05 s`, `1 h 05 min`, `2 d 03 h`.
  static func duration(_ seconds: Double) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    guard seconds < 1000 * 86_400 else { return "over 999 d" }
    let seconds = Int(seconds.rounded(.up))
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
    if days > 0 { return "\(days) d \(two(hours % 24)) h" }
    if hours > 0 { return "\(hours) h \(two(minutes % 60)) min" }
    return minutes > 0 ? "\(minutes) min \(two(seconds % 60)) s" : "\(seconds) s"
  }
}
