/// A number as the sum of two doubles, the second far below the last digit of the first: about 32 digits.
///
/// Sums and products leave their rounding error in the second (Dekker 1971).
struct DoubleDouble: Sendable {
  private var high: Double
  private var low: Double

  init(_ value: Double) { (high, low) = (value, 0) }

  /// Appends both doubles.
  func write(to numbers: inout [Double]) { numbers += [high, low] }

  /// Takes what ``write(to:)`` has written from the front of some numbers.
  init(from numbers: inout ArraySlice<Double>) {
    high = numbers.removeFirst()
    low = numbers.removeFirst()
  }

  /// The nearest double.
  var value: Double { high + low }

  static func + (left: DoubleDouble, right: Double) -> DoubleDouble {
    var sum = left
    sum.add(right)
    return sum
  }

  static func - (left: DoubleDouble, right: Double) -> DoubleDouble { left + -right }

  private mutating func add(_ value: Double) {
    let sum = high + value
    let part = sum - high
    low += (high - (sum - part)) + (value - part)
    high = sum
    // So that the second stays small.
    let whole = high + low
    low -= whole - high
    high = whole
  }

  static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    left + right.high + right.low
  }

  static func * (left: DoubleDouble, right: Double) -> DoubleDouble {
    DoubleDouble(0).adding(left, times: right)
  }

  /// This and a product.
  func adding(_ other: DoubleDouble, times factor: Double) -> DoubleDouble {
    let product = other.high * factor
    let error = (-product).addingProduct(other.high, factor)
    return self + product + (error + other.low * factor)
  }

  /// This less a product.
  func subtracting(_ other: DoubleDouble, times factor: Double) -> DoubleDouble {
    adding(other, times: -factor)
  }
}
