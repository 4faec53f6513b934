extension Double {
  /// The shortest decimal that reads back as the same double, as Python prints it.
  ///
  /// It has no exponent for 1e-4 ≤ |v| < 1e16, else one of at least two digits: `1.0`, `1e-05`, `1.5e+16`. Infinities are
  /// `inf` and `-inf`, every NaN is `nan`, and zero keeps its sign.
  public var shortestDecimal: String {
    if isNaN { return "nan" }
    // Swift's own text differs in one range, of whole numbers: its exponents begin at 2⁵³.
    if magnitude >= 0x1p53, magnitude < 1e16 { return "\(Int(self)).0" }
    return description
  }
}

extension [UInt8] {
  /// Appends the text of `shortestDecimal`.
  public mutating func append(shortestDecimal value: Double) {
    append(contentsOf: value.shortestDecimal.utf8)
  }
}
