/// A shift and a scale that bring a column's mean to 0 and its standard deviation to 1.
public struct Scaling: Hashable, Sendable {
  /// The mean.
  public let center: Double
  /// The standard deviation, with divisor n; 1 for a column that does not vary.
  public let scale: Double

  /// The scaling of the given mean and standard deviation.
  public init(center: Double, scale: Double) {
    self.center = center
    self.scale = scale
  }

  /// The standardised value.
  public func callAsFunction(_ value: Double) -> Double { (value - center) / scale }
  /// The value that has the given standardised one.
  public func inverse(_ value: Double) -> Double { value * scale + center }
}

extension Scaling {
  /// The scaling of values, which are summed as batches are.
  ///
  /// Nil if their standard deviation is not 0 but no double holds it with all digits.
  init?(of count: Int, _ value: (Int) -> Double) {
    // A mean that was rounded would leave a column that does not vary the deviation of that error.
    let first = count > 0 ? value(0) : 0
    if (0..<count).allSatisfy({ value($0) == first }) {
      self.init(center: first, scale: 1)
      return
    }
    let center = orderedMean(of: count, total: Double(count), value)
    let spread = MeanSquare(of: count, total: Double(count)) { value($0) - center }
    let scale = spread.value > 0 ? spread.root : 1
    guard scale.isNormal else { return nil }
    self.init(center: center, scale: scale)
  }
}
