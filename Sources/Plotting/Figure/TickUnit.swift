/// What the labels of an axis leave out: tick = constant + label × 10^power.
struct TickUnit: Hashable, Sendable {
  var constant: DecimalNumber?
  var power = 0

  /// Labels for numbers of one exponent in ascending order, and what they leave out.
  ///
  /// All have the same number of decimals; they are exact and distinct, since they are made from
  /// the same integers.
  static func labels(for numbers: [DecimalNumber]) -> ([String], TickUnit) {
    let numbers = withoutCommonZeros(numbers)
    let largest = numbers.max { $0.digits.magnitude < $1.digits.magnitude }
    guard let largest, let first = numbers.first, let last = numbers.last else {
      return ([], TickUnit())
    }
    let figures = String(largest.digits.magnitude).utf8.count
    if isPlain(numbers, lead: largest.leadingPower, figures: figures) {
      return (numbers.map(\.text), TickUnit())
    }
    if figures <= 6 {
      let power = largest.leadingPower
      let shifted = numbers.map {
        DecimalNumber(digits: $0.digits, exponent: $0.exponent - power)
      }
      return (shifted.map(\.text), TickUnit(power: power))
    }
    var block = 1
    while block < last.digits - first.digits { block *= 10 }
    let nearest = first.digits > 0 ? first.digits : last.digits
    let constant = nearest / block * block
    let remainders = numbers.map {
      DecimalNumber(digits: $0.digits - constant, exponent: $0.exponent)
    }
    var (labels, unit) = labels(for: remainders)
    unit.constant = DecimalNumber(digits: constant, exponent: first.exponent).stripped
    return (labels, unit)
  }

  /// Whether the numbers are written as they are, given their largest's first and all its figures.
  private static func isPlain(_ numbers: [DecimalNumber], lead: Int, figures: Int) -> Bool {
    let isWhole = numbers.allSatisfy { $0.exponent >= 0 }
    let isOrdinary = (-4...5).contains(lead) || isWhole && lead == 6 && figures > 4
    return isOrdinary && numbers.allSatisfy { $0.exponent < 7 && $0.text.count <= 9 }
  }

  /// The numbers with the zeros dropped that all have at the end.
  private static func withoutCommonZeros(_ numbers: [DecimalNumber]) -> [DecimalNumber] {
    let common = numbers.filter { $0.digits != 0 }.map { $0.stripped.exponent }.min()
    guard let common, let exponent = numbers.first?.exponent else {
      return numbers.map { _ in DecimalNumber(digits: 0, exponent: 0) }
    }
    let factor = (exponent..<max(exponent, common)).reduce(1) { result, _ in result * 10 }
    return numbers.map { DecimalNumber(digits: $0.digits / factor, exponent: common) }
  }

  /// What an axis title ends in to announce what the labels leave out: ` − 1 (×10⁻⁹)`.
  func announcement(isAlone: Bool) -> RichText {
    var ending: RichText = ""
    if let constant {
      let isNegative = constant.digits < 0
      let size = DecimalNumber(
        digits: Int(constant.digits.magnitude), exponent: constant.exponent)
      ending = RichText(isNegative ? " + " : " \(minus) ") + size.rich
    }
    guard power != 0 else { return ending }
    let factor = RichText(isAlone && ending.isEmpty ? "(×" : " (×") + .power(ofTen: power)
    return ending + factor + ")"
  }
}

extension DecimalNumber {
  /// The number as a reader likes it: written out if that is short, else with a power of ten.
  var rich: RichText {
    let number = stripped
    let lead = number.leadingPower
    if (-5...8).contains(lead) { return RichText(number.text) }
    let power = RichText.power(ofTen: lead)
    guard number.digits != 1 else { return power }
    let mantissa = DecimalNumber(digits: number.digits, exponent: number.exponent - lead)
    return RichText(mantissa.text + "×") + power
  }
}
