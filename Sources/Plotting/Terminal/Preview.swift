/// What a terminal can show.
public struct Terminal: Hashable, Sendable {
  /// How many characters fit on a line.
  public var columns: Int
  /// Whether it shows colours.
  public var hasColor: Bool
  /// Whether it shows Unicode; else pictures are made of `*`.
  public var isUnicode: Bool
  /// A terminal of `columns` characters a line.
  public init(columns: Int = 72, hasColor: Bool = false, isUnicode: Bool = true) {
    self.columns = columns
    self.hasColor = hasColor
    self.isUnicode = isUnicode
  }
}

extension Figure {
  /// How many lines of characters the axes of a preview hold.
  static let previewRows = 16

  /// The figure drawn in characters, for a look where no picture can be shown.
  ///
  /// Curves are braille dots, 2 by 4 to a character, or `*` where there is no Unicode. Views, ticks,
  /// gaps and captions are those of the picture.
  public func preview(in terminal: Terminal) throws(PlotError) -> String {
    let axes = try FigureAxes(self)
    return Preview(axes, terminal: terminal).text
  }
}

/// A panel laid out in characters.
private struct Preview {
  let axes: FigureAxes
  let terminal: Terminal
  let view: View
  let yTicks: Ticks
  /// The labels of the vertical axis, by row from the top.
  let yLabels: [Int: String]
  let labelWidth: Int
  let width: Int
  var height: Int { Figure.previewRows }

  init(_ axes: FigureAxes, terminal: Terminal) {
    self.axes = axes
    self.terminal = terminal
    view = axes.panels[0].view
    let rows = Double(Figure.previewRows)
    func row(_ value: Double, in view: View) -> Int {
      min(Int((1 - view.fraction(of: value)) * rows), Figure.previewRows - 1)
    }
    let candidates =
      view.isLogarithmic
      ? Ticks.logarithmic(over: view, target: 5) : Ticks.linear(over: view, target: 5)
    let panelView = view
    yTicks =
      candidates.first { ticks in
        let rows = ticks.ticks.map { row($0.value, in: panelView) }
        return zip(rows, rows.dropFirst()).allSatisfy { $0 - $1 >= 2 }
      } ?? Ticks(ticks: [])
    var labels: [Int: String] = [:]
    for tick in yTicks.ticks {
      labels[row(tick.value, in: view)] = tick.label.inCharacters(unicode: terminal.isUnicode)
    }
    yLabels = labels
    labelWidth = labels.values.map(\.count).max() ?? 0
    width = max(20, terminal.columns - labelWidth - 2)
  }

  var text: String {
    var lines = [title]
    lines += plot
    lines += xAxis
    lines += legend
    lines += axes.captions.map { RichText($0).inCharacters(unicode: terminal.isUnicode) }
    return lines.map { $0 + "\n" }.joined()
  }

  private var title: String {
    let panel = axes.panels[0].panel
    let yTitle = yTicks.unit.announced(in: RichText(cleaning: panel.yTitle))
    let title = axes.figure.title.map { RichText(cleaning: $0) + "  " } ?? RichText("")
    return String(
      (title + yTitle).inCharacters(unicode: terminal.isUnicode).prefix(terminal.columns))
  }

  /// The rows of the plot, with the vertical axis before them.
  private var plot: [String] {
    var canvas = DotCanvas(columns: width, rows: height)
    let frame = Frame(
      left: 0, top: 0, right: Double(2 * width - 1), bottom: Double(4 * height - 1))
    var notFinite = EdgeMarks()
    var notPositive = EdgeMarks()
    for series in axes.panels[0].panel.series where series.role != .backdrop {
      let curve = Curve(series, xView: axes.xView, yView: view, frame: frame, columnWidth: 1)
      canvas.draw(curve, ofRun: series.run)
      notFinite.add(curve.notFinite)
      notPositive.add(curve.notPositive)
    }
    let marks = terminal.isUnicode ? ("×", "▾") : ("x", "v")
    let above = Set(notFinite.merged.map { Int($0) / 2 })
    let below = Set(notPositive.merged.map { Int($0) / 2 })
    return (0..<height).map { row in
      let label = yLabels[row] ?? ""
      let tick =
        yLabels[row] == nil ? (terminal.isUnicode ? "│" : "|") : (terminal.isUnicode ? "┤" : "+")
      var line = String(repeating: " ", count: labelWidth - label.count) + label + " " + tick
      for column in 0..<width {
        if row == 0, above.contains(column) {
          line += painted(marks.0, 31)
        } else if row == height - 1, below.contains(column) {
          line += painted(marks.1, 31)
        } else if let (pattern, run) = canvas[column, row] {
          let mark = terminal.isUnicode ? String(DotCanvas.braille(pattern)) : "*"
          line += painted(mark, Self.color(ofRun: run))
        } else {
          line += " "
        }
      }
      return line.trimmingTrailingSpaces()
    }
  }

