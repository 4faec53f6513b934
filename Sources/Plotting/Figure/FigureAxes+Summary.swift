extension Figure {
  /// What the picture is called: its title, or `Loss by epoch`.
  var documentTitle: String {
    title ?? panels.map { title(of: $0) }.joined(separator: ", ")
  }

  /// What a panel shows, in a few words.
  fileprivate func title(of panel: Panel) -> String {
    let values = panel.yTitle.isEmpty ? "values" : panel.yTitle
    return xTitle.isEmpty ? values : "\(values) by \(xTitle)"
  }
}

extension FigureAxes {
  /// What the picture shows, in one sentence.
  var summary: String {
    panels.map { panel in
      let scale = panel.view.isLogarithmic ? " on a logarithmic axis" : ""
      let curves = zip(panel.panel.series, panel.statistics).filter { !$0.0.role.isDrawnOver }
        .map { describe($0, $1) }
      let average = panel.panel.series.contains { $0.role == .average } ? ", with averages" : ""
      let fit =
        panel.panel.series.contains { $0.role == .fitted }
        ? ", with a fitted curve" + panel.panel.bands.map { " and \($0.name)" }.joined() : ""
      let kind = figure.drawsPoints ? "Scatter plot" : "Line chart"
      return "\(kind) of \(figure.title(of: panel.panel))\(scale)\(average)\(fit): "
        + curves.joined(separator: "; ")
    }.joined(separator: "; ") + "."
  }

  /// A curve in words.
  private func describe(_ series: Series, _ statistics: SeriesStatistics) -> String {
    let name = series.name.isEmpty ? "" : series.name + ", "
    func point(_ index: Int) -> String {
      let axis = figure.xTitle.isEmpty ? "" : figure.xTitle + " "
      let x = series.x[index]
      let whole = Int(exactly: x).map(String.init) ?? "\(x)"
      return "\(series.y[index]) at \(axis)\(whole)"
    }
    let gaps = statistics.notFinite + statistics.notAbove + statistics.notPlaced
    let missing = gaps == 0 ? "no gaps" : "\(gaps) \(gaps == 1 ? "value" : "values") not shown"
    guard statistics.count > 0 else { return "\(name)no points, \(missing)" }
    return "\(name)\(statistics.count) \(statistics.count == 1 ? "point" : "points"), "
      + "first \(point(statistics.first)), last \(point(statistics.last)), "
      + "lowest \(point(statistics.lowest)), \(missing)"
  }
}
