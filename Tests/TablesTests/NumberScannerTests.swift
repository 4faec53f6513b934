import Glibc
import Testing

@testable import Tables

@Suite struct NumberScannerTests {
  @Test(arguments: Spelling.allCases)
  func `bits are those of strtod`(spelling: Spelling) {
    var random = SplitMix(state: 1)
    var texts: [String] = []
    for _ in 0..<spelling.count { texts.append(spelling.text(&random)) }
    for text in texts {
      let found = scanned(text)
      #expect(found?.bitPattern == strtod(text, nil).bitPattern, "\(text)")
    }
  }

  @Test(arguments: [
    "9007199254740993", "9007199254740992.5", "18446744073709551615", "18446744073709551616",
    "9999999999999999999", "0.000000000000000000000000001", "2.2250738585072011e-308", "4.9e-324",
    "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308", "-0", "0e999",
    "-0.0e-400", "1e99999999999999999999", "1e-99999999999999999999", "00000000000000000000001.5",
    "0.00000000000000000000000000000000000000000001e44", "nan", "-nan", "-inf",
    "1.7976931348623159e308", "8.5e-27", "123456789012345678e27", "7e27", "1e23", "1e22",
  ])
  func `bits are those of strtod at the limits`(text: String) {
    #expect(scanned(text)?.bitPattern == strtod(text, nil).bitPattern)
  }

  private func scanned(_ text: String) -> Double? {
    (Array(text.utf8) + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer { bytes in
      bytes.baseAddress.flatMap { number(from: $0, to: $0 + text.utf8.count) }
    }
  }
}

/// A way to write random numbers.
enum Spelling: CaseIterable, Sendable {
  case short, seventeenDigits, anyBits, nineteenDigits, smallExponents, wide, halfway
  case subnormal, long

  var count: Int { self == .long ? 2000 : 20_000 }

  func text(_ random: inout SplitMix) -> String {
    let sign = ["", "-", "+"][random.index(3)]
    switch self {
    case .short: return "\(sign)\(random.index(100)).\(random.digits(random.index(8)))"
    case .seventeenDigits: return "\(sign)\(random.index(10)).\(random.digits(16))"
    case .anyBits: return "\(sign)\(random.finiteDouble().magnitude)"
    case .nineteenDigits:
      return "\(sign)\(random.digits(1 + random.index(20)))e\(random.index(80) - 40)"
    case .smallExponents:
      let split = random.index(20)
      return "\(sign)\(random.digits(split)).\(random.digits(19 - split))E\(random.index(20) - 10)"
    case .wide: return "\(sign)\(random.digits(1 + random.index(30)))e\(random.index(700) - 350)"
    case .halfway:
      // An odd number of 54 bits lies halfway between two doubles; its neighbours do not.
      let odd = random.next() >> 10 | 1 << 53 | 1
      let power = random.index(10)
      let (high, low) = odd.multipliedFullWidth(by: 1 << UInt64(power))
      return high == 0 ? "\(sign)\(low &+ UInt64(random.index(3)) &- 1)" : "\(sign)\(odd)"
    case .subnormal: return "\(sign)\(random.digits(17))e-\(320 + random.index(25))"
    case .long:
      return "\(sign)\(random.digits(random.index(200))).\(random.digits(1 + random.index(400)))"
    }
  }
}

extension SplitMix {
  mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  fileprivate mutating func digits(_ count: Int) -> String {
    let lead = String(repeating: "0", count: next() % 4 == 0 ? index(count + 1) : 0)
    return lead + (lead.count..<max(count, lead.count)).map { _ in String(index(10)) }.joined()
  }
}