  /// The horizontal axis, its labels and its title.
  private var xAxis: [String] {
    func column(_ value: Double) -> Int {
      min(Int(axes.xView.fraction(of: value) * Double(width)), width - 1)
    }
    let candidates = Ticks.linear(
      over: axes.xView, target: max(3, Double(width) / 14),
      wholeNumbersOnly: axes.figure.countsAlongX)
    var chosen = Ticks(ticks: [])
    var spans: [(start: Int, text: String, column: Int)] = []
    for ticks in candidates {
      spans = ticks.ticks.map { tick in
        let text = tick.label.inCharacters(unicode: terminal.isUnicode)
        let center = column(tick.value)
        return (min(max(0, center - text.count / 2), width - text.count), text, center)
      }
      chosen = ticks
      if zip(spans, spans.dropFirst()).allSatisfy({ $1.start - $0.start >= $0.text.count + 2 }) {
        break
      }
    }
    let (dash, tick, corner) =
      terminal.isUnicode ? ("─", "┬", "└") : ("-", "+", "+")
    let marked = Set(spans.map(\.column))
    let indent = String(repeating: " ", count: labelWidth + 1)
    let line = (0..<width).map { marked.contains($0) ? tick : dash }.joined()
    var labels = ""
    for span in spans {
      labels += String(repeating: " ", count: max(0, span.start - labels.count)) + span.text
    }
    let title = chosen.unit.announced(in: RichText(cleaning: axes.figure.xTitle))
      .inCharacters(unicode: terminal.isUnicode)
    let lead = String(repeating: " ", count: max(0, (width - title.count) / 2))
    return [indent + corner + line, indent + " " + labels, indent + " " + lead + title]
  }

  /// The names of the curves, each in its colour; none for a single curve.
  private var legend: [String] {
    let panel = axes.panels[0].panel
    let named = panel.series.filter { $0.role != .backdrop }
    guard panel.series.count > 1 else { return [] }
    return named.map { series in
      let name = RichText(cleaning: series.name).inCharacters(unicode: terminal.isUnicode)
      let mark = painted(terminal.isUnicode ? "⠒⠒" : "**", Self.color(ofRun: series.run))
      return String(repeating: " ", count: labelWidth + 2) + mark + " " + name
    } + (panel.legendNote.map { [String(repeating: " ", count: labelWidth + 2) + $0] } ?? [])
  }

  private func painted(_ text: String, _ color: Int) -> String {
    terminal.hasColor ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text
  }

  /// The terminal's own colours, which suit its background, in the order of the curves'.
  private static func color(ofRun run: Int) -> Int { [34, 33, 32, 35, 36, 91, 94, 93][run % 8] }
}

/// A canvas of dots, 2 by 4 to a character.
private struct DotCanvas {
  private let columns: Int
  private let rows: Int
  private var cells: [(pattern: UInt8, run: Int)?]

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: nil, count: columns * rows)
  }

  subscript(column: Int, row: Int) -> (pattern: UInt8, run: Int)? {
    cells[row * columns + column]
  }

  /// The braille character whose raised dots are the bits of `pattern`.
  static func braille(_ pattern: UInt8) -> Character {
    Character(Unicode.Scalar(0x2800 + UInt32(pattern)) ?? " ")
  }

  mutating func draw(_ curve: Curve, ofRun run: Int) {
    for points in curve.stretches {
      for (a, b) in zip(points, points.dropFirst()) { line(from: a, to: b, run) }
      if points.count == 1 { line(from: points[0], to: points[0], run) }
    }
  }

  /// Sets the dots nearest to the line, one a step along its longer side.
  private mutating func line(from a: Point, to b: Point, _ run: Int) {
    let steps = max((b.x - a.x).magnitude, (b.y - a.y).magnitude).rounded(.up)
    for step in 0...Int(max(steps, 1)) {
      let t = Double(step) / max(steps, 1)
      set(Int((a.x + t * (b.x - a.x)).rounded()), Int((a.y + t * (b.y - a.y)).rounded()), run)
    }
  }

  /// Raises one dot.
  ///
  ///     bit 0 3      the dots of one character
  ///         1 4
  ///         2 5
  ///         6 7
  private mutating func set(_ x: Int, _ y: Int, _ run: Int) {
    let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    let cell = y / 4 * columns + x / 2
    cells[cell] = ((cells[cell]?.pattern ?? 0) | bits[y % 4][x % 2], run)
  }
}

extension RichText {
  /// The text as characters alone: raised digits are superscripts, or follow `^`.
  fileprivate func inCharacters(unicode: Bool) -> String {
    pieces.map { piece in
      if !piece.isRaised { return unicode ? piece.text : asciiText(piece.text) }
      if !unicode { return "^" + asciiText(piece.text) }
      return superscript(piece.text)
    }.joined()
  }
}

extension String {
  fileprivate func trimmingTrailingSpaces() -> String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}
