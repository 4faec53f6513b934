/// A figure with its views chosen: what does not depend on the size of the canvas.
struct Plan {
  /// One panel with what its values tell.
  struct PlannedPanel {
    let panel: Panel
    let surveys: [Survey]
    let view: View
  }

  let figure: Figure
  let xView: View
  let panels: [PlannedPanel]

  /// Chooses scales and views, or throws if a panel has nothing to show.
  init(_ figure: Figure) throws(PlotError) {
    self.figure = figure
    var panels: [PlannedPanel] = []
    for panel in figure.panels { panels.append(try PlannedPanel(panel)) }
    let places = union(of: panels.flatMap(\.surveys).compactMap(\.places))
    guard let places else { throw PlotError(.nothingToDraw) }
    xView = View(linearOver: places, ofWholeNumbers: figure.countsAlongX)
    self.panels = panels
  }

  /// What the picture leaves out, one sentence each.
  var captions: [String] {
    let surveys = panels.flatMap { panel in
      zip(panel.panel.series, panel.surveys).filter { $0.0.role != .average }.map(\.1)
    }
    let notFinite = surveys.reduce(0) { $0 + $1.notFinite }
    let notPositive = surveys.reduce(0) { $0 + $1.notAbove }
    var captions: [String] = []
    if notFinite > 0 {
      captions.append("\(notFinite) \(notFinite == 1 ? "value is" : "values are") not finite (×)")
    }
    if notPositive > 0 {
      let values = notPositive == 1 ? "value ≤ 0 is" : "values ≤ 0 are"
      captions.append("\(notPositive) \(values) not on a log axis (▾)")
    }
    return captions
  }
}

extension Plan.PlannedPanel {
  init(_ panel: Panel) throws(PlotError) {
    let surveys = panel.series.map { Survey($0, floor: panel.yScale == .log ? 0 : -.infinity) }
    let values = union(of: surveys.compactMap(\.values))
    guard let values else { throw PlotError(.nothingToDraw) }
    let isLogarithmic =
      switch panel.yScale {
      case .linear: false
      case .log: true
      case .auto: panel.crowds(at: values)
      }
    self.panel = panel
    self.surveys = surveys
    view = isLogarithmic ? View(logarithmicOver: values) : View(linearOver: values)
  }
}

extension Panel {
  /// Whether all values are positive and 60 % of them lie in the lowest 5 % of their range.
  fileprivate func crowds(at values: ClosedRange<Double>) -> Bool {
    guard values.lowerBound > 0, values.lowerBound < values.upperBound else { return false }
    let threshold = values.lowerBound + 0.05 * (values.upperBound - values.lowerBound)
    var (all, low) = (0, 0)
    for series in series where series.role != .average {
      for value in series.y where value.isFinite {
        all += 1
        if value <= threshold { low += 1 }
      }
    }
    return Double(low) >= 0.6 * Double(all)
  }
}
