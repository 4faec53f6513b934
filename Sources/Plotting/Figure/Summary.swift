extension Figure {
  /// What the picture is called: its title, or `Loss by epoch`.
  var documentTitle: String {
    title ?? panels.map { "\($0.yTitle) by \(xTitle)" }.joined(separator: ", ")
  }
}

extension Plan {
  /// What the picture shows, in one sentence.
  var summary: String {
    panels.map { panel in
      let scale = panel.view.isLogarithmic ? " on a logarithmic axis" : ""
      let curves = zip(panel.panel.series, panel.surveys).filter { $0.0.role != .average }
        .map { describe($0, $1) }
      let average = panel.panel.series.contains { $0.role == .average } ? ", with averages" : ""
      return "Line chart of \(panel.panel.yTitle) by \(figure.xTitle)\(scale)\(average): "
        + curves.joined(separator: "; ")
    }.joined(separator: "; ") + "."
  }

  /// A curve in words.
  private func describe(_ series: Series, _ survey: Survey) -> String {
    let name = series.name.isEmpty ? "" : series.name + ", "
    func point(_ index: Int) -> String {
      let place = series.x[index]
      let whole = Int(exactly: place).map(String.init) ?? "\(place)"
      return "\(series.y[index]) at \(figure.xTitle) \(whole)"
    }
    let gaps = survey.notFinite + survey.notAbove
    let missing = gaps == 0 ? "no gaps" : "\(gaps) \(gaps == 1 ? "value" : "values") not shown"
    guard survey.count > 0 else { return "\(name)no points, \(missing)" }
    return "\(name)\(survey.count) \(survey.count == 1 ? "point" : "points"), "
      + "first \(point(survey.first)), last \(point(survey.last)), "
      + "lowest \(point(survey.lowest)), \(missing)"
  }
}
