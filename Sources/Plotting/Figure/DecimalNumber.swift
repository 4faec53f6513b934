internal import Glibc

/// An integer times a power of ten.
struct DecimalNumber: Hashable, Sendable {
  var digits: Int
  var exponent: Int

  init(digits: Int, exponent: Int) {
    self.digits = digits
    self.exponent = exponent
  }

  /// A finite double to a number of significant figures, 17 at most.
  init(_ value: Double, figures: Int) {
    var buffer = [CChar](repeating: 0, count: 40)
    _ = withVaList([Int32(figures - 1), value]) { arguments in
      vsnprintf(&buffer, buffer.count, "%.*e", arguments)
    }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    let parts = text.split(separator: "e")
    digits = parts.first.flatMap { Int($0.filter { $0 != "." }) } ?? 0
    exponent = (parts.last.flatMap { Int($0) } ?? 0) - (figures - 1)
  }

  /// The double nearest to the number, as reading its decimal text gives it.
  var value: Double { Double("\(digits)e\(exponent)") ?? .nan }

  /// The power of ten of the first digit; zero counts as 0.
  var leadingPower: Int { digits == 0 ? 0 : String(digits.magnitude).utf8.count - 1 + exponent }

  /// The same number without zeros at the end of `digits`.
  var stripped: DecimalNumber {
    guard digits != 0 else { return DecimalNumber(digits: 0, exponent: 0) }
    var number = self
    while number.digits % 10 == 0 {
      number.digits /= 10
      number.exponent += 1
    }
    return number
  }

  /// The number written out: every digit, no exponent, U+2212 for a minus.
  ///
  /// A negative `exponent` is the number of decimals: 50·10⁻² is `0.50`.
  var text: String {
    let sign = digits < 0 ? minus : ""
    var figures = String(digits.magnitude)
    if exponent >= 0 {
      return sign + figures + String(repeating: "0", count: digits == 0 ? 0 : exponent)
    }
    let missing = 1 - exponent - figures.utf8.count
    figures = String(repeating: "0", count: max(0, missing)) + figures
    return sign + figures.dropLast(-exponent) + "." + figures.suffix(-exponent)
  }
}

/// The minus sign of printed numbers.
let minus = "\u{2212}"
