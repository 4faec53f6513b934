/// Functions for the few numbers that a step or an epoch needs, with the same bits on every machine.
///
/// The C library's differ in the last bits between versions and processors. These are made of operations
/// that IEEE 754 rounds correctly, and are within a few ulps of the true value; they are not fast.
///
/// The float64 kernels have an `exp`, a `log` and a `cos` too, which differ from these in the last bit of
/// one value in eight. Learning rates are printed to the last bit, so that neither can stand in for
/// the other without changing what a run prints: a cosine schedule in one epoch of eighteen.
enum Elementary {
  /// `base` to a whole power, by repeated squaring with twice the digits.
  ///
  /// It is the nearest double but for rare cases, so that `1 - power(base, n)` has as many digits as can be.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    precondition(exponent >= 0, "whole powers count from 0")
    // Each number is a double and what its rounding left over.
    func product(_ a: (Double, Double), _ b: (Double, Double)) -> (Double, Double) {
      let high = a.0 * b.0
      guard high.isFinite else { return (high, 0) }
      let low = (-high).addingProduct(a.0, b.0) + (a.0 * b.1 + a.1 * b.0)
      let sum = high + low
      return (sum, low - (sum - high))
    }
    var result = (1.0, 0.0)
    var square = (base, 0.0)
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = product(result, square) }
      rest >>= 1
      if rest > 0 { square = product(square, square) }
    }
    return result.0
  }

  /// `base`, 0 or more, to any power that is 0 or more.
  static func power(_ base: Double, _ exponent: Double) -> Double {
    precondition(base >= 0 && exponent >= 0, "powers of numbers that are not negative")
    if let whole = Int(exactly: exponent) { return power(base, whole) }
    return base == 0 ? 0 : exponential(exponent * logarithm(base))
  }

  /// e to the power of `x`.
  static func exponential(_ x: Double) -> Double {
    if x > 709 { return .infinity }
    if x < -745 { return 0 }
    let twos = (x / (ln2High + ln2Low)).rounded()
    let rest = (x - twos * ln2High) - twos * ln2Low
    var sum = 1.0
    for n in stride(from: 20.0, through: 1, by: -1) { sum = 1 + rest / n * sum }
    return Double(sign: .plus, exponent: Int(twos), significand: sum)
  }

  /// The natural logarithm of `x`, which is above 0.
  static func logarithm(_ x: Double) -> Double {
    precondition(x > 0, "logarithms of positive numbers")
    var significand = x.significand
    var twos = Double(x.exponent)
    if significand > 1.414_213_562_373_095 {
      significand /= 2
      twos += 1
    }
    // log m = 2 artanh((m - 1) / (m + 1))
    let s = (significand - 1) / (significand + 1)
    var sum = 0.0
    for n in stride(from: 25.0, through: 1, by: -2) { sum = sum * (s * s) + 1 / n }
    return twos * ln2High + (2 * s * sum + twos * ln2Low)
  }

  /// The cosine of π times `count`.
  static func cosine(halfTurns count: Double) -> Double {
    var rest = count.magnitude.truncatingRemainder(dividingBy: 2)
    if rest > 1 { rest = 2 - rest }
    if rest > 0.5 { return -cosine(halfTurns: 1 - rest) }
    let angle = (rest <= 0.25 ? rest : 0.5 - rest) * Double.pi
    let square = angle * angle
    var sum = 1.0
    if rest <= 0.25 {
      for n in stride(from: 20.0, through: 2, by: -2) { sum = 1 - square / (n * (n - 1)) * sum }
      return sum
    }
    for n in stride(from: 21.0, through: 3, by: -2) { sum = 1 - square / (n * (n - 1)) * sum }
    return angle * sum
  }

  /// The upper bits of log 2, few enough that small multiples are exact, and what is missing.
  private static var ln2High: Double { 0x1.62e42feep-1 }
  private static var ln2Low: Double { 0x1.a39ef35793c76p-33 }
}
