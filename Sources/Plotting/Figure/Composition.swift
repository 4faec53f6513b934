/// A figure laid out, with its curves in px and a place for all that stands among them.
struct Composition {
  /// The curves of one panel.
  struct TracedPanel {
    let series: [Series]
    let traces: [Trace]
  }

  let layout: Layout
  let typesetter: Typesetter
  let grid: PixelGrid
  let panels: [TracedPanel]
  let minimum: MinimumMark?
  /// Where the legend stands if it stands inside the frame.
  let legendBox: Frame?

  init(
    _ plan: Plan, typesetter: Typesetter, grid: PixelGrid, legendIsAbove: Bool
  ) throws(PlotError) {
    let layout = try Layout(
      plan, typesetter: typesetter, grid: grid, legendIsAbove: legendIsAbove)
    let panels = zip(plan.panels, layout.frames).map { planned, frame in
      TracedPanel(
        series: planned.panel.series,
        traces: planned.panel.series.map {
          Trace(
            $0, xView: plan.xView, yView: planned.view, frame: frame, columnWidth: grid.column)
        })
    }
    let frame = layout.frames[0]
    let traces = panels[0].traces
    let minimum = MinimumMark(plan, typesetter: typesetter, frame: frame, avoiding: traces)
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
      return !traces.contains { $0.touches(clear) } && minimum?.overlaps(clear) != true
    }
  }

  /// Whether there is a legend that found no place among the curves.
  var legendNeedsRoom: Bool {
    !layout.legendIsAbove && !layout.legend.entries.isEmpty && legendBox == nil
  }

  /// Everything to draw, in order.
  func calls() -> [DrawingCall] {
    let colors = layout.plan.figure.theme.colors
    var painter = Painter(typesetter: typesetter, grid: grid, colors: colors)
    for (index, frame) in layout.frames.enumerated() {
      painter.drawGrid(layout, index)
      let panel = panels[index]
      for (series, trace) in zip(panel.series, panel.traces) {
        painter.drawCurve(trace, series.stroke(in: colors))
      }
      for (series, trace) in zip(panel.series, panel.traces) {
        painter.drawPoints(trace, series)
      }
      painter.drawEdgeMarks(panel, frame)
      if index == 0 { minimum?.drawRing(&painter) }
      painter.drawFrame(frame)
      painter.drawTickMarks(layout, index)
    }
    painter.drawLabels(layout)
    painter.drawTitles(layout)
    minimum?.drawLabel(&painter)
    painter.drawLegend(layout, box: legendBox)
    painter.drawCaptions(layout)
    return painter.calls
  }
}
