extension Painter {
  /// Draws the grid of a panel, both ways.
  mutating func drawGrid(_ layout: FigureLayout, _ index: Int) {
    let frame = layout.frames[index]
    for y in yPositions(of: layout.yTicks[index].ticks.map(\.value), layout, alongYOf: index) {
      hairline(
        from: Point(x: frame.left, y: y), to: Point(x: frame.right, y: y), color: colors.grid)
    }
    for x in xPositions(of: layout.xTicks.ticks.map(\.value), layout) {
      hairline(
        from: Point(x: x, y: frame.top), to: Point(x: x, y: frame.bottom), color: colors.grid)
    }
  }

  /// Draws the left and the bottom edge.
  mutating func drawFrame(_ frame: Frame) {
    let corner = Point(x: frame.left, y: frame.bottom)
    hairline(from: Point(x: frame.left, y: frame.top), to: corner, color: colors.frame)
    hairline(from: corner, to: Point(x: frame.right, y: frame.bottom), color: colors.frame)
  }

  /// Draws the tick marks of a panel outside its frame.
  mutating func drawTickMarks(_ layout: FigureLayout, _ index: Int) {
    let frame = layout.frames[index]
    let ticks = layout.yTicks[index]
    for (values, length) in [(ticks.minor, 3.0), (ticks.ticks.map(\.value), 5.0)] {
      for y in yPositions(of: values, layout, alongYOf: index) {
        hairline(
          from: Point(x: frame.left - length, y: y), to: Point(x: frame.left, y: y),
          color: colors.frame)
      }
    }
    for (values, length) in [
      (layout.xTicks.minor, 3.0), (layout.xTicks.ticks.map(\.value), 5.0),
    ] {
      for x in xPositions(of: values, layout) {
        hairline(
          from: Point(x: x, y: frame.bottom), to: Point(x: x, y: frame.bottom + length),
          color: colors.frame)
      }
    }
  }

  /// Writes the labels of all ticks; those of the horizontal axis stand under the last panel.
  mutating func drawLabels(_ layout: FigureLayout) {
    for (index, frame) in layout.frames.enumerated() {
      let view = layout.axes.panels[index].view
      for tick in layout.yTicks[index].ticks {
        let line = typesetter.line(tick.label, .label)
        let y = frame.y(view.fraction(of: tick.value)) + TextStyle.label.halfDigit
        let right = frame.left - FigureLayout.gap
        text(line, at: Point(x: right - line.width, y: y), color: colors.label)
      }
    }
    let frame = layout.lowestFrame
    for tick in layout.xTicks.ticks {
      texts(
        [typesetter.line(tick.label, .label)], .label,
        center: frame.x(layout.axes.xView.fraction(of: tick.value)),
        top: frame.bottom + FigureLayout.gap, color: colors.label)
    }
  }

  /// Writes the titles of the figure and of its axes.
  mutating func drawTitles(_ layout: FigureLayout) {
    let frame = layout.lowestFrame
    let center = (frame.left + frame.right) / 2
    texts(layout.title, .title, center: center, top: Drawing.margin, color: colors.text)
    texts(
      layout.xTitle, .axisTitle, center: center,
      top: frame.bottom + FigureLayout.gap + typesetter.height(of: .label) + FigureLayout.titleGap,
      color: colors.text)
    for (lines, frame) in zip(layout.yTitles, layout.frames) {
      var x = Drawing.margin + typesetter.measurer.extent(of: .axisTitle).ascent
      for line in lines {
        let y = (frame.top + frame.bottom + line.width) / 2
        text(line, at: Point(x: x, y: y), color: colors.text, isRotated: true)
        x += typesetter.height(of: .axisTitle)
      }
    }
  }

  /// Writes what the picture leaves out, at the bottom of the canvas.
  mutating func drawCaptions(_ layout: FigureLayout) {
    let height = Double(layout.captions.count) * typesetter.height(of: .caption)
    let frame = layout.lowestFrame
    let half = (layout.captions.map(\.width).max() ?? 0) / 2
    let center = min(
      max((frame.left + frame.right) / 2, Drawing.margin + half),
      layout.size.width - Drawing.margin - half)
    texts(
      layout.captions, .caption, center: center, top: layout.size.height - Drawing.margin - height,
      color: colors.label)
  }

  /// Draws the legend, in its box or in rows above the frame.
  mutating func drawLegend(_ layout: FigureLayout, box: Frame?) {
    let legend = layout.legend
    if let box {
      fill(box, color: colors.paper, opacity: 0.9)
      let edges = [
        Point(x: grid.snap(box.left), y: grid.snap(box.top)),
        Point(x: grid.snap(box.right), y: grid.snap(box.top)),
        Point(x: grid.snap(box.right), y: grid.snap(box.bottom)),
        Point(x: grid.snap(box.left), y: grid.snap(box.bottom)),
      ]
      polyline(edges + [edges[0]], Stroke(color: colors.grid, width: grid.width(1)))
      for (row, entry) in legend.entries.enumerated() {
        let top = box.top + Legend.pad + Double(row) * legend.rowHeight
        drawEntry(entry, at: Point(x: box.left + Legend.pad, y: top))
      }
    } else if layout.legendIsAbove {
      let frame = layout.frames[0]
      let rows = legend.rows(within: frame.width)
      var top = frame.top - FigureLayout.gap - Double(rows.count) * legend.rowHeight
      for row in rows {
        var x = frame.left
        for entry in row {
          drawEntry(entry, at: Point(x: x, y: top))
          x += entry.width + Legend.columnGap
        }
        top += legend.rowHeight
      }
    }
  }

  private mutating func drawEntry(_ entry: Legend.Entry, at origin: Point) {
    var x = origin.x
    let baseline = origin.y + typesetter.measurer.extent(of: .label).ascent
    if let stroke = entry.stroke {
      let y = baseline - TextStyle.label.halfDigit
      let middle = Point(x: x + Legend.swatch / 2, y: y)
      if !entry.isPoints {
        polyline([Point(x: x, y: y), Point(x: x + Legend.swatch, y: y)], stroke)
      } else if entry.isRing {
        polyline(circle(around: middle, radius: 3), Stroke(color: stroke.color, width: 1.5))
      } else {
        disc(middle, radius: 3, stroke)
      }
      x += Legend.swatch + Legend.gap
    }
    text(entry.name, at: Point(x: x, y: baseline), color: colors.text)
  }

  private func yPositions(
    of values: [Double], _ layout: FigureLayout, alongYOf index: Int
  ) -> [Double] {
    let view = layout.axes.panels[index].view
    return values.map { grid.snap(layout.frames[index].y(view.fraction(of: $0))) }
  }

  private func xPositions(of values: [Double], _ layout: FigureLayout) -> [Double] {
    values.map { grid.snap(layout.frames[0].x(layout.axes.xView.fraction(of: $0))) }
  }
}

extension TextStyle {
  /// Half the height of a digit: how far the baseline lies below a centred number's middle.
  var halfDigit: Double { 0.36 * size }
}
