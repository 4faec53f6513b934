internal import Autograd
internal import Glibc

/// Start values on the scales of the columns, spread evenly over what they might be.
struct Sampler {
  private let dimensions: Dimensions
  /// The parameters to draw.
  let searched: [Int]
  private let bounds: [Int: ClosedRange<Double>]
  private let spans: [Span]
  private let rowCount: Double
  /// For each number that a point is drawn by, what the sequence goes on by.
  private let strides: [Double]

  /// What is known of a column.
  private struct Span {
    var least: Double
    var largest: Double
    /// The least distance between different values, within reason.
    var spacing: Double
    var quantiles: [Double]
    /// Those of the magnitudes above 0.
    var sizes: [Double]

    var range: Double { largest > least ? largest - least : max(largest.magnitude, 1e-300) }
    var size: Double { max(largest.magnitude, least.magnitude, 1e-300) }
  }

  init(
    _ dimensions: Dimensions, _ rows: Rows, _ range: Range<Int>, searched: [Int],
    bounds: [Int: ClosedRange<Double>]
  ) {
    self.dimensions = dimensions
    self.searched = searched
    self.bounds = bounds
    rowCount = Double(range.count)
    let axes = searched.count * Self.numbersPerParameter
    var ratio = 2.0
    for _ in 0..<60 { ratio = pow(1 + ratio, 1 / Double(axes + 1)) }
    strides = (0..<axes).map { pow(ratio, -Double($0 + 1)) }
    spans = (0..<rows.shared.columns.columnCount).map { column in
      let sorted = range.map { rows.shared.columns[column, $0] }.sorted()
      let gaps = zip(sorted, sorted.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
      let sizes = sorted.map(\.magnitude).filter { $0 > 0 }.sorted()
      return Span(
        least: sorted[0], largest: sorted[sorted.count - 1],
        spacing: gaps.isEmpty ? 0 : gaps[gaps.count / 2],
        quantiles: Self.quantiles(of: sorted),
        sizes: Self.quantiles(of: sizes.isEmpty ? [1] : sizes))
    }
  }

  private static func quantiles(of sorted: [Double]) -> [Double] {
    (0...16).map { sorted[Int((Double(sorted.count - 1) * Double($0) / 16).rounded())] }
  }

  /// How many numbers from 0 to 1 a parameter is drawn by.
  private static var numbersPerParameter: Int { 3 }

  /// The values of a point of a sequence that fills a cube evenly: multiples of powers of a number that generalises
  /// the golden ratio (Roberts 2018).
  func values(at index: Int) -> [Double] {
    func number(_ axis: Int) -> Double {
      let value = 0.5 + Double(index + 1) * strides[axis]
      return value - value.rounded(.down)
    }
    return searched.indices.map { position in
      let first = position * Self.numbersPerParameter
      return value(of: searched[position], number(first), number(first + 1), number(first + 2))
    }
  }

  /// One value, by three numbers from 0 to 1: which way to draw it, how large it is, its sign.
  private func value(of parameter: Int, _ way: Double, _ size: Double, _ sign: Double) -> Double {
    if let bounds = bounds[parameter], bounds.lowerBound.isFinite, bounds.upperBound.isFinite,
      way < 0.5
    {
      return bounds.lowerBound + size * (bounds.upperBound - bounds.lowerBound)
    }
    let drawn = unboundedValue(of: parameter, way, size, sign)
    guard let bounds = bounds[parameter], !bounds.contains(drawn) else { return drawn }
    if bounds.contains(-drawn) { return -drawn }
    // As far inside of the bound as it is outside.
    let mirrored =
      drawn < bounds.lowerBound ? 2 * bounds.lowerBound - drawn : 2 * bounds.upperBound - drawn
    return min(max(mirrored, bounds.lowerBound), bounds.upperBound)
  }

  private func unboundedValue(
    of parameter: Int, _ way: Double, _ size: Double, _ sign: Double
  ) -> Double {
    let factor = sign < 0.75 ? 1.0 : -1.0
    switch dimensions.parts[parameter] {
    case .location(let column, let isAdded) where way < 0.6:
      let span = spans[column]
      let place = span.least + (1.3 * size - 0.15) * span.range
      // Half of the places by rows, as many of them may lie in one corner.
      let last = span.quantiles.count - 1
      let chosen = way < 0.3 ? place : span.quantiles[min(last, Int(size * Double(last + 1)))]
      return isAdded ? -chosen : chosen
    case .phase: return (2 * size - 1) * Double.pi
    case .exponent: return (sign < 0.85 ? 1 : -1) * pow(10, -0.9 + 1.8 * size)
    case .frequency where scale(of: parameter, byRange: true).power != 0:
      let (scale, power) = scale(of: parameter, byRange: true)
      let turns = pow(10, -0.6 + (0.6 + log10(max(rowCount, 4) / 2)) * size)
      return power < 0
        ? 2 * Double.pi * turns * scale : scale / turns
    default: break
    }
    if way >= 0.7, let (value, power) = valueOfRows(of: parameter, size) {
      // The fraction of the number that chose the row says how far off it is.
      let fraction = (way - 0.7) / 0.3
      return factor * value * pow(10, (2 * fraction - 1) * min(power.magnitude, 3))
    }
    let (scale, power) = scale(of: parameter, byRange: way < 0.55)
    if power == 0 { return factor * scale * pow(10, -2 + 3.3 * size) }
    let steps = log10(max(rowCount, 10)) + 0.5
    let (low, high) = power < 0 ? (-1.5, steps) : (-steps, 1.5)
    return factor * scale * pow(10, (low + (high - low) * size) * min(power.magnitude, 3))
  }

  /// The parameter's unit in the magnitudes that a part of the rows has below it; nil if it has none.
  private func valueOfRows(of parameter: Int, _ part: Double) -> (value: Double, power: Double)? {
    var value = 1.0
    var sum = 0.0
    for (column, power) in dimensions.powers[parameter].enumerated() where power != 0 {
      let sizes = spans[column].sizes
      value *= pow(sizes[min(sizes.count - 1, Int(part * Double(sizes.count)))], power)
      sum += power
    }
    return sum != 0 && value.isFinite && value > 0 ? (value, sum) : nil
  }

  /// The parameter's unit in the columns' ranges or sizes, and how many units it is made of.
  private func scale(of parameter: Int, byRange: Bool) -> (scale: Double, power: Double) {
    var scale = 1.0
    var sum = 0.0
    for (column, power) in dimensions.powers[parameter].enumerated() where power != 0 {
      scale *= pow(byRange ? spans[column].range : spans[column].size, power)
      sum += power
    }
    return (scale.isFinite && scale > 0 ? scale : 1, sum)
  }

  /// The frequencies, or periods, from a quarter of a turn over all rows to two rows a turn; none if the parameter is
  /// none of these.
  func frequencies(of parameter: Int) -> [Double] {
    guard case .frequency = dimensions.parts[parameter] else { return [] }
    let powers = dimensions.powers[parameter]
    let columns = powers.indices.filter { powers[$0] != 0 }
    guard columns.count == 1, powers[columns[0]].magnitude == 1 else { return [] }
    let span = spans[columns[0]]
    guard span.spacing > 0 else { return [] }
    let most = min(2 * rowCount, 2 * span.range / span.spacing)
    return (1...max(1, Int(most))).map { step in
      let turns = Double(step) / 4
      return powers[columns[0]] < 0 ? 2 * Double.pi * turns / span.range : span.range / turns
    }
  }

  /// The phases among the parameters to draw.
  var phases: [Int] {
    searched.filter {
      if case .phase = dimensions.parts[$0] { true } else { false }
    }
  }
}
