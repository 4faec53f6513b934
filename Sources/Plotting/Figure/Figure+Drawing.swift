extension Figure {
  /// Turns the figure into a list of things to draw.
  ///
  /// `vector` formats have no device pixels: there, lines are snapped to whole px and curves
  /// keep two columns of points a px.
  func drawing(
    vector: Bool, measuring measurer: some TextMeasuring
  ) throws(PlotError) -> Drawing {
    do {
      return try composed(vector: vector, measuring: measurer)
    } catch {
      guard case .canvasTooSmall(let width, let height) = error.reason else { throw error }
      var larger = self
      larger.size = Size(width: Double(width), height: Double(height))
      _ = try larger.drawing(vector: vector, measuring: measurer)  // or throws a larger size
      throw error
    }
  }

  private func composed(
    vector: Bool, measuring measurer: some TextMeasuring
  ) throws(PlotError) -> Drawing {
    let axes = try FigureAxes(self)
    let typesetter = Typesetter(measurer: measurer)
    let grid = PixelGrid(vector: vector, scale: scale)
    var composition = try ComposedFigure(
      axes, typesetter: typesetter, grid: grid, legendIsAbove: false)
    if composition.legendNeedsRoom {
      composition = try ComposedFigure(
        axes, typesetter: typesetter, grid: grid, legendIsAbove: true)
    }
    return Drawing(
      width: size.width, height: size.height, scale: vector ? 1 : scale,
      paper: theme.colors.paper, title: cleaned(documentTitle), summary: cleaned(axes.summary),
      calls: composition.calls())
  }
}
