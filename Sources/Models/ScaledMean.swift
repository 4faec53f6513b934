internal import Autograd

/// A mean of squares, which neither overflows nor vanishes: ``value`` in units whose square it is taken in.
struct MeanSquare {
  /// The mean of the squared terms, each in ``unit``s.
  let value: Double
  /// A power of two, no larger than the largest term; 1 if all terms are 0.
  let unit: Double

  /// A mean in units that were chosen elsewhere.
  init(value: Double, unit: Double) {
    self.value = value
    self.unit = unit
  }

  /// The unit in which terms are squared of which the largest magnitude is known.
  static func unit(of largest: Double) -> Double {
    largest > 0 && largest.isFinite ? largest.binade : 1
  }

  /// The root, in the terms' own unit.
  var root: Double { value.squareRoot() * unit }

  /// The mean of `term`s squared, which are summed as batches are and count by their weights.
  ///
  /// `total` is the sum of the weights. A term that is no finite number is the value.
  init(of count: Int, weight: (Int) -> Double = { _ in 1 }, total: Double, _ term: (Int) -> Double)
  {
    let largest = largestMagnitude(of: count, term)
    let unit = Self.unit(of: largest)
    self.unit = unit
    value =
      largest.isFinite
      ? orderedSum(count: count) { weight($0) * (term($0) / unit * (term($0) / unit)) } / total
      : largest
  }

  /// This by another mean of squares.
  func divided(by other: MeanSquare) -> Double {
    let units = unit / other.unit
    return value / other.value * units * units
  }
}

/// The mean of values, which are summed as batches are and count by their weights.
///
/// The largest exponent is taken out before they are added, so that only the mean itself can overflow or
/// vanish. `total` is the sum of the weights.
func orderedMean(
  of count: Int, weight: (Int) -> Double = { _ in 1 }, total: Double, _ value: (Int) -> Double
) -> Double {
  let largest = largestMagnitude(of: count, value)
  let unit = MeanSquare.unit(of: largest)
  return orderedSum(count: count) { weight($0) * (value($0) / unit) } / total * unit
}

/// The largest magnitude; nan if a value is.
private func largestMagnitude(of count: Int, _ value: (Int) -> Double) -> Double {
  var largest = LargestMagnitude()
  for index in 0..<count { largest.add(value(index)) }
  return largest.value
}

/// The largest magnitude of numbers; nan if one is.
struct LargestMagnitude {
  private(set) var value = 0.0

  mutating func add(_ number: Double) {
    value = value.isNaN || number.magnitude <= value ? value : number.magnitude
  }
}
