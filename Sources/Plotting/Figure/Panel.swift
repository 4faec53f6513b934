/// One pair of axes and the curves on it.
struct Panel: Sendable {
  var yTitle: String
  var yScale: Figure.YScale
  /// The curves, the lowest first.
  var series: [Series]
  /// The bands behind the curves, the lowest first.
  var bands: [Band] = []
  /// How the view of the vertical axis follows from the values.
  var extent = Extent.values
  /// Whether runs of one shade have the same name.
  var isShadedByValue = false
  /// A remark at the end of the legend.
  var legendNote: String?
  /// How much of the height the panel takes, against the other panels.
  var share = 1.0

  /// How many ticks the vertical axis has: few where it only has to show what is far from 0.
  var tickCounts: ClosedRange<Int> {
    if case .symmetric = extent { 3...5 } else { Ticks.usualCounts }
  }

  /// How the view of a vertical axis follows from the values.
  enum Extent: Hashable, Sendable {
    /// All values.
    case values
    /// The measured values, and of fitted curves and bands what is near them.
    case nearMeasured
    /// As far below 0 as above it; as far as `fallback` if all values are 0. A line marks 0.
    case symmetric(fallback: Double)
  }
}

/// The area between two curves.
struct Band: Sendable {
  var name: String
  /// The places, in ascending order.
  var x: [Double]
  /// The lower and the upper edge at each place; nan is a gap, an infinite edge lies outside the frame.
  var lower: [Double]
  var upper: [Double]
  var opacity: Double
}

/// One curve.
struct Series: Sendable {
  /// What a curve is to its reader.
  enum Role: Hashable, Sendable {
    /// What was measured.
    case data
    /// What was measured, shown faintly behind its average.
    case backdrop
    /// The average of a backdrop.
    case average
    /// A line to compare what was measured with.
    case reference
    /// What was measured and a curve was fitted to: points, under that curve.
    case observed
    /// A fitted curve, which may leave the frame.
    case fitted

    /// Whether it was not measured itself: it is a line also where that is points.
    var isDrawnOver: Bool { self == .average || self == .reference || self == .fitted }
  }

  var name: String
  var x: [Double]
  var y: [Double]
  /// Which run the curve belongs to, and so its colour.
  var run: Int
  /// The run's colour on the ramp, from 0 to 1, where runs are too many to have one each.
  var shade: Double?
  var isValidation = false
  var role = Role.data
}

extension Panel {
  init(runs: [Figure.Run], yTitle: String, yScale: Figure.YScale, smoothing: Double?) {
    self.yTitle = yTitle
    self.yScale = yScale
    series = []
    for (index, run) in runs.enumerated() {
      series += run.lines.map { line in
        Series(
          name: line.name, x: line.x, y: line.y, run: index, isValidation: line.isValidation)
      }
    }
    shadeRuns(moreThan: Panel.mostColors)
    if let smoothing, smoothing != 0 { smooth(by: smoothing) }
  }

  /// Puts an average before every curve and names it in the legend.
  private mutating func smooth(by weight: Double) {
    precondition((0..<1).contains(weight), "a smoothing weight is at least 0 and below 1")
    let averages = series.map { series in
      var average = series
      average.y = movingAverage(of: series.y, weight: weight)
      average.role = .average
      return average
    }
    for index in series.indices { series[index].role = .backdrop }
    let note = "EMA \(weight)"
    series += averages
    if averages.count == 1 { series[1].name = note } else { legendNote = note }
  }
}

/// The exponential moving average of the finite values, corrected for its start at 0.
///
/// It has a gap where the values have one. It lies among the values so far, where rounding and underflow could
/// take it away from them.
private func movingAverage(of values: [Double], weight: Double) -> [Double] {
  var sum = 0.0
  var missing = 1.0
  var (lowest, highest) = (Double.infinity, -Double.infinity)
  return values.map { value in
    guard value.isFinite else { return .nan }
    (lowest, highest) = (min(lowest, value), max(highest, value))
    sum = weight * sum + (1 - weight) * value
    missing *= weight
    return min(max(sum / (1 - missing), lowest), highest)
  }
}
