internal import Glibc

extension Ticks {
  /// Ways to mark a logarithmic axis, best first.
  static func logarithmic(
    over view: View, target: Double, counts: ClosedRange<Int> = usualCounts
  ) -> [Ticks] {
    let powers = Int(floor(log10(view.low))) - 1...Int(ceil(log10(view.high))) + 1
    func marks(_ factors: [Int]) -> [DecimalNumber] {
      powers.flatMap { power in factors.map { DecimalNumber(digits: $0, exponent: power) } }
        .filter { view.contains($0.value) }
    }
    let decades = marks([1])
    let byDecades = strides.map { stride in decades.filter { $0.exponent % stride == 0 } }
      .filter { (1...min(9, counts.upperBound)).contains($0.count) }
    let byFactors = [[1, 3], [1, 2, 5]].map(marks).filter { counts.contains($0.count) }
    let minor = decades.count <= 8 ? marks(Array(2...9)).map(\.value) : []
    let chosen = decades.count >= counts.lowerBound ? byDecades : byFactors
    let fallbacks =
      decades.count >= counts.lowerBound ? [] : linear(over: view, target: target, counts: counts)
    let powersOfTen = chosen.map { numbers in
      let isFine = numbers.count >= decades.count
      return Ticks(labellingPowers: numbers, minor: isFine ? minor : [])
    }
    return powersOfTen + fallbacks
  }

  /// How many decades lie between two labels.
  private static let strides = [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300]

  /// Ticks at numbers m·10^k, labelled in decimals if all are of ordinary size, else in powers.
  private init(labellingPowers numbers: [DecimalNumber], minor: [Double]) {
    let isPlain = numbers.allSatisfy { (1e-4...1e4).contains($0.value) }
    ticks = numbers.map { number in
      Tick(value: number.value, label: isPlain ? number.rich : number.inPowers)
    }
    let labelled = Set(ticks.map(\.value))
    self.minor = minor.filter { !labelled.contains($0) }
  }
}

extension DecimalNumber {
  /// The number as `10^k` or `m×10^k`.
  fileprivate var inPowers: RichText {
    digits == 1
      ? .power(ofTen: exponent) : RichText("\(digits)×") + .power(ofTen: exponent)
  }
}
