extension Figure {
  /// What the picture is called: its title, or `Loss by epoch`.
  var documentTitle: String {
    title ?? panels.map { "\($0.yTitle) by \(xTitle)" }.joined(separator: ", ")
  }
}

extension FigureAxes {
  /// What the picture shows, in one sentence.
  var summary: String {
    panels.map { panel in
      let scale = panel.view.isLogarithmic ? " on a logarithmic axis" : ""
      let curves = zip(panel.panel.series, panel.statistics).filter { $0.0.role != .average }
        .map { describe($0, $1) }
      let average = panel.panel.series.contains { $0.role == .average } ? ", with averages" : ""
      return "Line chart of \(panel.panel.yTitle) by \(figure.xTitle)\(scale)\(average): "
        + curves.joined(separator: "; ")
    }.joined(separator: "; ") + "."
  }

  /// A curve in words.
  private func describe(_ series: Series, _ statistics: SeriesStatistics) -> String {
    let name = series.name.isEmpty ? "" : series.name + ", "
    func point(_ index: Int) -> String {
      let x = series.x[index]
      let whole = Int(exactly: x).map(String.init) ?? "\(x)"
      return "\(series.y[index]) at \(figure.xTitle) \(whole)"
    }
    let gaps = statistics.notFinite + statistics.notAbove
    let missing = gaps == 0 ? "no gaps" : "\(gaps) \(gaps == 1 ? "value" : "values") not shown"
    guard statistics.count > 0 else { return "\(name)no points, \(missing)" }
    return "\(name)\(statistics.count) \(statistics.count == 1 ? "point" : "points"), "
      + "first \(point(statistics.first)), last \(point(statistics.last)), "
      + "lowest \(point(statistics.lowest)), \(missing)"
  }
}
