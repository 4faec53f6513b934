/// Where everything stands in a picture of several panels.
struct FitGridLayout {
  let axes: FitGridAxes
  let panels: [PlacedAxes]
  let contents: [ComposedFigure.DrawnPanel?]
  let panelTitles: [TextLine]
  let title: [TextLine]
  let xTitle: [TextLine]
  let yTitle: [TextLine]
  let captions: [TextLine]
  let legend: [Legend.Entry]
  let columns: Int
  let margins: GridMargins

  /// How much smaller points and lines are than in a picture of one panel.
  static let contentSize = 0.75
  /// The smallest frame that is worth drawing.
  static let smallest = Figure.Size(width: 60, height: 44)

  /// Lays the panels out, or throws an error with a size that would do.
  ///
  /// The gaps follow from the labels, which follow from the frames, which follow from the gaps: so they are
  /// found by trying, and grow until they suffice.
  init(_ axes: FitGridAxes, typesetter: Typesetter, grid: PixelGrid) throws(PlotError) {
    let (figure, size) = (axes.figure, axes.figure.canvas)
    var margins = GridMargins(
      left: 28, top: 30, right: 16, bottom: 36, columnGap: 14, rowGap: 24,
      columns: figure.gridColumns, count: figure.panels.count)
    while true {
      self.init(axes, margins, typesetter: typesetter, grid: grid)
      let needed = neededMargins(typesetter)
      if needed.fit(in: margins) { break }
      margins = margins.union(needed)
    }
    let lacking = margins.lacking(of: size)
    guard lacking.width > 0 || lacking.height > 0 else { return }
    throw PlotError(
      .canvasTooSmall(
        neededWidth: Int((size.width + lacking.width).rounded(.up)),
        neededHeight: Int((size.height + lacking.height).rounded(.up))))
  }

  /// Chooses ticks and shortens titles for given margins.
  private init(
    _ axes: FitGridAxes, _ margins: GridMargins, typesetter: Typesetter, grid: PixelGrid
  ) {
    let (figure, size) = (axes.figure, axes.figure.canvas)
    let frames = margins.frames(size: size, grid: grid)
    self.axes = axes
    self.margins = margins
    columns = margins.columns
    var placed: [PlacedAxes] = []
    for (index, frame) in frames.enumerated() {
      let (xView, yView) = (axes.xViews[index], axes.yViews[index])
      let first = placed.first
      let xTicks = axes.sharesX ? first?.xTicks : nil
      let yTicks = axes.sharesY ? first?.yTicks : nil
      placed.append(
        PlacedAxes(
          frame: frame, xView: xView, yView: yView,
          xTicks: xTicks
            ?? .alongX(
              of: xView, frame: frame, wholeNumbersOnly: false, counts: 3...6, style: .panelLabel,
              typesetter: typesetter),
          yTicks: yTicks
            ?? .alongY(
              of: yView, frame: frame, counts: 3...6, style: .panelLabel, typesetter: typesetter)))
    }
    panels = placed
    contents = zip(axes.panels, placed).map { axes, placed in
      axes.map { axes in
        ComposedFigure.DrawnPanel(
          axes.panels[0], xView: placed.xView, yView: placed.yView, frame: placed.frame,
          columnWidth: grid.column, drawsPoints: true)
      }
    }
    let width = frames[0].width
    let units = placed.map { panel -> String in
      let own =
        (axes.sharesX ? [] : [("x", panel.xTicks.unit)])
        + (axes.sharesY ? [] : [("y", panel.yTicks.unit)])
      return own.filter { $0.1 != TickUnit() }.map { name, unit in
        name + unit.announcement(isAlone: false).plainText
      }.joined(separator: ", ")
    }
    let endings = units.map { $0.isEmpty ? "" : ", \($0)" }
    let widest = endings.map { typesetter.line(RichText($0), .panelTitle).width }.max() ?? 0
    let names = shortened(figure.panels.map { cleaned($0.title) }) {
      typesetter.line(RichText($0), .panelTitle).width <= width - widest
    }
    panelTitles = zip(names, endings).map { name, ending in
      typesetter.lineLosingMiddle(RichText(name + ending), .panelTitle, within: width)
    }
    let all = Frame(
      left: frames[0].left, top: frames[0].top, right: frames[margins.columns - 1].right,
      bottom: frames.map(\.bottom).max() ?? 0)
    title = typesetter.lines(RichText(cleaning: figure.title ?? ""), .title, within: all.width)
    xTitle = typesetter.lines(
      RichText(cleaning: figure.xTitle),
      announcing: axes.sharesX ? placed[0].xTicks.unit : TickUnit(), .axisTitle, within: all.width)
    yTitle = typesetter.lines(
      RichText(cleaning: figure.yTitle),
      announcing: axes.sharesY ? placed[0].yTicks.unit : TickUnit(), .axisTitle, within: all.height)
    captions = FigureAxes.captions(of: axes.panels.compactMap(\.self)).flatMap {
      typesetter.lines(RichText($0), .caption, within: size.width - 2 * Drawing.margin)
    }
    let banded = axes.panels.compactMap { $0?.panels[0].panel.bands }.max { $0.count < $1.count }
    legend = Legend.entries(of: banded ?? [], colors: figure.theme.colors) {
      typesetter.line(RichText($0), .label)
    }
  }

  /// Whether a panel's horizontal axis has labels: nothing stands below it, or its scale is its own.
  func hasXLabels(_ index: Int) -> Bool { !axes.sharesX || index + columns >= panels.count }

