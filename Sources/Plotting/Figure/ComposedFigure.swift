/// A figure laid out, with its curves in px and the position of all that stands among them.
struct ComposedFigure {
  /// The curves of one panel.
  struct DrawnPanel {
    let series: [Series]
    let curves: [Curve]
    let bands: [BandShape]

    init(
      _ axes: FigureAxes.PanelAxes, xView: View, yView: View, frame: Frame, columnWidth: Double,
      drawsPoints: Bool
    ) {
      series = axes.panel.series
      curves = series.map {
        Curve(
          $0, xView: xView, yView: yView, frame: frame, columnWidth: columnWidth,
          asPoints: drawsPoints && !$0.role.isDrawnOver)
      }
      bands = axes.panel.bands.map {
        BandShape($0, xView: xView, yView: yView, frame: frame)
      }
    }
  }

  let layout: FigureLayout
  let typesetter: Typesetter
  let grid: PixelGrid
  let panels: [DrawnPanel]
  let minimum: MinimumMark?
  /// Where the legend stands if it stands inside the frame.
  let legendBox: Frame?

  init(
    _ axes: FigureAxes, typesetter: Typesetter, grid: PixelGrid, legendIsAbove: Bool
  ) throws(PlotError) {
    let layout = try FigureLayout(
      axes, typesetter: typesetter, grid: grid, legendIsAbove: legendIsAbove)
    let panels = zip(axes.panels, layout.frames).map { panelAxes, frame in
      DrawnPanel(
        panelAxes, xView: axes.xView, yView: panelAxes.view, frame: frame,
        columnWidth: grid.column, drawsPoints: axes.figure.drawsPoints)
    }
    let frame = layout.frames[0]
    let (curves, bands) = (panels[0].curves, panels[0].bands)
    let minimum = MinimumMark(axes, typesetter: typesetter, frame: frame, avoiding: curves)
    self.layout = layout
    self.typesetter = typesetter
    self.grid = grid
    self.panels = panels
    self.minimum = minimum
    guard !legendIsAbove, !layout.legend.entries.isEmpty else {
      legendBox = nil
      return
    }
    legendBox = layout.legend.freeCorner(of: frame) { box in
      let clear = box.grown(by: 4)
      return !curves.contains { $0.touches(clear) } && !bands.contains { $0.touches(clear) }
        && minimum?.overlaps(clear) != true
    }
  }

  /// Whether there is a legend that found no room among the curves.
  var legendNeedsRoom: Bool {
    !layout.legendIsAbove && !layout.legend.entries.isEmpty && legendBox == nil
  }

  /// Everything to draw, in order.
  func calls() -> [DrawingCall] {
    let colors = layout.axes.figure.theme.colors
    var painter = Painter(typesetter: typesetter, grid: grid, colors: colors)
    for (index, frame) in layout.frames.enumerated() {
      let placed = layout.placedAxes(index)
      painter.drawGrid(placed)
      if case .symmetric = layout.axes.panels[index].panel.extent { painter.drawZeroLine(placed) }
      painter.drawContents(panels[index], frame)
      if index == 0 { minimum?.drawRing(&painter) }
      painter.drawFrame(frame)
      painter.drawTickMarks(placed)
    }
    for index in layout.frames.indices { painter.drawYLabels(layout.placedAxes(index)) }
    painter.drawXLabels(layout.placedAxes(layout.frames.count - 1))
    painter.drawTitles(layout)
    minimum?.drawLabel(&painter)
    painter.drawLegend(layout, box: legendBox)
    painter.drawCaptions(layout)
    return painter.calls
  }
}
