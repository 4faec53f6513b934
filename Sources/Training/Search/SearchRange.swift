internal import Autograd
internal import Glibc

/// Where the values of a setting are looked for: the numbers from `low` to `high`, both included.
public struct SearchRange: Hashable, Sendable {
  /// The smallest value.
  public let low: Double
  /// The largest value, not below `low`.
  public let high: Double
  /// Whether equal ratios count alike, and not equal differences; then `low` is above 0.
  public let isLogarithmic: Bool
  /// Whether the values are whole numbers.
  public let isWhole: Bool

  /// A range of finite numbers; those of whole numbers have ends of at most 2⁵³.
  public init(low: Double, high: Double, isLogarithmic: Bool = false, isWhole: Bool = false) {
    precondition(low.isFinite && high.isFinite && low <= high, "a range ascends")
    precondition(!isLogarithmic || low > 0, "a logarithmic range is above 0")
    precondition(
      !isWhole
        || max(low.magnitude, high.magnitude) <= 0x1p53 && low == low.rounded()
          && high == high.rounded(),
      "whole numbers are exact")
    self.low = low
    self.high = high
    self.isLogarithmic = isLogarithmic
    self.isWhole = isWhole
  }

  /// So many values at equal distances, from `low` to `high`; of one alone it is `low`.
  ///
  /// Numbers are rounded to twelve digits, or at equal ratios to four; whole numbers are rounded, so that some can be
  /// equal.
  public func spaced(_ count: Int) -> [Double] {
    (0..<count).map { index in
      switch index {
      case 0: low
      case count - 1: high
      default: value(at: Double(index) / Double(count - 1), digits: 12)
      }
    }
  }

  /// The value for a setting in one of the runs of a random search.
  ///
  /// A number depends on the seed and on both indices alone, so that runs can be divided among machines in any way.
  public func draw(seed: UInt64, run: Int, setting: Int) -> Double {
    let random = RandomNumbers(seed: seed, for: .search)
    if isWhole, !isLogarithmic {
      let count = UInt64(high - low) + 1
      let bits = random.bits(at: run, series: setting)
      return low + Double(bits.multipliedFullWidth(by: count).high)
    }
    let isNarrow = high - low < 1e-3 * max(low.magnitude, high.magnitude)
    return value(at: random.uniform(at: run, series: setting), digits: isNarrow ? 12 : 6)
  }

  /// The value at a part of the way from `low` to `high`, rounded to so many digits.
  ///
  /// A logarithmic one is rounded to four, so that the last bits of libm's functions, which differ between machines, do
  /// not show.
  private func value(at part: Double, digits: Int32) -> Double {
    let value =
      isLogarithmic
      ? rounded(exp(log(low) + part * (log(high) - log(low))), digits: 4)
      : rounded((1 - part) * low + part * high, digits: digits)
    let whole = isWhole ? value.rounded() : value
    return min(max(whole, low), high)
  }

  private func rounded(_ value: Double, digits: Int32) -> Double {
    var buffer = [CChar](repeating: 0, count: 40)
    let length = withVaList([digits - 1, value]) {
      vsnprintf(&buffer, buffer.count, "%.*e", $0)
    }
    let bytes = buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }
    return Double(String(decoding: bytes, as: UTF8.self)) ?? value
  }
}
