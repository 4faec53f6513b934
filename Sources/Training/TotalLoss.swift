public import Autograd
public import Models

/// The objective of a run over all rows of a table: the mean loss without dropout, with penalties.
public struct TotalLoss<Scalar: Precision>: ~Copyable {
  private var rows: TrainingRows<Scalar>
  private let penalty: Penalty<Scalar>
  /// The sum of the rows' weights.
  private let divisor: Double
  private let noise: [Scalar]
  private var executor: Executor<Scalar>

  /// The loss of `model` on the rows of `data`, whose columns are the model's; nil if they cannot be read.
  public init?(_ model: Model, rows data: consuming RowSupply<Scalar>, settings: Settings) {
    let rowCount = data.rowCount
    executor = Executor(
      model.gradientProgram, batchRows: rowCount, threads: settings.threads,
      mostWaveRows: data.mostWaveRows)
    rows = TrainingRows(
      data, order: .table, random: RandomNumbers(seed: 0, for: .shuffle), batchRows: rowCount,
      waveRows: executor.waveRows, team: nil)
    penalty = Penalty(l1: settings.l1, l2: settings.l2)
    noise = [Scalar](repeating: 0, count: model.noiseKeyCount * NoiseKey.count)
    guard let sum = rows.weightSum(of: 0..<rowCount, column: model.weightColumn) else { return nil }
    divisor = sum
  }

  /// The loss and its gradients at a point; nan if rows can no longer be read.
  public mutating func slope(at parameters: [Scalar]) -> Slope<Scalar> {
    var results = [Scalar](repeating: .nan, count: 1 + parameters.count)
    let isDone = rows.means(
      of: 0..<rows.count, by: &executor, parameters: parameters, noise: noise, divisor: divisor,
      into: &results)
    if isDone { penalty.add(to: &results, of: parameters) }
    return Slope(loss: results[0], gradients: Array(results[1...]))
  }

  /// Where a search for the minimum ended.
  ///
  /// `lossBefore` is the loss before its last step. In float32, gradients seldom get as small as the tolerance, so
  /// that a loss that cannot be lowered counts as converged too.
  public mutating func arrival(
    at parameters: [Scalar], from lossBefore: Double, _ tolerances: Tolerances
  ) -> Arrival {
    let slope = slope(at: parameters)
    if slope.isFlat(within: tolerances) { return .converged }
    if Double(slope.loss) < lossBefore { return .underway }
    guard canBeLowered(from: parameters, slope, byMoreThan: tolerances.change) else {
      return .converged
    }
    return .stuck(element: slope.steepest, gradient: Double(slope.gradients[slope.steepest]))
  }

  /// Whether a step downhill lowers the loss by more than `change`, and more than a ten-thousandth of it.
  ///
  /// Steps go against the gradient, as it is and as it would be if every element were counted in units of its
  /// own size. The first ones are twice as long as the largest element; each of the next is an eighth, down to
  /// what a number of the run's precision can differ by. On a parabola one of them has nearly a quarter of
  /// what can be won.
  private mutating func canBeLowered(
    from parameters: [Scalar], _ start: Slope<Scalar>, byMoreThan change: Double
  ) -> Bool {
    guard start.loss.isFinite, start.gradients.areFinite else { return false }
    let enough = Double(start.loss) - max(Double(start.loss.magnitude) / 10_000, change)
    let sizes = parameters.map { $0 == 0 ? 1 : Double($0.magnitude) }
    for units in [sizes.map { _ in 1 }, sizes] {
      let slopes = zip(start.gradients, units).map { Double($0) * $1 }
      let steepest = slopes.reduce(0) { max($0, $1.magnitude) }
      guard steepest > 0, steepest.isFinite else { continue }
      var length = 2 * zip(sizes, units).reduce(0) { max($0, $1.0 / $1.1) } / steepest
      for _ in stride(from: 0, through: Scalar.significandBitCount + 1, by: 3) {
        let trial = parameters.indices.map { index in
          Scalar(Double(parameters[index]) - length * slopes[index] * units[index])
        }
        if Double(slope(at: trial).loss) < enough { return true }
        length /= 8
      }
    }
    return false
  }
}

/// Where a search for the minimum ended.
public enum Arrival: Sendable, Hashable {
  /// There is no slope, or no step downhill lowers the loss.
  case converged
  /// The last step lowered the loss, and another may.
  case underway
  /// The last step lowered nothing, though another would: the element of the steepest slope, and that slope.
  case stuck(element: Int, gradient: Double)
}

/// A loss at one point, and its change there.
public struct Slope<Scalar: Precision> {
  /// The loss.
  public let loss: Scalar
  /// Its gradients in the order of the parameters.
  public let gradients: [Scalar]

  /// The Euclidean norm of the gradients.
  public var norm: Double { Double(Clipping.norm(of: gradients.span)) }

  /// The largest magnitude of a gradient; nan if one of them is.
  public var largest: Double { Double(Summation.largestMagnitude(gradients.span)) }

  /// Whether a search for the minimum treats it as 0.
  public func isFlat(within tolerances: Tolerances) -> Bool { largest <= tolerances.gradient }

  /// The index of the gradient of the largest magnitude.
  public var steepest: Int {
    gradients.indices.max { gradients[$0].magnitude < gradients[$1].magnitude } ?? 0
  }
}
