internal import Glibc

/// The marks of an axis.
struct Ticks: Hashable, Sendable {
  /// One labelled mark.
  struct Tick: Hashable, Sendable {
    let value: Double
    let label: RichText
  }

  /// The labelled marks, in ascending order.
  let ticks: [Tick]
  /// Where smaller marks without a label stand.
  var minor: [Double] = []
  /// What the axis title has to announce.
  var unit = TickUnit()
}

extension Ticks {
  /// How many ticks an axis of ordinary length has.
  static let usualCounts = 4...10

  /// Ways to mark a linear axis, best first.
  ///
  /// `target` is the number of ticks aimed at. Those of as many as `counts` allows come first, then
  /// others, which are for axes that have no room or too few numbers.
  static func linear(
    over view: View, target: Double, wholeNumbersOnly: Bool = false,
    counts: ClosedRange<Int> = usualCounts
  ) -> [Ticks] {
    let half = max(view.high / 2 - view.low / 2, .leastNonzeroMagnitude)
    let magnitude = Int(floor(log10(half)))
    // In decimals, as a tiny step is rounded to few bits.
    let low = DecimalNumber(view.low, figures: 17)
    var candidates: [(numbers: [DecimalNumber], cost: Double)] = []
    for power in (magnitude - 2)...(magnitude + 2) {
      for step in Step.allCases {
        let exponent = power - step.decimals
        if wholeNumbersOnly && exponent < 0 { continue }
        let numbers = multiples(of: step.digits, exponent: exponent, in: view, from: low)
        guard (1...10).contains(numbers.count) else { continue }
        let distance = abs(log(Double(numbers.count) / target))
        candidates.append(
          (numbers, distance + step.cost + (counts.contains(numbers.count) ? 0 : 1000)))
      }
    }
    if candidates.isEmpty && wholeNumbersOnly {
      return linear(over: view, target: target, counts: counts)
    }
    return candidates.sorted { $0.cost < $1.cost }.map { Ticks(labelling: $0.numbers) }
  }

  /// Ticks at `numbers`, which have one exponent, with labels made from their digits.
  init(labelling numbers: [DecimalNumber]) {
    let (labels, unit) = TickUnit.labels(for: numbers)
    ticks = zip(numbers, labels).map { Tick(value: $0.value, label: RichText($1)) }
    self.unit = unit
  }

  /// The multiples of a step that lie in a view, whose lower end is `low`; none if they are too many or not distinct.
  private static func multiples(
    of digits: Int, exponent: Int, in view: View, from low: DecimalNumber
  ) -> [DecimalNumber] {
    let step = DecimalNumber(digits: digits, exponent: exponent).value
    let ulp = max(view.low.ulp, view.high.ulp)
    guard step >= ulp, step < .infinity else { return [] }
    guard (view.high * view.unit - view.low * view.unit) / step <= 12 else { return [] }
    // The quotient may be off by two.
    let first =
      low.digits == 0
      ? 0
      : Int(floor(Double(low.digits) / Double(digits) * pow(10, Double(low.exponent - exponent))))
        - 2
    var numbers: [DecimalNumber] = []
    var previous = -Double.infinity
    // No more than 24 steps are in the view, see above.
    for index in first..<first + 32 {
      let number = DecimalNumber(digits: index * digits, exponent: exponent)
      let value = number.value
      if value > view.high { break }
      if value >= view.low {
        if value == previous { return [] }
        numbers.append(number)
        previous = value
      }
    }
    return numbers
  }
}

/// The first digits of a step.
private enum Step: CaseIterable {
  case one, two, twoAndAHalf, five

  var digits: Int {
    switch self {
    case .one: 1
    case .two: 2
    case .twoAndAHalf: 25
    case .five: 5
    }
  }

  /// How many of `digits` stand behind the point.
  var decimals: Int { self == .twoAndAHalf ? 1 : 0 }

  /// How much worse the step reads than 1, against the logarithm of the number of ticks.
  var cost: Double {
    switch self {
    case .one: 0
    case .two: 0.05
    case .twoAndAHalf: 0.25
    case .five: 0.08
    }
  }
}
