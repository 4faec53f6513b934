extension FitFigure {
  /// Turns the figure into a list of things to draw.
  func drawing(
    vector: Bool, measuring measurer: some TextMeasuring
  ) throws(PlotError) -> Drawing {
    guard panels.count <= Self.mostPanels else {
      throw PlotError(.tooManyGroups(panels.count, most: Self.mostPanels))
    }
    if panels.count == 1 {
      return try figure(of: panels[0]).drawing(vector: vector, measuring: measurer)
    }
    do { return try gridDrawing(vector: vector, measuring: measurer) } catch {
      guard case .canvasTooSmall(let width, let height) = error.reason else { throw error }
      var larger = self
      larger.size = Figure.Size(width: Double(width), height: Double(height))
      _ = try larger.drawing(vector: vector, measuring: measurer)  // or throws a larger size
      throw error
    }
  }

  /// The figure of one panel and, if it has them, its residuals.
  func figure(of panel: Panel) -> Figure {
    var figure = Figure(runs: [], xTitle: xTitle)
    figure.size = canvas
    figure.scale = scale
    figure.theme = theme
    figure.title = title
    figure.xScale = xScale
    figure.countsAlongX = false
    figure.drawsPoints = true
    figure.panels = [axesPanel(of: panel)]
    if let residuals = residualPanel(of: panel) { figure.panels.append(residuals) }
    return figure
  }

  /// The points, the curve and the bands of a panel.
  func axesPanel(of panel: Panel) -> Plotting.Panel {
    var axes = Plotting.Panel(runs: [], yTitle: yTitle, yScale: yScale, smoothing: nil)
    axes.extent = .nearMeasured
    axes.series = [Series(name: "", x: panel.x, y: panel.y, run: 0, role: .observed)]
    guard let curve = panel.curve else { return axes }
    axes.series.append(Series(name: "", x: curve.x, y: curve.y, run: 0, role: .fitted))
    func add(_ band: Band?, _ name: String, opacity: Double) {
      guard let band, zip(band.lower, band.upper).contains(where: { $0 < $1 }) else { return }
      axes.bands.append(
        Plotting.Band(
          name: level.isEmpty ? name : "\(level) \(name)", x: curve.x, lower: band.lower,
          upper: band.upper, opacity: opacity))
    }
    add(curve.prediction, "prediction", opacity: theme == .light ? 0.12 : 0.2)
    add(curve.confidence, "confidence", opacity: theme == .light ? 0.25 : 0.35)
    return axes
  }

  /// The residuals of the points that the panel above counts as shown.
  private func residualPanel(of panel: Panel) -> Plotting.Panel? {
    guard let residuals = panel.residuals else { return nil }
    let isLogarithmic = xScale == .log && panel.x.contains { $0 > 0 && $0.isFinite }
    let shown = panel.x.indices.filter { index in
      let x = panel.x[index]
      return x.isFinite && panel.y[index].isFinite && (x > 0 || !isLogarithmic)
    }
    let kept = shown.map { residuals[$0] }
    guard kept.contains(where: \.isFinite) else { return nil }
    let values = panel.y.filter(\.isFinite)
    let height = (values.max() ?? 0) / 2 - (values.min() ?? 0) / 2
    let magnitude = height > 0 ? height : (values.first ?? 0).magnitude
    var axes = Plotting.Panel(runs: [], yTitle: residualTitle, yScale: .linear, smoothing: nil)
    axes.extent = .symmetric(fallback: magnitude > 0 ? 0.05 * magnitude : 0.05)
    axes.share = 0.5
    axes.series = [
      Series(name: "", x: shown.map { panel.x[$0] }, y: kept, run: 0, role: .observed)
    ]
    return axes
  }
}
