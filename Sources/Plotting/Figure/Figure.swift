/// A picture of curves on axes, described apart from any way to draw it.
///
/// ```swift
/// var figure = Figure(runs: [Figure.Run(name: "adam", epochs: [0, 1], losses: [7.3, 2.6])])
/// figure.theme = .dark
/// ```
public struct Figure: Sendable {
  /// How losses are spread along the vertical axis.
  public enum YScale: String, CaseIterable, Sendable {
    /// Equal distances are equal differences.
    case linear
    /// Equal distances are equal ratios.
    case log
    /// Logarithmic if all is positive and most of it crowds at the bottom of a linear axis.
    case auto
  }

  /// How places are spread along the horizontal axis.
  public enum XScale: String, CaseIterable, Sendable {
    /// Equal distances are equal differences.
    case linear
    /// Equal distances are equal ratios.
    case log
  }

  /// One of the two axes.
  public enum Axis: Sendable {
    case horizontal, vertical
  }

  /// The colours on the paper.
  public enum Theme: String, CaseIterable, Sendable {
    /// Dark curves on white paper.
    case light
    /// Light curves on dark paper.
    case dark
  }

  /// The canvas in px, 96 to the inch.
  public struct Size: Hashable, Sendable {
    /// From left to right.
    public var width: Double
    /// From top to bottom.
    public var height: Double
    /// A size of `width` by `height` px.
    public init(width: Double, height: Double) {
      self.width = width
      self.height = height
    }
  }

  /// One training run: its curves, which share a colour.
  public struct Run: Sendable {
    /// One curve of a run.
    public struct Line: Sendable {
      /// What the legend calls the curve; nothing if there is only one.
      public var name: String
      /// The places along the horizontal axis, one for each value.
      public var x: [Double]
      /// The values; those that are not finite are marked and leave a gap.
      public var y: [Double]
      /// Whether the values are of data that the run was not trained on; such a curve is dashed.
      public var isValidation: Bool
      /// A curve with as many places as values.
      public init(name: String = "", x: [Double], y: [Double], isValidation: Bool = false) {
        precondition(x.count == y.count, "a curve has as many places as values")
        self.name = name
        self.x = x
        self.y = y
        self.isValidation = isValidation
      }
    }

    /// The curves, the lowest first.
    public var lines: [Line]

    /// A run of some curves.
    public init(lines: [Line]) { self.lines = lines }

    /// A run with a loss for every epoch, and perhaps a validation loss.
    ///
    /// The legend puts the run's name before `train` and `validation` where there are both.
    public init(
      name: String = "", epochs: [Double], losses: [Double], validationLosses: [Double]? = nil
    ) {
      lines = [Line(name: name, x: epochs, y: losses)]
      guard let validationLosses else { return }
      let prefix = name.isEmpty ? "" : name + " "
      lines[0].name = prefix + "train"
      lines.append(
        Line(name: prefix + "validation", x: epochs, y: validationLosses, isValidation: true))
    }
  }

  /// The canvas.
  public var size = Size(width: 640, height: 480)
  /// Device px to one px in a PNG.
  public var scale = 2.0
  /// The colours.
  public var theme = Theme.light
  /// The text above the picture; none by default.
  public var title: String?
  /// What the horizontal axis shows.
  public var xTitle: String
  /// How places are spread along the horizontal axis.
  public var xScale = XScale.linear
  /// Whether the values are points alone, without lines between them; averages stay lines.
  public var drawsPoints = false {
    didSet {
      let most = drawsPoints ? Panel.mostPointColors : Panel.mostColors
      for index in panels.indices { panels[index].shadeRuns(moreThan: most) }
    }
  }
  /// Whether the lowest point is ringed and its value and epoch written beside it.
  public var marksMinimum = false
  /// Pairs of axes from top to bottom; they share the horizontal one.
  var panels: [Panel]
  /// Whether the horizontal axis counts something, so that its ticks are whole numbers.
  var countsAlongX: Bool

  /// The losses of one or several runs by epoch.
  ///
  /// With `smoothing` W, from 0 to below 1, the curves are exponential moving averages,
  /// s = W·s + (1 − W)·y, corrected for their start, and what they smooth stays faintly behind.
  public init(
    runs: [Run], xTitle: String = "epoch", yTitle: String = "Loss", yScale: YScale = .linear,
    smoothing: Double? = nil
  ) {
    self.xTitle = xTitle
    countsAlongX = runs.allSatisfy { run in
      run.lines.allSatisfy { $0.x.allSatisfy { !$0.isFinite || $0 == $0.rounded() } }
    }
    panels = [Panel(runs: runs, yTitle: yTitle, yScale: yScale, smoothing: smoothing)]
  }

  /// Predicted values over observed ones, as points, with a line where they would be equal.
  ///
  /// Both axes have the same range.
  public init(observed: [Double], predicted: [Double], xTitle: String, yTitle: String) {
    self.init(
      runs: [Run(lines: [Run.Line(x: observed, y: predicted)])], xTitle: xTitle, yTitle: yTitle)
    countsAlongX = false
    size = Size(width: 560, height: 540)
    drawsPoints = true
    let finite = zip(observed, predicted).filter { $0.isFinite && $1.isFinite }
    let ends = [finite.map { min($0, $1) }.min(), finite.map { max($0, $1) }.max()]
      .compactMap(\.self)
    panels[0].series.append(Series(name: "", x: ends, y: ends, run: 0, role: .reference))
  }
}
