internal import Glibc

/// A picture of how often each observed class was predicted to be each class.
public struct ConfusionMatrix: Sendable {
  /// The largest number of classes; more could not be distinguished in a picture.
  public static let mostClasses = 100

  /// The classes, from left to right and from top to bottom.
  public var classes: [String]
  /// For each observed class the rows predicted to be of each.
  public var counts: [[Double]]
  /// The text above the picture; none by default.
  public var title: String?
  /// Device px to one px in a PNG.
  public var scale = 2.0
  /// The colours.
  public var theme = Figure.Theme.light

  /// A matrix with a row and a column for each class.
  public init(classes: [String], counts: [[Double]]) {
    precondition(
      counts.count == classes.count && counts.allSatisfy { $0.count == classes.count },
      "a matrix has a row and a column for each class")
    self.classes = classes
    self.counts = counts
  }
}

extension ConfusionMatrix {
  /// Turns the matrix into a list of things to draw, on a canvas as large as it needs.
  func drawing(
    vector: Bool, measuring measurer: some TextMeasuring
  ) throws(PlotError) -> Drawing {
    guard classes.count <= Self.mostClasses else {
      throw PlotError(.tooManyClasses(classes.count, most: Self.mostClasses))
    }
    let matrix = ComposedMatrix(self, typesetter: Typesetter(measurer: measurer))
    var painter = Painter(
      typesetter: matrix.typesetter, grid: PixelGrid(vector: vector, scale: scale),
      colors: theme.colors)
    painter.draw(matrix)
    return Drawing(
      width: matrix.size.width, height: matrix.size.height, scale: vector ? 1 : scale,
      paper: theme.colors.paper, title: cleaned(title ?? "Predicted by observed class"),
      summary: cleaned(summary), calls: painter.calls)
  }

  private var summary: String {
    let all = counts.joined().reduce(0, +)
    let right = classes.indices.reduce(0) { $0 + counts[$1][$1] }
    return
      "Confusion matrix of \(classes.count) classes: \(countText(right)) of \(countText(all)) rows "
      + "on the diagonal."
  }
}

