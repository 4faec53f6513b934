internal import Glibc

extension FitFigure {
  /// The canvas that was asked for, or one that suits the number of panels.
  var canvas: Figure.Size {
    if let size { return size }
    guard panels.count > 1 else { return Figure.Size(width: 640, height: 480) }
    let columns = gridColumns
    let rows = (panels.count + columns - 1) / columns
    let (width, height) = rows == 1 ? (320.0, 290.0) : columns <= 3 ? (250, 205) : (195, 165)
    return Figure.Size(width: 90 + width * Double(columns), height: 70 + height * Double(rows))
  }

  /// How many panels stand beside one another.
  var gridColumns: Int {
    let count = panels.count
    guard let size else {
      let rows = count <= 3 ? 1 : count <= 8 ? 2 : count <= 15 ? 3 : 4
      return (count + rows - 1) / rows
    }
    // Panels a third wider than high, and few empty places.
    func cost(_ columns: Int) -> Double {
      let rows = (count + columns - 1) / columns
      let aspect = size.width / Double(columns) / (size.height / Double(rows))
      return abs(log(aspect / 1.3)) + 0.2 * Double(rows * columns - count) / Double(columns)
    }
    return (1...count).min { cost($0) < cost($1) } ?? 1
  }

  /// Turns several panels into a list of things to draw.
  func gridDrawing(
    vector: Bool, measuring measurer: some TextMeasuring
  ) throws(PlotError) -> Drawing {
    let axes = try FitGridAxes(self)
    let typesetter = Typesetter(measurer: measurer)
    let grid = PixelGrid(vector: vector, scale: scale)
    let layout = try FitGridLayout(axes, typesetter: typesetter, grid: grid)
    var painter = Painter(typesetter: typesetter, grid: grid, colors: theme.colors)
    painter.draw(layout)
    let documentTitle =
      title ?? "\(yTitle.isEmpty ? "values" : yTitle) by \(xTitle.isEmpty ? "place" : xTitle)"
    let points = panels.map { panel in
      let count = zip(panel.x, panel.y).count { $0.isFinite && $1.isFinite }
      return "\(panel.title.isEmpty ? "" : panel.title + ", ")\(count) points"
        + (panel.curve == nil ? " without a curve" : "")
    }
    let summary =
      "\(panels.count) scatter plots of \(documentTitle), each with its fitted curve: "
      + points.joined(separator: "; ") + "."
    return Drawing(
      width: canvas.width, height: canvas.height, scale: vector ? 1 : scale,
      paper: theme.colors.paper, title: cleaned(documentTitle), summary: cleaned(summary),
      calls: painter.calls)
  }
}

/// The axes of several panels, with scales and views chosen: what does not depend on the canvas's size.
struct FitGridAxes {
  let figure: FitFigure
  /// The axes of each panel; nil where a panel has nothing to show.
  let panels: [FigureAxes?]
  let xViews: [View]
  let yViews: [View]
  /// Whether all panels have one scale.
  let sharesX: Bool
  let sharesY: Bool

  /// Chooses scales and views, or throws if no panel has anything to show.
  init(_ figure: FitFigure) throws(PlotError) {
    self.figure = figure
    panels = figure.panels.map { try? FigureAxes(figure.figure(of: FitFigure.Panel(of: $0))) }
    let drawn = panels.compactMap(\.self)
    guard !drawn.isEmpty else { throw PlotError(.nothingToDraw) }
    let places = drawn.map { ($0.panels[0].xRange ?? 0...0, $0.xView) }
    let values = drawn.map { ($0.panels[0].values, $0.panels[0].view) }
    let (x, y) = (Self.common(places), Self.common(values))
    sharesX = x != nil
    sharesY = y != nil
    xViews = panels.map { x ?? $0?.xView ?? drawn[0].xView }
    yViews = panels.map { y ?? $0?.panels[0].view ?? drawn[0].panels[0].view }
  }

  /// One view for ranges that are alike: most of them fill a third of it.
  private static func common(_ ranges: [(range: ClosedRange<Double>, view: View)]) -> View? {
    let isLogarithmic = ranges[0].view.isLogarithmic
    guard ranges.allSatisfy({ $0.view.isLogarithmic == isLogarithmic }),
      let all = union(of: ranges.map(\.range))
    else { return nil }
    let whole = isLogarithmic ? View(logarithmicOver: all) : View(linearOver: all)
    let wide = ranges.map(\.range).filter { $0.lowerBound < $0.upperBound }
    let filling = wide.filter {
      whole.fraction(of: $0.upperBound) - whole.fraction(of: $0.lowerBound) >= 0.3
    }
    return 4 * filling.count >= 3 * wide.count ? whole : nil
  }
}

extension FitFigure.Panel {
  /// The same panel without residuals.
  fileprivate init(of other: Self) {
    self = other
    residuals = nil
  }
}
