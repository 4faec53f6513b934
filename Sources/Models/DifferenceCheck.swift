public import Autograd
internal import Formula

/// A comparison of the gradient of a model's mean loss or prediction with differences, element by element.
public struct DifferenceCheck: ~Copyable {
  /// What is differentiated: a mean over rows.
  public enum Quantity: Sendable {
    case loss
    /// The prediction, or the sum of its elements.
    case prediction
  }

  /// What was found of one element.
  public struct Finding: Sendable, Hashable {
    /// What the difference says of the gradient.
    public enum Verdict: String, Sendable {
      /// The two are the same, but for rounding.
      case agree
      /// They are not.
      case differ
      /// The slopes to both sides differ, so that there is no one gradient.
      case kink
    }

    /// By the engine.
    public let gradient: Double
    /// The central difference, extrapolated to a step of 0.
    public let difference: Double
    /// What the two say of each other.
    public let verdict: Verdict

    /// The distance of the two, relative to the larger one; 0 where both are 0.
    public var relativeError: Double {
      let largest = max(gradient.magnitude, difference.magnitude)
      return largest > 0 ? (gradient - difference).magnitude / largest : 0
    }
  }

  /// The value of the mean.
  public let value: Double
  /// Its gradient, an element for each of the parameters'.
  public let gradient: [Double]
  private var values: Executor<Double>
  private let data: Columns<Double>
  private let divisor: Double
  private var point: [Double]
  private let noise: [Double]

  /// A check at a point, which has a value for each element of the parameters; nothing is trained, so there is no
  /// dropout.
  public init(
    _ quantity: Quantity, of model: Model, data: consuming Columns<Double>, at point: [Double],
    threads: Int
  ) {
    precondition(point.count == model.parameterCount, "one value for each element")
    let graph = model.binding.graph
    let prediction = model.prediction
    let output =
      switch quantity {
      case .loss: model.validationLoss
      case .prediction: prediction.shape == .scalar ? prediction : sum(prediction)
      }
    let nodes = model.parameters.map { graph.parameter($0.name, $0.shape) }
    let gradients = graph.gradients(of: output, withRespectTo: nodes)
    noise = [Double](repeating: 0, count: model.noiseKeyCount * NoiseKey.count)
    let rows = data.rowCount
    var divisor = Double(rows)
    if case .loss = quantity, let column = model.weightColumn {
      divisor = (0..<rows).reduce(0) { $0 + data[column, $1] }
    }
    self.divisor = divisor
    var found = [Double](repeating: 0, count: 1 + model.parameterCount)
    var slopes = Executor<Double>(
      model.binding.program(of: [output] + gradients), batchRows: rows, threads: threads)
    slopes.means(
      of: 0..<rows, in: data, parameters: point + noise, divisor: divisor, into: &found)
    value = found[0]
    gradient = Array(found[1...])
    values = Executor<Double>(
      model.binding.program(of: [output]), batchRows: rows, threads: threads)
    self.data = data
    self.point = point
  }

  /// Compares one element.
  ///
  /// Steps of several sizes are tried, and the one whose extrapolations agree best is taken. A smooth mean agrees to
  /// nine digits and more, unless its gradient is tiny beside its value.
  public mutating func check(_ index: Int) -> Finding {
    let gradient = gradient[index]
    let size = max(point[index].magnitude, Self.leastSize)
    var best = Estimate(slope: .nan, error: .infinity, isKinked: false)
    var isKinked = false
    for factor in [64.0, 512, 8, 1, 1 / 8.0, 1 / 64.0] {
      let found = estimate(index, step: Self.cubeRoot * size * factor)
      if found.slope.isFinite, found.error < best.error { best = found }
      isKinked = found.isKinked
      if !isKinked, best.error <= 1e-10 * max(gradient.magnitude, best.slope.magnitude) { break }
    }
    let largest = max(gradient.magnitude, best.slope.magnitude)
    let agrees = (gradient - best.slope).magnitude <= Self.tolerance * largest + 4 * best.error
    return Finding(
      gradient: gradient, difference: best.slope,
      verdict: isKinked ? .kink : agrees ? .agree : .differ)
  }

  /// The cube root of the rounding error, the step that serves a plain central difference best.
  private static let cubeRoot = 6.055454452393343e-06
  /// Parameters that are smaller are stepped as if they were so large.
  private static let leastSize = 1e-2
  private static let tolerance = 1e-6

  /// What differences of some steps say of a slope.
  private struct Estimate {
    let slope: Double
    let error: Double
    /// Whether the slopes to both sides stay apart as the step is halved.
    let isKinked: Bool
  }

  /// The central difference of a step, of its half and of its quarter, extrapolated to 0 (Richardson): their errors are
  /// of the second order, then of the fourth.
  private mutating func estimate(_ index: Int, step: Double) -> Estimate {
    let whole = slopes(index, step)
    let half = slopes(index, step / 2)
    let quarter = slopes(index, step / 4)
    let first = (4 * half.central - whole.central) / 3
    let second = (4 * quarter.central - half.central) / 3
    let slope = (16 * second - first) / 15
    let jump = quarter.jump.magnitude
    return Estimate(
      slope: slope, error: (slope - second).magnitude + 2 * quarter.noise,
      // Where there is one slope, the sides come together as fast as the steps shrink.
      isKinked: jump > 0.75 * half.jump.magnitude
        && jump > max(16 * quarter.noise, 1e-3 * slope.magnitude))
  }

  /// The central difference, how far the slopes to both sides are apart, and what rounding makes of either.
  private mutating func slopes(
    _ index: Int, _ step: Double
  ) -> (central: Double, jump: Double, noise: Double) {
    let middle = point[index]
    let (upper, lower) = (middle + step, middle - step)
    let (above, below) = (value(at: upper, index), value(at: lower, index))
    let ofUpper = (above - value) / (upper - middle)
    let ofLower = (value - below) / (middle - lower)
    let rounding = 4 * .ulpOfOne * max(value.magnitude, above.magnitude, below.magnitude) / step
    return ((above - below) / (upper - lower), ofUpper - ofLower, rounding)
  }

  private mutating func value(at element: Double, _ index: Int) -> Double {
    let middle = point[index]
    point[index] = element
    defer { point[index] = middle }
    var found = [0.0]
    values.means(
      of: 0..<data.rowCount, in: data, parameters: point + noise, divisor: divisor, into: &found)
    return found[0]
  }
}