  /// Whether a panel's vertical axis has labels.
  func hasYLabels(_ index: Int) -> Bool { !axes.sharesY || index % columns == 0 }

  /// The margins and gaps that the texts need.
  private func neededMargins(_ typesetter: Typesetter) -> GridMargins {
    func height(_ lines: [TextLine], _ style: TextStyle) -> Double {
      Double(lines.count) * typesetter.height(of: style)
    }
    let label = typesetter.height(of: .panelLabel)
    func widestLabel(_ isIncluded: (Int) -> Bool) -> Double {
      panels.indices.filter(isIncluded).flatMap { panels[$0].yTicks.ticks }
        .map { typesetter.line($0.label, .panelLabel).width }.max() ?? 0
    }
    var needed = margins
    let gap = FigureLayout.gap
    needed.left = Drawing.margin + widestLabel { $0 % columns == 0 } + gap
    if !yTitle.isEmpty { needed.left += height(yTitle, .axisTitle) + gap }
    needed.bottom = Drawing.margin + label + gap
    if !xTitle.isEmpty {
      needed.bottom += height(xTitle, .axisTitle) + FigureLayout.titleGap
    }
    if !captions.isEmpty {
      needed.bottom += height(captions, .caption) + FigureLayout.titleGap
    }
    let hasTitles = panelTitles.contains { !$0.runs.isEmpty }
    let head = hasTitles ? typesetter.height(of: .panelTitle) + Self.titleGap : 0
    needed.top = max(Drawing.margin + head, 16)
    if !title.isEmpty { needed.top += height(title, .title) + gap }
    if !legend.isEmpty { needed.top += legendHeight(typesetter) + gap }
    needed.rowGap = 14 + head + (axes.sharesX ? 0 : label + gap)
    // How far labels of the horizontal axis reach past their frame.
    var (before, after) = (0.0, 0.0)
    for panel in panels {
      for tick in panel.xTicks.ticks {
        let half = typesetter.line(tick.label, .panelLabel).width / 2
        let x = panel.xView.fraction(of: tick.value) * panel.frame.width
        before = max(before, half - x)
        after = max(after, half - (panel.frame.width - x))
      }
    }
    needed.left = max(needed.left, Drawing.margin + before)
    needed.right = max(16, Drawing.margin + after)
    needed.columnGap = max(16, before + after + 0.8 * TextStyle.panelLabel.size)
    if !axes.sharesY {
      needed.columnGap = max(needed.columnGap, widestLabel { $0 % columns > 0 } + gap + 12)
    }
    return needed
  }

  /// The height of the legend's rows above the panels.
  func legendHeight(_ typesetter: Typesetter) -> Double {
    let rows = Legend.rows(of: legend, within: panelsWidth)
    return Double(rows.count) * (typesetter.height(of: .label) + 3)
  }

  /// The width of all panels together.
  var panelsWidth: Double { panels[columns - 1].frame.right - panels[0].frame.left }

  /// The distance of a panel's title from its frame.
  static let titleGap = 5.0
}

/// The room around and between the frames of several panels.
struct GridMargins {
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double
  var columnGap: Double
  var rowGap: Double
  let columns: Int
  let count: Int

  private var rows: Int { (count + columns - 1) / columns }

  func fit(in other: GridMargins) -> Bool {
    left <= other.left && top <= other.top && right <= other.right && bottom <= other.bottom
      && columnGap <= other.columnGap && rowGap <= other.rowGap
  }

  func union(_ other: GridMargins) -> GridMargins {
    GridMargins(
      left: max(left, other.left), top: max(top, other.top), right: max(right, other.right),
      bottom: max(bottom, other.bottom), columnGap: max(columnGap, other.columnGap),
      rowGap: max(rowGap, other.rowGap), columns: columns, count: count)
  }

  /// The frame of each panel, all of one size and no smaller than the smallest.
  func frames(size: Figure.Size, grid: PixelGrid) -> [Frame] {
    let smallest = FitGridLayout.smallest
    let room = room(in: size)
    // Of whole px, so that panels are exactly alike.
    let width = max(room.width, smallest.width).rounded(.down)
    let height = max(room.height, smallest.height).rounded(.down)
    return (0..<count).map { index in
      let x = grid.snap(left.rounded() + Double(index % columns) * (width + columnGap.rounded(.up)))
      let y = grid.snap(top.rounded() + Double(index / columns) * (height + rowGap.rounded(.up)))
      return Frame(left: x, top: y, right: x + width, bottom: y + height)
    }
  }

  /// How much a canvas is too small.
  func lacking(of size: Figure.Size) -> Figure.Size {
    let room = room(in: size)
    return Figure.Size(
      width: max(0, FitGridLayout.smallest.width - room.width) * Double(columns),
      height: max(0, FitGridLayout.smallest.height - room.height) * Double(rows))
  }

  private func room(in size: Figure.Size) -> Figure.Size {
    let (columns, rows) = (Double(columns), Double(rows))
    return Figure.Size(
      width: (size.width - left - right - (columns - 1) * columnGap.rounded(.up)) / columns,
      height: (size.height - top - bottom - (rows - 1) * rowGap.rounded(.up)) / rows)
  }
}

extension TextStyle {
  static let panelLabel = TextStyle(size: 11.5)
  static let panelTitle = TextStyle(size: 12.5, bold: true)
}
