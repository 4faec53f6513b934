extension Panel {
  /// What the view of the vertical axis shows, without its margin, where `measured` is the range of what was
  /// measured.
  func extended(_ measured: ClosedRange<Double>, isLogarithmic: Bool) -> ClosedRange<Double> {
    switch extent {
    case .values: measured
    case .symmetric(let fallback):
      symmetric(max(measured.lowerBound.magnitude, measured.upperBound.magnitude), fallback)
    case .nearMeasured: near(measured, isLogarithmic: isLogarithmic)
    }
  }

  private func symmetric(_ reach: Double, _ fallback: Double) -> ClosedRange<Double> {
    reach > 0 ? -reach...reach : -fallback...fallback
  }

  /// The measured range, and that of each curve and edge that stays within once its height of it.
  ///
  /// Of what goes farther, as near a pole or with few degrees of freedom, a quarter of the height is shown.
  private func near(
    _ measured: ClosedRange<Double>, isLogarithmic: Bool
  ) -> ClosedRange<Double> {
    let isFlat = measured.lowerBound == measured.upperBound
    let view =
      !isFlat
      ? View(
        low: measured.lowerBound, high: measured.upperBound, isLogarithmic: isLogarithmic)
      : isLogarithmic ? View(logarithmicOver: measured) : View(linearOver: measured)
    var (low, high) = (measured.lowerBound, measured.upperBound)
    let curves =
      series.filter { $0.role == .fitted }.map(\.y) + bands.flatMap { [$0.lower, $0.upper] }
    for values in curves {
      let values = values.filter { !$0.isNaN && ($0 > 0 || !isLogarithmic) }
      guard let lowest = values.min(), let highest = values.max() else { continue }
      low = min(low, view.fraction(of: lowest) >= -1 ? lowest : view.value(at: -0.25))
      high = max(high, view.fraction(of: highest) <= 2 ? highest : view.value(at: 1.25))
    }
    return low...high
  }
}
