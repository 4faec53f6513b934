/// What one pass over a curve's values tells.
///
/// A value is drawable if it and its x are finite and lie above `floor` and `xFloor`, which are 0 on
/// logarithmic axes.
struct SeriesStatistics: Sendable {
  /// The range of all finite x.
  private(set) var xRange: ClosedRange<Double>?
  /// The range of the drawable values.
  private(set) var yRange: ClosedRange<Double>?
  /// The indices of the first, the last and the lowest drawable value.
  private(set) var first = 0
  private(set) var last = 0
  private(set) var lowest = 0
  /// How many values are drawable.
  private(set) var count = 0
  /// How many values are not finite.
  private(set) var notFinite = 0
  /// How many finite values are not above `floor`.
  private(set) var notAbove = 0
  /// How many values have a finite x that is not above `xFloor`.
  private(set) var notPlaced = 0

  init(_ series: Series, floor: Double, xFloor: Double = -.infinity) {
    var (left, right) = (Double.infinity, -Double.infinity)
    var (low, high) = (Double.infinity, -Double.infinity)
    for (index, (x, y)) in zip(series.x, series.y).enumerated() {
      guard x.isFinite else {
        notFinite += 1
        continue
      }
      guard x > xFloor else {
        notPlaced += 1
        continue
      }
      left = min(left, x)
      right = max(right, x)
      guard y > floor && y < .infinity else {
        if y.isFinite { notAbove += 1 } else { notFinite += 1 }
        continue
      }
      if count == 0 { first = index }
      last = index
      count += 1
      if y < low {
        low = y
        lowest = index
      }
      high = max(high, y)
    }
    if left <= right { xRange = left...right }
    if low <= high { yRange = low...high }
  }
}

/// The smallest range that holds all of `ranges`.
func union(of ranges: some Sequence<ClosedRange<Double>>) -> ClosedRange<Double>? {
  ranges.reduce(nil) { (whole: ClosedRange<Double>?, range) in
    guard let whole else { return range }
    return min(whole.lowerBound, range.lowerBound)...max(whole.upperBound, range.upperBound)
  }
}
