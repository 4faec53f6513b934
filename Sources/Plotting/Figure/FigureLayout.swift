/// Where everything around the curves stands.
struct FigureLayout {
  let axes: FigureAxes
  let size: Figure.Size
  let frames: [Frame]
  let xTicks: Ticks
  let yTicks: [Ticks]
  let title: [TextLine]
  let xTitle: [TextLine]
  let yTitles: [[TextLine]]
  let captions: [TextLine]
  let legend: Legend
  /// Whether the legend stands above the frame and not in a corner of it.
  let legendIsAbove: Bool

  /// Distances in px.
  static let gap = 8.0
  static let titleGap = 6.0
  static let panelGap = 20.0
  /// The smallest frame that is worth drawing.
  static let smallest = Figure.Size(width: 120, height: 80)

  /// Lays a figure out, or throws an error with the size that would hold the same labels.
  ///
  /// The margins follow from the labels, which follow from the frame, which follows from the
  /// margins: so they are found by trying, and grow until they suffice.
  init(
    _ axes: FigureAxes, typesetter: Typesetter, grid: PixelGrid, legendIsAbove: Bool
  ) throws(PlotError) {
    let size = axes.figure.size
    var margins = Margins(left: 28, top: 16, right: 16, bottom: 36)
    while true {
      self.init(
        axes, size: size, frames: margins.frames(for: axes, size: size, grid: grid),
        typesetter: typesetter, legendIsAbove: legendIsAbove)
      let needed = self.margins(typesetter)
      if needed.fit(in: margins) { break }
      margins = margins.union(needed)
    }
    let lacking = margins.lacking(for: axes, size: size)
    guard lacking.width > 0 || lacking.height > 0 else { return }
    throw PlotError(
      .canvasTooSmall(
        neededWidth: Int((size.width + lacking.width).rounded(.up)),
        neededHeight: Int((size.height + lacking.height).rounded(.up))))
  }

  /// Chooses ticks and breaks titles for given frames.
  private init(
    _ axes: FigureAxes, size: Figure.Size, frames: [Frame], typesetter: Typesetter,
    legendIsAbove: Bool
  ) {
    let frame = frames[0]
    let figure = axes.figure
    self.axes = axes
    self.size = size
    self.frames = frames
    self.legendIsAbove = legendIsAbove
    yTicks = zip(axes.panels, frames).map { panel, frame in
      Ticks.alongY(
        of: panel.view, frame: frame, counts: panel.panel.tickCounts, typesetter: typesetter)
    }
    xTicks = Ticks.alongX(
      of: axes.xView, frame: frame, wholeNumbersOnly: figure.countsAlongX, typesetter: typesetter)
    title = typesetter.lines(
      RichText(cleaning: figure.title ?? ""), .title, within: frame.width)
    xTitle = typesetter.lines(
      RichText(cleaning: figure.xTitle), announcing: xTicks.unit, .axisTitle, within: frame.width)
    yTitles = zip(zip(axes.panels, yTicks), frames).map { pair, frame in
      let title = RichText(cleaning: pair.0.panel.yTitle)
      return typesetter.lines(title, announcing: pair.1.unit, .axisTitle, within: frame.height)
    }
    captions = axes.captions.flatMap {
      typesetter.lines(RichText($0), .caption, within: size.width - 2 * Drawing.margin)
    }
    legend = Legend(
      axes.panels[0].panel, typesetter: typesetter, frame: frame, colors: figure.theme.colors,
      drawsPoints: figure.drawsPoints)
  }

  /// A panel's frame with the views and ticks of its axes.
  func placedAxes(_ index: Int) -> PlacedAxes {
    PlacedAxes(
      frame: frames[index], xView: axes.xView, yView: axes.panels[index].view, xTicks: xTicks,
      yTicks: yTicks[index])
  }

  /// The frame under which the labels of the horizontal axis stand.
  var lowestFrame: Frame { frames[frames.count - 1] }

  /// The margins that the texts need.
  private func margins(_ typesetter: Typesetter) -> Margins {
    func height(_ lines: [TextLine], _ style: TextStyle) -> Double {
      Double(lines.count) * typesetter.height(of: style)
    }
    let label = typesetter.height(of: .label)
    let yLabels = yTicks.flatMap(\.ticks).map { typesetter.line($0.label, .label).width }
    let yTitle = yTitles.map { height($0, .axisTitle) }.max() ?? 0
    var margins = Margins(
      left: 0, top: 16, right: 16, bottom: Drawing.margin + label + FigureLayout.gap)
    margins.left = Drawing.margin + (yLabels.max() ?? 0) + FigureLayout.gap
    if yTitle > 0 { margins.left += yTitle + FigureLayout.gap }
    if !xTitle.isEmpty { margins.bottom += height(xTitle, .axisTitle) + FigureLayout.titleGap }
    if !captions.isEmpty { margins.bottom += height(captions, .caption) + FigureLayout.titleGap }
    let legendHeight =
      legendIsAbove
      ? Double(legend.rows(within: frames[0].width).count) * legend.rowHeight : 0
    if !title.isEmpty || legendHeight > 0 { margins.top = Drawing.margin }
    if !title.isEmpty { margins.top += height(title, .title) + FigureLayout.gap }
    if legendHeight > 0 { margins.top += legendHeight + FigureLayout.gap }
    for tick in xTicks.ticks {
      let half = typesetter.line(tick.label, .label).width / 2
      let x = axes.xView.fraction(of: tick.value) * frames[0].width
      margins.left = max(margins.left, Drawing.margin + half - x)
      margins.right = max(margins.right, Drawing.margin + half - (frames[0].width - x))
    }
    return margins
  }
}

