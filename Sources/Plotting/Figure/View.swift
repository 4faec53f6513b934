internal import Glibc

/// The stretch of numbers that an axis shows.
struct View: Hashable, Sendable {
  let low: Double
  let high: Double
  let isLogarithmic: Bool

  /// A view from `low` to `high`, which must differ.
  init(low: Double, high: Double, isLogarithmic: Bool = false) {
    precondition(low < high, "a view must have a width")
    self.low = low
    self.high = high
    self.isLogarithmic = isLogarithmic
  }

  /// A linear view of data with a margin of 5 % to each side.
  ///
  /// Of equal values, the margin is 5 % of the value; of one whole number, such as an epoch, it
  /// is a half. The margin is one unit in the last place at least, so that the view has a width.
  init(linearOver data: ClosedRange<Double>, ofWholeNumbers: Bool = false) {
    let (low, high) = (data.lowerBound, data.upperBound)
    let margin =
      if low < high { (high / 2 - low / 2) * 0.1 }  // halved first: the difference may overflow
      else if ofWholeNumbers { 0.5 } else if low == 0 { 0.05 } else { abs(low) * 0.05 }
    self.init(
      low: max(min(low - margin, low.nextDown), -.greatestFiniteMagnitude),
      high: min(max(high + margin, high.nextUp), .greatestFiniteMagnitude))
  }

  /// A logarithmic view of positive data with a margin of 5 % of the range of logarithms.
  ///
  /// Equal values get a decade to each side.
  init(logarithmicOver data: ClosedRange<Double>) {
    let (low, high) = (data.lowerBound, data.upperBound)
    let stretch = low < high ? exp(0.05 * logRatio(high, low)) : 10
    self.init(
      low: max(min(low / stretch, low.nextDown), .leastNonzeroMagnitude),
      high: min(max(high * stretch, high.nextUp), .greatestFiniteMagnitude),
      isLogarithmic: true)
  }

  /// Where `value` lies between the ends: 0 at `low`, 1 at `high`.
  func fraction(of value: Double) -> Double {
    isLogarithmic
      ? logRatio(value, low) / logRatio(high, low)
      : (value * unit - low * unit) / (high * unit - low * unit)
  }

  /// The finite value that lies at a fraction, which may lie outside 0 to 1.
  func value(at fraction: Double) -> Double {
    guard isLogarithmic else {
      let value = low + (high * unit - low * unit) * fraction / unit
      return min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
    }
    let value = exp(log(low) + fraction * logRatio(high, low))
    return min(max(value, .leastNonzeroMagnitude), .greatestFiniteMagnitude)
  }

  /// Whether `value` lies between the ends.
  func contains(_ value: Double) -> Bool { low <= value && value <= high }

  /// A half where differences could overflow, else one: tiny numbers would lose their last bit.
  var unit: Double { max(abs(low), abs(high)) > 1 ? 0.5 : 1 }
}

/// The natural logarithm of a / b, exact for neighbouring numbers and free of overflow.
private func logRatio(_ a: Double, _ b: Double) -> Double {
  let excess = (a - b) / b
  return abs(excess) < 0.5 ? log1p(excess) : log(a) - log(b)
}
