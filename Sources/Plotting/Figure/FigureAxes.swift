/// The axes of a figure, with their scales and views chosen: what does not depend on the canvas's size.
struct FigureAxes {
  /// One panel with what its values tell, and the view of its vertical axis.
  struct PanelAxes {
    let panel: Panel
    let statistics: [SeriesStatistics]
    /// What the view shows, without its margin.
    let values: ClosedRange<Double>
    let view: View

    /// The range of all places but those of fitted curves.
    var xRange: ClosedRange<Double>? {
      union(
        of: zip(panel.series, statistics).filter { $0.0.role != .fitted }.compactMap(\.1.xRange))
    }
  }

  let figure: Figure
  let xView: View
  let panels: [PanelAxes]

  /// Chooses scales and views, or throws if a panel has nothing to show.
  init(_ figure: Figure) throws(PlotError) {
    self.figure = figure
    var panels: [PanelAxes] = []
    let isLogarithmic = figure.xScale == .log && figure.hasPositivePlace
    for panel in figure.panels {
      panels.append(try PanelAxes(panel, xFloor: isLogarithmic ? 0 : -.infinity))
    }
    let xRange = union(of: panels.compactMap(\.xRange))
    guard let xRange else { throw PlotError(.nothingToDraw) }
    xView =
      isLogarithmic
      ? View(logarithmicOver: xRange)
      : View(linearOver: xRange, ofWholeNumbers: figure.countsAlongX)
    self.panels = panels
  }

  /// What the picture leaves out, one sentence each.
  var captions: [String] { Self.captions(of: [self]) }

  /// What some pictures together leave out.
  static func captions(of figures: [FigureAxes]) -> [String] {
    let statistics = figures.flatMap(\.panels).flatMap { panel in
      zip(panel.panel.series, panel.statistics).filter { !$0.0.role.isDrawnOver }.map(\.1)
    }
    let notFinite = statistics.reduce(0) { $0 + $1.notFinite }
    let notPositive = statistics.reduce(0) { $0 + $1.notAbove }
    let notPlaced = statistics.reduce(0) { $0 + $1.notPlaced }
    var captions: [String] = []
    if notFinite > 0 {
      captions.append("\(notFinite) \(notFinite == 1 ? "value is" : "values are") not finite (×)")
    }
    if notPositive > 0 {
      let values = notPositive == 1 ? "value ≤ 0 is" : "values ≤ 0 are"
      captions.append("\(notPositive) \(values) not on a log axis (▾)")
    }
    if notPlaced > 0 {
      let title = figures.first?.figure.xTitle ?? ""
      let place = title.isEmpty ? "a place" : cleaned(title)
      let values = notPlaced == 1 ? "value at \(place) ≤ 0 is" : "values at \(place) ≤ 0 are"
      captions.append("\(notPlaced) \(values) not on a log axis")
    }
    return captions
  }
}

extension FigureAxes.PanelAxes {
  init(_ panel: Panel, xFloor: Double) throws(PlotError) {
    let mayBeLogarithmic = panel.yScale == .log && panel.hasPositiveValue
    let statistics = panel.series.map {
      SeriesStatistics($0, floor: mayBeLogarithmic ? 0 : -.infinity, xFloor: xFloor)
    }
    let measured = union(
      of: zip(panel.series, statistics).filter { $0.0.role != .fitted }.compactMap(\.1.yRange))
    guard let measured else { throw PlotError(.nothingToDraw) }
    let isLogarithmic =
      switch panel.yScale {
      case .linear: false
      case .log: mayBeLogarithmic
      case .auto: panel.crowds(at: measured)
      }
    self.panel = panel
    self.statistics = statistics
    values = panel.extended(measured, isLogarithmic: isLogarithmic)
    view = isLogarithmic ? View(logarithmicOver: values) : View(linearOver: values)
  }
}

extension Figure {
  /// The axes that are linear though they were to be logarithmic, since nothing on them is positive.
  public var axesWithoutPositiveValues: [Axis] {
    let places = xScale == .log && !hasPositivePlace ? [Axis.horizontal] : []
    let isFlat = panels.contains { $0.yScale == .log && !$0.hasPositiveValue }
    return places + (isFlat ? [.vertical] : [])
  }

  /// Whether some place is one that a logarithmic axis can show.
  fileprivate var hasPositivePlace: Bool {
    panels.contains { panel in
      panel.series.contains { $0.role != .fitted && $0.x.contains { $0 > 0 && $0.isFinite } }
    }
  }
}

extension Panel {
  /// Whether some value is one that a logarithmic axis can show.
  fileprivate var hasPositiveValue: Bool {
    series.contains { $0.role != .fitted && $0.y.contains { $0 > 0 && $0.isFinite } }
  }

  /// Whether all values are positive and 60 % of them lie in the lowest 5 % of their range.
  fileprivate func crowds(at values: ClosedRange<Double>) -> Bool {
    guard values.lowerBound > 0, values.lowerBound < values.upperBound else { return false }
    let threshold = values.lowerBound + 0.05 * (values.upperBound - values.lowerBound)
    var (all, low) = (0, 0)
    for series in series where !series.role.isDrawnOver {
      for value in series.y where value.isFinite {
        all += 1
        if value <= threshold { low += 1 }
      }
    }
    return Double(low) >= 0.6 * Double(all)
  }
}
