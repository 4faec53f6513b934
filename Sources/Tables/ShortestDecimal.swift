extension Double {
  /// The shortest decimal that reads back as the same double, as Python prints it.
  ///
  /// Decimal for 1e-4 ≤ |v| < 1e16, else with an exponent of at least two digits: `1.0`, `1e-05`,
  /// `1.5e+16`. Infinities are `inf` and `-inf`, every NaN is `nan`, zero keeps its sign.
  public var shortestDecimal: String {
    if isNaN { return "nan" }
    // Swift's own text differs in one range: it turns to exponents at 2⁵⁴, not at 1e16.
    if magnitude < 1e16 || magnitude >= 0x1p54 { return description }
    let sign = self < 0 ? "-" : ""
    var digits = magnitude.description.dropLast(".0".count)
    while digits.last == "0" { digits.removeLast() }
    let fraction = digits.dropFirst()
    return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e+16"
  }
}

extension [UInt8] {
  /// Appends the text of ``Swift/Double/shortestDecimal``.
  public mutating func append(shortestDecimal value: Double) {
    append(contentsOf: value.shortestDecimal.utf8)
  }
}
