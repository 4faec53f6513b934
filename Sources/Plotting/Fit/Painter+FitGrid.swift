extension Painter {
  /// Draws a picture of several panels.
  mutating func draw(_ layout: FitGridLayout) {
    for (index, axes) in layout.panels.enumerated() {
      drawGrid(axes)
      if let contents = layout.contents[index] {
        drawContents(contents, axes.frame, size: FitGridLayout.contentSize)
      }
      drawFrame(axes.frame)
      drawTickMarks(axes)
    }
    for (index, axes) in layout.panels.enumerated() {
      if layout.hasYLabels(index) { drawYLabels(axes, .panelLabel) }
      if layout.hasXLabels(index) { drawXLabels(axes, .panelLabel) }
      let line = layout.panelTitles[index]
      let descent = typesetter.measurer.extent(of: .panelTitle).descent
      text(
        line,
        at: Point(
          x: (axes.frame.left + axes.frame.right - line.width) / 2,
          y: axes.frame.top - FitGridLayout.titleGap - descent),
        color: colors.text)
    }
    drawTitles(layout)
  }

  private mutating func drawTitles(_ layout: FitGridLayout) {
    let size = layout.axes.figure.canvas
    let frames = layout.panels.map(\.frame)
    let bottom = frames.map(\.bottom).max() ?? 0
    let center = frames[0].left + layout.panelsWidth / 2
    texts(layout.title, .title, center: center, top: Drawing.margin, color: colors.text)
    texts(
      layout.xTitle, .axisTitle, center: center,
      top: bottom + FigureLayout.gap + typesetter.height(of: .panelLabel) + FigureLayout.titleGap,
      color: colors.text)
    var x = Drawing.margin + typesetter.measurer.extent(of: .axisTitle).ascent
    for line in layout.yTitle {
      let y = (frames[0].top + bottom + line.width) / 2
      text(line, at: Point(x: x, y: y), color: colors.text, isRotated: true)
      x += typesetter.height(of: .axisTitle)
    }
    let captionHeight = Double(layout.captions.count) * typesetter.height(of: .caption)
    texts(
      layout.captions, .caption, center: size.width / 2,
      top: size.height - Drawing.margin - captionHeight, color: colors.label)
    let titleHeight =
      layout.title.isEmpty
      ? 0 : Double(layout.title.count) * typesetter.height(of: .title) + FigureLayout.gap
    drawRows(
      Legend.rows(of: layout.legend, within: layout.panelsWidth), left: frames[0].left,
      top: Drawing.margin + titleHeight)
  }
}