/// The room around the frames.
private struct Margins {
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double

  func fit(in other: Margins) -> Bool {
    left <= other.left && top <= other.top && right <= other.right && bottom <= other.bottom
  }

  func union(_ other: Margins) -> Margins {
    Margins(
      left: max(left, other.left), top: max(top, other.top),
      right: max(right, other.right), bottom: max(bottom, other.bottom))
  }

  /// The frames inside the margins, from top to bottom, no smaller than the smallest.
  func frames(for axes: FigureAxes, size: Figure.Size, grid: PixelGrid) -> [Frame] {
    let smallest = smallestRoom(for: axes)
    let width = max(size.width - left - right, smallest.width)
    let height = max(size.height - top - bottom, smallest.height)
    let shares = axes.panels.map(\.panel.share)
    let gaps = FigureLayout.panelGap * Double(shares.count - 1)
    var y = top
    return shares.map { share in
      let panelHeight = (height - gaps) * share / shares.reduce(0, +)
      defer { y += panelHeight + FigureLayout.panelGap }
      return Frame(
        left: grid.snap(left), top: grid.snap(y), right: grid.snap(left + width),
        bottom: grid.snap(y + panelHeight))
    }
  }

  /// How much a canvas is too small.
  func lacking(for axes: FigureAxes, size: Figure.Size) -> Figure.Size {
    let smallest = smallestRoom(for: axes)
    return Figure.Size(
      width: max(0, smallest.width + left + right - size.width),
      height: max(0, smallest.height + top + bottom - size.height))
  }

  private func smallestRoom(for axes: FigureAxes) -> Figure.Size {
    let shares = axes.panels.map(\.panel.share)
    let height = FigureLayout.smallest.height * shares.reduce(0, +) / (shares.max() ?? 1)
    return Figure.Size(
      width: FigureLayout.smallest.width,
      height: height + FigureLayout.panelGap * Double(shares.count - 1))
  }
}

extension TextStyle {
  static let label = TextStyle(size: 13)
  static let axisTitle = TextStyle(size: 14)
  static let title = TextStyle(size: 16, bold: true)
  static let caption = TextStyle(size: 11.5)
}

extension Ticks {
  /// The best ticks of a vertical axis whose labels do not touch.
  static func alongY(
    of view: View, frame: Frame, counts: ClosedRange<Int> = usualCounts,
    style: TextStyle = .label, typesetter: Typesetter
  ) -> Ticks {
    let target = min(max(frame.height / 62, Double(counts.lowerBound)), 8)
    let candidates =
      view.isLogarithmic
      ? logarithmic(over: view, target: target, counts: counts)
      : linear(over: view, target: target, counts: counts)
    let room = typesetter.height(of: style)
    return first(of: candidates) { ticks in
      let positions = ticks.ticks.map { frame.y(view.fraction(of: $0.value)) }
      return zip(positions, positions.dropFirst()).allSatisfy { $0 - $1 >= room }
    }
  }

  /// The best ticks of a horizontal axis whose labels have 0.8 em between them.
  static func alongX(
    of view: View, frame: Frame, wholeNumbersOnly: Bool,
    counts: ClosedRange<Int> = usualCounts, style: TextStyle = .label, typesetter: Typesetter
  ) -> Ticks {
    let target = min(max(frame.width / 88, Double(counts.lowerBound)), 8)
    let candidates =
      view.isLogarithmic
      ? logarithmic(over: view, target: target, counts: counts)
      : linear(
        over: view, target: target, wholeNumbersOnly: wholeNumbersOnly, counts: counts)
    return first(of: candidates) { ticks in
      let spans = ticks.ticks.map { tick in
        let half = typesetter.line(tick.label, style).width / 2
        let x = frame.x(view.fraction(of: tick.value))
        return (from: x - half, to: x + half)
      }
      return zip(spans, spans.dropFirst()).allSatisfy {
        $1.from - $0.to >= 0.8 * style.size
      }
    }
  }

  private static func first(of candidates: [Ticks], fits: (Ticks) -> Bool) -> Ticks {
    if let fitting = candidates.first(where: fits) { return fitting }
    guard let last = candidates.last else { return Ticks(ticks: []) }
    return Ticks(ticks: Array(last.ticks.prefix(1)), unit: last.unit)
  }
}
