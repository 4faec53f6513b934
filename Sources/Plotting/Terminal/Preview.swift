/// What a terminal can show.
public struct Terminal: Hashable, Sendable {
  /// How many characters fit on a line.
  public var columns: Int
  /// How many lines it has; nil where lines are not limited.
  public var rows: Int?
  /// Whether it shows colours.
  public var hasColor: Bool
  /// Whether it shows Unicode; else pictures are made of `*`.
  public var isUnicode: Bool
  /// A terminal of `columns` characters a line, and of `rows` lines.
  public init(columns: Int = 72, rows: Int? = nil, hasColor: Bool = false, isUnicode: Bool = true) {
    self.columns = columns
    self.rows = rows
    self.hasColor = hasColor
    self.isUnicode = isUnicode
  }
}

extension Figure {
  /// The figure drawn in characters, for use where no picture can be shown.
  ///
  /// Curves are braille dots, 2 by 4 to a character, or `*` without Unicode. If there are several, each has a
  /// letter, which appears on the curve and in the legend. Axes, ticks, gaps and captions are those of the picture.
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
  /// How many lines the plot has, and at most the legend.
  let height: Int
  let legendHeight: Int
  /// The curves without backdrops.
  let series: [Series]
  /// Where each stands in the order of shades, or of all curves where there are none.
  let ranks: [Int]

