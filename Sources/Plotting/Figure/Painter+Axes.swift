extension Painter {
  /// Draws the grid, both ways.
  mutating func drawGrid(_ axes: PlacedAxes) {
    let frame = axes.frame
    for y in axes.y(of: axes.yTicks.ticks.map(\.value), on: grid) {
      hairline(
        from: Point(x: frame.left, y: y), to: Point(x: frame.right, y: y), color: colors.grid)
    }
    for x in axes.x(of: axes.xTicks.ticks.map(\.value), on: grid) {
      hairline(
        from: Point(x: x, y: frame.top), to: Point(x: x, y: frame.bottom), color: colors.grid)
    }
  }

  /// Draws the line at 0 of a vertical axis.
  mutating func drawZeroLine(_ axes: PlacedAxes) {
    for y in axes.y(of: [0], on: grid) {
      hairline(
        from: Point(x: axes.frame.left, y: y), to: Point(x: axes.frame.right, y: y),
        color: colors.frame)
    }
  }

  /// Draws the left and the bottom edge.
  mutating func drawFrame(_ frame: Frame) {
    let corner = Point(x: frame.left, y: frame.bottom)
    hairline(from: Point(x: frame.left, y: frame.top), to: corner, color: colors.frame)
    hairline(from: corner, to: Point(x: frame.right, y: frame.bottom), color: colors.frame)
  }

  /// Draws the tick marks outside the frame.
  mutating func drawTickMarks(_ axes: PlacedAxes) {
    let frame = axes.frame
    for (values, length) in [(axes.yTicks.minor, 3.0), (axes.yTicks.ticks.map(\.value), 5.0)] {
      for y in axes.y(of: values, on: grid) {
        hairline(
          from: Point(x: frame.left - length, y: y), to: Point(x: frame.left, y: y),
          color: colors.frame)
      }
    }
    for (values, length) in [(axes.xTicks.minor, 3.0), (axes.xTicks.ticks.map(\.value), 5.0)] {
      for x in axes.x(of: values, on: grid) {
        hairline(
          from: Point(x: x, y: frame.bottom), to: Point(x: x, y: frame.bottom + length),
          color: colors.frame)
      }
    }
  }

  /// Writes the labels of the vertical axis.
  mutating func drawYLabels(_ axes: PlacedAxes, _ style: TextStyle = .label) {
    for tick in axes.yTicks.ticks {
      let line = typesetter.line(tick.label, style)
      let y = axes.frame.y(axes.yView.fraction(of: tick.value)) + style.halfDigit
      let right = axes.frame.left - FigureLayout.gap
      text(line, at: Point(x: right - line.width, y: y), color: colors.label)
    }
  }

  /// Writes the labels of the horizontal axis.
  mutating func drawXLabels(_ axes: PlacedAxes, _ style: TextStyle = .label) {
    for tick in axes.xTicks.ticks {
      texts(
        [typesetter.line(tick.label, style)], style,
        center: axes.frame.x(axes.xView.fraction(of: tick.value)),
        top: axes.frame.bottom + FigureLayout.gap, color: colors.label)
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
      drawRows(
        rows, left: frame.left,
        top: frame.top - FigureLayout.gap - Double(rows.count) * legend.rowHeight)
    }
  }

  /// Draws the entries of a legend in rows.
  mutating func drawRows(_ rows: [[Legend.Entry]], left: Double, top: Double) {
    for (index, row) in rows.enumerated() {
      var x = left
      for entry in row {
        drawEntry(
          entry, at: Point(x: x, y: top + Double(index) * (typesetter.height(of: .label) + 3)))
        x += entry.width + Legend.columnGap
      }
    }
  }

  private mutating func drawEntry(_ entry: Legend.Entry, at origin: Point) {
    var x = origin.x
    let baseline = origin.y + typesetter.measurer.extent(of: .label).ascent
    if let stroke = entry.stroke {
      let y = baseline - TextStyle.label.halfDigit
      let middle = Point(x: x + Legend.swatch / 2, y: y)
      if !entry.bandOpacities.isEmpty {
        let swatch = Frame(left: x, top: y - 5, right: x + Legend.swatch, bottom: y + 5)
        for opacity in entry.bandOpacities { fill(swatch, color: stroke.color, opacity: opacity) }
      } else if !entry.isPoints {
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
}

/// A frame with the views and ticks of its axes.
struct PlacedAxes {
  let frame: Frame
  let xView: View
  let yView: View
  let xTicks: Ticks
  let yTicks: Ticks

  /// The positions of values of the horizontal axis, where a line covers whole pixels.
  fileprivate func x(of values: [Double], on grid: PixelGrid) -> [Double] {
    values.map { grid.snap(frame.x(xView.fraction(of: $0))) }
  }

  /// The positions of values of the vertical axis, where a line covers whole pixels.
  fileprivate func y(of values: [Double], on grid: PixelGrid) -> [Double] {
    values.map { grid.snap(frame.y(yView.fraction(of: $0))) }
  }
}

extension TextStyle {
  /// Half the height of a digit: how far the baseline lies below a centred number's middle.
  var halfDigit: Double { 0.36 * size }
}
