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

  /// One training run: a loss for every epoch.
  public struct Run: Sendable {
    /// What the legend calls the run; nothing if there is only one.
    public var name: String
    /// The epochs, one for each loss.
    public var epochs: [Double]
    /// The losses; those that are not finite are marked and leave a gap.
    public var losses: [Double]
    /// The validation losses, one for each epoch, if there are any.
    public var validationLosses: [Double]?
    /// A run with as many epochs as losses.
    public init(
      name: String = "", epochs: [Double], losses: [Double], validationLosses: [Double]? = nil
    ) {
      self.name = name
      self.epochs = epochs
      self.losses = losses
      self.validationLosses = validationLosses
    }
  }

  /// The canvas.
  public var size = Size(width: 640, height: 480)
  /// Device px to one px in a PNG.
  public var scale = 2.0
  /// The colours.
  public var theme = Theme.light
  /// What stands above the picture; nothing by default.
  public var title: String?
  /// What the horizontal axis shows.
  public var xTitle: String
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
      run.epochs.allSatisfy { !$0.isFinite || $0 == $0.rounded() }
    }
    panels = [Panel(runs: runs, yTitle: yTitle, yScale: yScale, smoothing: smoothing)]
  }
}