  init(_ axes: FigureAxes, terminal: Terminal) {
    self.axes = axes
    self.terminal = terminal
    view = axes.panels[0].view
    series = axes.panels[0].panel.series.filter { $0.role != .backdrop }
    let order = series.indices.sorted { [series] a, b in
      let (shadeOfA, shadeOfB) = (series[a].shade ?? 0, series[b].shade ?? 0)
      return shadeOfA == shadeOfB ? a < b : shadeOfA < shadeOfB
    }
    var ranks = order
    for (rank, index) in order.enumerated() { ranks[index] = rank }
    self.ranks = ranks
    legendHeight = max(1, (terminal.rows ?? Self.usualRows) / 4)
    let legendRows = min(Legend.rows(of: axes.panels[0].panel).count, legendHeight)
    let others = 5 + legendRows + axes.captions.count  // title, axis, its labels and title, prompt
    let height = min(max((terminal.rows ?? .max) - others, 6), Self.mostRows)
    self.height = height
    func row(_ value: Double, in view: View) -> Int {
      min(Int((1 - view.fraction(of: value)) * Double(height)), height - 1)
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

  private static let (usualRows, mostRows) = (24, 16)

  var text: String {
    var lines = title.isEmpty ? [] : [title]
    lines += plot
    lines += xAxis
    lines += legend
    lines += axes.captions.map { RichText($0).inCharacters(unicode: terminal.isUnicode) }
    return lines.map { $0 + "\n" }.joined()
  }

  private var title: String {
    let panel = axes.panels[0].panel
    let title = axes.figure.title.map { cleaned($0) + "  " } ?? ""
    return axisTitle(
      title + cleaned(panel.yTitle), announcing: yTicks.unit, within: terminal.columns)
  }

  /// The title of an axis in characters; what the labels leave out is never cut.
  private func axisTitle(_ title: String, announcing unit: TickUnit, within width: Int) -> String {
    func characters(_ title: RichText) -> String {
      title.inCharacters(unicode: terminal.isUnicode)
    }
    let ending = characters(unit.announcement(isAlone: title.isEmpty))
    let all = characters(RichText(title)) + ending
    guard all.count > width else { return all }
    let dots = characters("…")
    let kept = max(0, width - ending.count - dots.count)
    return characters(RichText(title)).prefix(kept) + dots + ending
  }

  /// The rows of the plot, with the vertical axis before them.
  private var plot: [String] {
    var canvas = DotCanvas(columns: width, rows: height)
    let frame = Frame(
      left: 0, top: 0, right: Double(2 * width - 1), bottom: Double(4 * height - 1))
    var notFinite = EdgeMarks()
    var notPositive = EdgeMarks()
    for (index, series) in series.enumerated() {
      let curve = Curve(
        series, xView: axes.xView, yView: view, frame: frame, columnWidth: 1,
        asPoints: axes.figure.drawsPoints && !series.role.isDrawnOver)
      canvas.draw(curve, index)
      notFinite.add(curve.notFinite)
      notPositive.add(curve.notPositive)
    }
    let letters = series.count > 1 ? canvas.letterPlaces(curves: series.count) : [:]
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
          line += painted(marks.0, "31")
        } else if row == height - 1, below.contains(column) {
          line += painted(marks.1, "31")
        } else if let curve = letters[row * width + column] {
          line += painted(letter(ofCurve: curve), color(ofCurve: curve))
        } else if let (pattern, curve) = canvas[column, row] {
          let ascii = series.count > 1 ? letter(ofCurve: curve) : "*"
          let mark = terminal.isUnicode ? String(DotCanvas.braille(pattern)) : ascii
          line += painted(mark, color(ofCurve: curve))
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
    let target = max(3, Double(width) / 14)
    let candidates =
      axes.xView.isLogarithmic
      ? Ticks.logarithmic(over: axes.xView, target: target)
      : Ticks.linear(
        over: axes.xView, target: target, wholeNumbersOnly: axes.figure.countsAlongX)
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
    let title = axisTitle(cleaned(axes.figure.xTitle), announcing: chosen.unit, within: width)
    let lead = String(repeating: " ", count: max(0, (width - title.count) / 2))
    return [indent + corner + line, indent + " " + labels, indent + " " + lead + title]
  }

  /// The names of the curves, each with its letter and in its colour; none for a single curve.
  ///
  /// They stand one below the other, or side by side where that would take too many lines.
  private var legend: [String] {
    let rows = Legend.rows(of: axes.panels[0].panel)
    let indent = labelWidth + 2
    let room = max(20, terminal.columns - indent)
    let columns = min((rows.count + legendHeight - 1) / legendHeight, max(1, room / 14))
    guard columns > 0 else { return [] }
    let cellWidth = columns == 1 ? room : room / columns
    let places = columns * legendHeight
    let isWhole = rows.count <= places
    let shown = isWhole ? rows[...] : rows.prefix(places - 1)
    let names = shortened(shown.map { cleaned($0.name) }) { name in
      asShown(name).count <= cellWidth - (columns == 1 ? 4 : 6)
    }
    var cells = zip(shown, names).map { row, name in
      guard let curve = row.series else { return (text: asShown(name), width: asShown(name).count) }
      let mark = swatch(ofCurve: curve)
      let text = painted(mark, color(ofCurve: curve)) + " " + asShown(name)
      return (text: text, width: mark.count + 1 + asShown(name).count)
    }
    if !isWhole {
      let rest = asShown("… \(rows.count - cells.count) more")
      cells.append((rest, rest.count))
    }
    return stride(from: 0, to: cells.count, by: columns).map { start in
      let line = cells[start..<min(start + columns, cells.count)].map { cell in
        cell.text + String(repeating: " ", count: max(0, cellWidth - cell.width))
      }
      return String(repeating: " ", count: indent) + line.joined().trimmingTrailingSpaces()
    }
  }

  private func asShown(_ text: String) -> String {
    RichText(text).inCharacters(unicode: terminal.isUnicode)
  }

  /// A piece of a curve for the legend.
  private func swatch(ofCurve index: Int) -> String {
    guard series.count > 1 else { return terminal.isUnicode ? "⠒⠒" : "**" }
    let letter = letter(ofCurve: index)
    return terminal.isUnicode ? "⠒\(letter)⠒" : letter + letter
  }

  private func painted(_ text: String, _ color: String) -> String {
    terminal.hasColor ? "\u{1B}[\(color)m\(text)\u{1B}[0m" : text
  }

  /// The letter that tells a curve from others: a to z, A to Z, then digits, and so on again.
  ///
  /// Curves in shades of a ramp have them in its order.
  private func letter(ofCurve index: Int) -> String {
    String(Self.letters[ranks[index] % Self.letters.count])
  }

  private static let letters = Array(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

  /// The colour of a curve: one of the terminal's own, which suit its background, or of many a shade.
  private func color(ofCurve index: Int) -> String {
    if series.count <= Self.colors.count { return Self.colors[index] }
    let shade = series[index].shade ?? Double(index) / Double(series.count - 1)
    let place = (shade * Double(Self.ramp.count - 1)).rounded()
    return "38;5;\(Self.ramp[Int(place)])"
  }

  /// The first eight in the order of the pictures' colours.
  private static let colors = [
    "34", "33", "32", "35", "36", "91", "94", "93", "92", "95", "96", "38;5;208", "38;5;130",
    "38;5;99", "38;5;37", "38;5;132",
  ]

  /// Colours of the usual palette of 256 that are neither dark nor light, from violet to pink.
  private static let ramp = [
    99, 63, 27, 33, 32, 38, 37, 36, 35, 34, 70, 106, 142, 136, 172, 208, 202, 203, 198, 199, 163,
  ]
}

/// A canvas of dots, 2 by 4 to a character.
private struct DotCanvas {
  private let columns: Int
  private let rows: Int
  private var cells: [(pattern: UInt8, curve: Int)?]
  /// The cells of each curve that has been drawn, in the order of drawing, one for each column.
  private var paths: [[Int]] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: nil, count: columns * rows)
  }

  subscript(column: Int, row: Int) -> (pattern: UInt8, curve: Int)? {
    cells[row * columns + column]
  }

  /// The braille character whose raised dots are the bits of `pattern`.
  static func braille(_ pattern: UInt8) -> Character {
    Character(Unicode.Scalar(0x2800 + UInt32(pattern)) ?? " ")
  }

  mutating func draw(_ curve: Curve, _ index: Int) {
    paths.append([])
    for points in curve.stretches {
      for (a, b) in zip(points, points.dropFirst()) { line(from: a, to: b, index) }
      if points.count == 1 { line(from: points[0], to: points[0], index) }
    }
  }

  /// Sets the dots nearest to the line, one per step along its longer side.
  private mutating func line(from a: Point, to b: Point, _ curve: Int) {
    let steps = max((b.x - a.x).magnitude, (b.y - a.y).magnitude).rounded(.up)
    for step in 0...Int(max(steps, 1)) {
      let t = Double(step) / max(steps, 1)
      set(Int((a.x + t * (b.x - a.x)).rounded()), Int((a.y + t * (b.y - a.y)).rounded()), curve)
    }
  }

  /// Raises one dot.
  ///
  ///     bit 0 3      the dots of one character
  ///         1 4
  ///         2 5
  ///         6 7
  private mutating func set(_ x: Int, _ y: Int, _ curve: Int) {
    let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    let cell = y / 4 * columns + x / 2
    cells[cell] = ((cells[cell]?.pattern ?? 0) | bits[y % 4][x % 2], curve)
    let last = paths[curve].last
    if last == nil || last.map({ $0 % columns }) != x / 2 { paths[curve].append(cell) }
  }

  /// The cells in which curves show their letters: spread over each curve, never one upon another.
  func letterPlaces(curves count: Int) -> [Int: Int] {
    let period = max(16, count)
    var places: [Int: Int] = [:]
    for (curve, path) in paths.enumerated() {
      let phase = (2 * curve + 1) * period / (2 * count)
      let due = path.filter { $0 % columns % period == phase && places[$0] == nil }
      let middle = path.indices.sorted { a, b in
        (a - path.count / 2).magnitude < (b - path.count / 2).magnitude
      }
      let spare = middle.first { places[path[$0]] == nil }.map { [path[$0]] } ?? []
      for cell in due.isEmpty ? spare : due { places[cell] = curve }
    }
    return places
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
