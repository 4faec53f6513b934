/// A picture of a fit: points, the curve fitted to them, its bands, and the residuals below.
///
/// A fit by groups has a panel for each, with one scale where their ranges are alike, and no residuals.
///
/// ```swift
/// var figure = FitFigure(
///   panels: [FitFigure.Panel(x: x, y: y, residuals: residuals)], xTitle: "conc (µM)", yTitle: "rate")
/// let places = figure.curvePlaces(ofPanel: 0)
/// figure.panels[0].curve = FitFigure.Curve(x: places, y: places.map(model))
/// let picture = try figure.picture(as: .svg, creator: "backprop 1.0")
/// ```
public struct FitFigure: Sendable {
  /// One fit: all of a table, or a group of it.
  public struct Panel: Sendable {
    /// The text above the panel if there are several: the name of the group.
    public var title: String
    /// The places of the points along the horizontal axis.
    public var x: [Double]
    /// The points' observed values; those that are not finite are marked and counted.
    public var y: [Double]
    /// What the fit leaves of each point; none if they are not to be drawn.
    public var residuals: [Double]?
    /// The fitted curve; none if the fit failed.
    public var curve: Curve?

    /// A panel with as many values as places, and as many residuals, if any.
    public init(
      title: String = "", x: [Double], y: [Double], residuals: [Double]? = nil, curve: Curve? = nil
    ) {
      precondition(x.count == y.count, "a panel has as many places as values")
      precondition(
        residuals.map { $0.count == x.count } ?? true, "a panel has a residual for each point")
      self.title = title
      self.x = x
      self.y = y
      self.residuals = residuals
      self.curve = curve
    }
  }

  /// Samples of a fitted curve and of its bands, in ascending order of place.
  public struct Curve: Sendable {
    /// The places, as ``FitFigure/curvePlaces(ofPanel:)`` gives them.
    public var x: [Double]
    /// The values; nan where the curve is not defined.
    public var y: [Double]
    /// Where the curve itself may lie.
    public var confidence: Band?
    /// Where new observations may lie.
    public var prediction: Band?

    /// A curve with as many values as places, and as many edges of each band.
    public init(
      x: [Double], y: [Double], confidence: Band? = nil, prediction: Band? = nil
    ) {
      precondition(
        ([y] + [confidence, prediction].compactMap(\.self).flatMap { [$0.lower, $0.upper] })
          .allSatisfy { $0.count == x.count }, "a curve and its bands have a value at each place")
      self.x = x
      self.y = y
      self.confidence = confidence
      self.prediction = prediction
    }
  }

  /// The lower and the upper edge of a band at each place of its curve; nan is a gap.
  public struct Band: Sendable {
    /// The lower edge.
    public var lower: [Double]
    /// The upper edge.
    public var upper: [Double]
    /// A band between two edges.
    public init(lower: [Double], upper: [Double]) {
      self.lower = lower
      self.upper = upper
    }
  }

  /// More groups than this do not fit in one picture.
  public static let mostPanels = 24

  /// The fits, from left to right and from top to bottom; at most ``mostPanels``.
  public var panels: [Panel]
  /// The canvas; nil is 640 by 480 px for one panel, and grows with the panels.
  public var size: Figure.Size?
  /// Device px to one px in a PNG.
  public var scale = 2.0
  /// The colours.
  public var theme = Figure.Theme.light
  /// The text above the picture; none by default.
  public var title: String?
  /// What the horizontal axis shows: a column's name with its unit.
  public var xTitle: String
  /// What the vertical axis shows.
  public var yTitle: String
  /// What the vertical axis of the residuals shows.
  public var residualTitle = "residual"
  /// How places are spread along the horizontal axis.
  public var xScale = Figure.XScale.linear
  /// How observed values are spread along the vertical axis; residuals are always linear.
  public var yScale = Figure.YScale.linear
  /// What the legend calls the bands, without `confidence` and `prediction`: the level.
  public var level = "95 %"

  /// A figure of one fit or of several.
  public init(panels: [Panel], xTitle: String, yTitle: String) {
    precondition(!panels.isEmpty, "a figure has a panel")
    self.panels = panels
    self.xTitle = xTitle
    self.yTitle = yTitle
  }

  /// The places at which a panel's curve and bands are wanted: one per device px or more, from the panel's first
  /// point to its last.
  ///
  /// Where all points have one place, the places span what the axis shows. They follow from the points, the
  /// canvas and the horizontal scale; set those first. A panel without any finite place has none.
  public func curvePlaces(ofPanel index: Int) -> [Double] {
    let isLogarithmic = xScale == .log && panels[index].x.contains { $0 > 0 && $0.isFinite }
    let places = panels[index].x.filter { $0.isFinite && ($0 > 0 || !isLogarithmic) }
    guard let low = places.min(), let high = places.max() else { return [] }
    let view =
      low < high
      ? View(low: low, high: high, isLogarithmic: isLogarithmic)
      : isLogarithmic ? View(logarithmicOver: low...high) : View(linearOver: low...high)
    let width = canvas.width / Double(gridColumns)
    let count = Int((width * max(scale, 2)).rounded(.up))
    // Strictly ascending, also where there are fewer numbers than places.
    return (0...count).reduce(into: []) { places, step in
      let inner = min(max(view.value(at: Double(step) / Double(count)), view.low), view.high)
      let place = step == 0 ? view.low : step == count ? view.high : inner
      if places.last.map({ place > $0 }) ?? true { places.append(place) }
    }
  }

  /// The axes that are linear though they were to be logarithmic, since nothing on them is positive.
  public var axesWithoutPositiveValues: [Figure.Axis] {
    func isFlat(_ values: (Panel) -> [Double]) -> Bool {
      !panels.contains { values($0).contains { $0 > 0 && $0.isFinite } }
    }
    return (xScale == .log && isFlat(\.x) ? [.horizontal] : [])
      + (yScale == .log && isFlat(\.y) ? [.vertical] : [])
  }
}
