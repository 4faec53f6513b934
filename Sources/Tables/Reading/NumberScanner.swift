internal import CDecimal
import Glibc

/// A position in a text that ends with eight zero bytes.
typealias TextPointer = UnsafePointer<UInt8>

/// The number that a whole field spells, nil if it spells none.
///
/// Accepted is what `strtod` accepts in the C locale, with the same bits, except hexadecimal numbers,
/// `nan(…)` and leading space; `point` stands before the fraction, and an exponent may have a `d` as in Fortran. A decimal number beyond the largest double
/// gives infinity.
func number(
  from start: TextPointer, to end: TextPointer, point: UInt8 = UInt8(ascii: ".")
) -> Double? {
  if let decimal = scanDecimal(start, point: point) {
    return decimal.end == end ? decimal.value : nil
  }
  return isNumberWord(from: start, to: end) ? strtod(start) : nil
}

/// Whether a text is one of the words for infinity and NaN, with or without a sign.
private func isNumberWord(from start: TextPointer, to end: TextPointer) -> Bool {
  var word = UnsafeBufferPointer(start: start, count: end - start)[...]
  if word.first == UInt8(ascii: "-") || word.first == UInt8(ascii: "+") { word.removeFirst() }
  let lowercase = word.prefix(9).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  return ["inf", "infinity", "nan"].contains { lowercase.elementsEqual($0.utf8) }
}

/// Reads the longest decimal number at `start`; nil if there is none.
///
/// The value is that of `strtod`: rounded once, to nearest, ties to even.
@inline(__always)
func scanDecimal(_ start: TextPointer, point: UInt8) -> (value: Double, end: TextPointer)? {
  // The sign of a number is hard to predict: no branch depends on it.
  let isNegative = start[0] == UInt8(ascii: "-")
  let isSigned = isNegative || start[0] == UInt8(ascii: "+")
  var position = start + (isSigned ? 1 : 0)

  // Beyond 19 digits the mantissa wraps around, which the count of digits tells.
  var mantissa: UInt64 = 0
  let firstDigit = position
  while isDigit(position[0]) {
    mantissa = mantissa &* 10 &+ UInt64(position[0] & 15)
    position += 1
  }
  var digitCount = position - firstDigit
  var exponent = 0
  if position[0] == point {
    let fraction = position + 1
    position = scanDigits(fraction, &mantissa)
    exponent = fraction - position
    digitCount -= exponent
  }
  if digitCount == 0 { return nil }
  if (position[0] | 0x20) & ~1 == UInt8(ascii: "d") { exponent += scanExponent(&position) }

  let magnitude =
    digitCount <= 19 || significantDigits(from: firstDigit, point: point) <= 19
    ? product(mantissa, digits: digitCount, tenTo: exponent) : nil
  guard let magnitude else { return (strtod(start, to: position, point: point), position) }
  let sign: UInt64 = isNegative ? 1 << 63 : 0
  return (Double(bitPattern: magnitude.bitPattern | sign), position)
}

/// A mantissa of so many digits times a power of ten, rounded once; nil if that is beyond exact integer
/// arithmetic.
@inline(__always)
private func product(_ mantissa: UInt64, digits: Int, tenTo exponent: Int) -> Double? {
  var value = 0.0
  return bp_decimal(mantissa, digits, Int32(clamping: exponent), &value) ? value : nil
}

/// 10⁰ to 10⁷.
private let integerPowersOfTen: [UInt64] = [
  1, 10, 100, 1000, 10000, 100_000, 1_000_000, 10_000_000,
]

/// Appends the digits at `start` to `mantissa`, up to eight at a time; gives the position after them.
@inline(__always)
private func scanDigits(_ start: TextPointer, _ mantissa: inout UInt64) -> TextPointer {
  var position = start
  var digits = wordOfDigits(position)
  while digits.count == 8 {
    mantissa = mantissa &* 100_000_000 &+ decimal(digits.word)
    position += 8
    digits = wordOfDigits(position)
  }
  // The first digit is in the lowest byte: zeros shifted in below it lead the number.
  let word = (digits.word &<< UInt64(56 - 8 * digits.count)) &<< 8
  mantissa = mantissa &* integerPowersOfTen[digits.count] &+ decimal(word)
  return position + digits.count
}

/// Eight bytes less `0` each, and how many of them are digits before the first that is not.
@inline(__always)
private func wordOfDigits(_ position: TextPointer) -> (word: UInt64, count: Int) {
  let text = UInt64(littleEndian: UnsafeRawPointer(position).loadUnaligned(as: UInt64.self))
  let word = text ^ 0x3030_3030_3030_3030
  // The lowest byte above 9 is the first whose highest bit is set here: carries only go up.
  let others = (word &+ 0x7676_7676_7676_7676 | word) & 0x8080_8080_8080_8080
  return (word, others.trailingZeroBitCount >> 3)
}

/// The number of eight digits, the first in the lowest byte; pairs, then fours, then all are joined.
@inline(__always)
private func decimal(_ digits: UInt64) -> UInt64 {
  let pairs = (digits &* (10 << 8 + 1)) >> 8 & 0x00FF_00FF_00FF_00FF
  let fours = (pairs &* (100 << 16 + 1)) >> 16 & 0x0000_FFFF_0000_FFFF
  return (fours &* (10000 << 32 + 1)) >> 32
}

/// Passes an exponent if one stands at `position`, which is at an `e` or `d`, and gives it; else 0.
private func scanExponent(_ position: inout TextPointer) -> Int {
  var ahead = position + 1
  let isNegative = ahead[0] == UInt8(ascii: "-")
  if isNegative || ahead[0] == UInt8(ascii: "+") { ahead += 1 }
  if !isDigit(ahead[0]) { return 0 }
  var exponent = 0
  while isDigit(ahead[0]) {
    if exponent < 1 << 32 { exponent = exponent * 10 + Int(ahead[0] & 15) }
    ahead += 1
  }
  position = ahead
  return isNegative ? -exponent : exponent
}

/// The number of digits of the decimal at `start` from the first that is not 0.
private func significantDigits(from start: TextPointer, point: UInt8) -> Int {
  var position = start
  while position[0] == UInt8(ascii: "0") || position[0] == point { position += 1 }
  var count = 0
  while isDigit(position[0]) || position[0] == point {
    if isDigit(position[0]) { count += 1 }
    position += 1
  }
  return count
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

/// The double that C reads at `start`; for what the paths above leave over, and never in a hurry.
///
/// C's locale is the process's, which stays "C" unless somebody calls `setlocale`.
private func strtod(_ start: TextPointer) -> Double {
  UnsafeRawPointer(start).withMemoryRebound(to: CChar.self, capacity: 1) { Glibc.strtod($0, nil) }
}

/// The same for a decimal whose point or exponent may be written otherwise.
private func strtod(_ start: TextPointer, to end: TextPointer, point: UInt8) -> Double {
  var text = UnsafeBufferPointer(start: start, count: end - start).map { byte in
    byte == point ? UInt8(ascii: ".") : byte | 0x20 == UInt8(ascii: "d") ? UInt8(ascii: "e") : byte
  }
  text.append(0)
  return text.withUnsafeBufferPointer { $0.baseAddress.map(strtod) ?? 0 }
}