/// A count without a fraction, or a sum of weights to four digits.
private func countText(_ count: Double) -> String {
  if let whole = Int(exactly: count) { return "\(whole)" }
  var buffer = [CChar](repeating: 0, count: 32)
  let length = withVaList([count]) { vsnprintf(&buffer, buffer.count, "%.4g", $0) }
  return String(decoding: buffer.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// A matrix laid out.
private struct ComposedMatrix {
  let matrix: ConfusionMatrix
  let typesetter: Typesetter
  let title: [TextLine]
  let labels: [TextLine]
  let counts: [[TextLine]]
  let cell: Double
  /// Whether the names of the columns run upwards, being wider than cells.
  let isTurned: Bool
  /// The cells together.
  let frame: Frame
  let size: Figure.Size

  static let gap = 8.0
  static let smallestCell = 22.0
  static let widestLabel = 160.0

  init(_ matrix: ConfusionMatrix, typesetter: Typesetter) {
    self.matrix = matrix
    self.typesetter = typesetter
    labels = matrix.classes.map {
      typesetter.lineLosingMiddle(RichText(cleaning: $0), .label, within: Self.widestLabel)
    }
    counts = matrix.counts.map { row in
      row.map { typesetter.line(RichText(countText($0)), .label) }
    }
    let count = Double(matrix.classes.count)
    let widest = labels.map(\.width).max() ?? 0
    let widestCount = counts.joined().map(\.width).max() ?? 0
    // Large cells where they are few; they hold every count where that does not make a wall of it.
    let wanted = max(widestCount + 14, min(72, 360 / count))
    cell = max(Self.smallestCell, count <= 30 ? wanted : min(wanted, 900 / count)).rounded(.up)
    isTurned = widest + Self.gap > cell
    let label = typesetter.height(of: .label)
    let axisTitle = typesetter.height(of: .axisTitle)
    let side = cell * count
    let left = Drawing.margin + axisTitle + Self.gap + widest + Self.gap
    let width = max(left + side + Drawing.margin, 200).rounded(.up)
    title = typesetter.lines(
      RichText(cleaning: matrix.title ?? ""), .title, within: width - 2 * Drawing.margin)
    let head =
      title.isEmpty ? 0 : Double(title.count) * typesetter.height(of: .title) + Self.gap
    let top = Drawing.margin + head
    frame = Frame(left: left.rounded(.up), top: top.rounded(.up), right: 0, bottom: 0)
      .with(side: side)
    let foot = Self.gap + (isTurned ? widest : label) + Self.gap + axisTitle + Drawing.margin
    size = Figure.Size(
      width: max(width, frame.right + Drawing.margin), height: (frame.bottom + foot).rounded(.up))
  }

  /// The cell of an observed and a predicted class.
  func frame(row: Int, column: Int) -> Frame {
    Frame(
      left: frame.left + Double(column) * cell, top: frame.top + Double(row) * cell, right: 0,
      bottom: 0
    ).with(side: cell)
  }
}

extension Frame {
  /// The square with the same top left corner.
  fileprivate func with(side: Double) -> Frame {
    Frame(left: left, top: top, right: left + side, bottom: top + side)
  }
}

extension Painter {
  /// Draws cells, the lines between them, and what is written around them.
  fileprivate mutating func draw(_ matrix: ComposedMatrix) {
    let indices = matrix.labels.indices
    let half = typesetter.measurer.extent(of: .label).ascent * 0.37
    for row in indices {
      let all = matrix.matrix.counts[row].reduce(0, +)
      for column in indices {
        let count = matrix.matrix.counts[row][column]
        let share = all > 0 ? count / all : 0
        let frame = matrix.frame(row: row, column: column)
        let hue = row == column ? colors.curves[0] : colors.warning
        // What happened at all is seen.
        let strength = share > 0 ? 0.12 + 0.78 * share : 0
        if strength > 0 { fill(frame, color: colors.paper.mixed(with: hue, strength), opacity: 1) }
        let line = matrix.counts[row][column]
        if line.width + 6 > matrix.cell { continue }
        let color = count == 0 ? colors.label : strength > 0.55 ? colors.paper : colors.text
        text(
          line,
          at: Point(
            x: (frame.left + frame.right - line.width) / 2,
            y: (frame.top + frame.bottom) / 2 + half), color: color)
      }
    }
    drawLines(matrix)
    drawNames(matrix, half: half)
    texts(
      matrix.title, .title, center: matrix.size.width / 2, top: Drawing.margin, color: colors.text)
  }

  private mutating func drawLines(_ matrix: ComposedMatrix) {
    let frame = matrix.frame
    let last = matrix.labels.count
    // The edges over the ends of the others.
    for index in Array(1..<max(1, last)) + [0, last] {
      let color = index == 0 || index == last ? colors.frame : colors.grid
      let x = grid.snap(frame.left + Double(index) * matrix.cell)
      let y = grid.snap(frame.top + Double(index) * matrix.cell)
      hairline(
        from: Point(x: x, y: frame.top), to: Point(x: x, y: frame.bottom), color: color)
      hairline(
        from: Point(x: frame.left, y: y), to: Point(x: frame.right, y: y), color: color)
    }
  }

  private mutating func drawNames(_ matrix: ComposedMatrix, half: Double) {
    let (frame, gap) = (matrix.frame, ComposedMatrix.gap)
    let ascent = typesetter.measurer.extent(of: .label).ascent
    for (index, line) in matrix.labels.enumerated() {
      let middle = (Double(index) + 0.5) * matrix.cell
      text(
        line, at: Point(x: frame.left - gap - line.width, y: frame.top + middle + half),
        color: colors.label)
      let x = frame.left + middle
      let origin =
        matrix.isTurned
        ? Point(x: x + half, y: frame.bottom + gap + line.width)
        : Point(x: x - line.width / 2, y: frame.bottom + gap + ascent)
      text(line, at: origin, color: colors.label, isRotated: matrix.isTurned)
    }
    let titleExtent = typesetter.measurer.extent(of: .axisTitle)
    let predicted = typesetter.line(RichText("predicted"), .axisTitle)
    text(
      predicted,
      at: Point(
        x: (frame.left + frame.right - predicted.width) / 2,
        y: matrix.size.height - Drawing.margin - titleExtent.descent), color: colors.text)
    let observed = typesetter.line(RichText("observed"), .axisTitle)
    text(
      observed,
      at: Point(
        x: Drawing.margin + titleExtent.ascent,
        y: (frame.top + frame.bottom + observed.width) / 2), color: colors.text, isRotated: true)
  }
}
