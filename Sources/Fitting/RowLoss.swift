internal import Glibc

extension FitLoss {
  /// What one row adds to the objective, which is twice the loss, and to its derivatives by the prediction f.
  struct Row {
    /// The objective's part: r² in least squares.
    var objective: Double
    /// Minus half its slope: r in least squares.
    var pull: Double
    /// Half the curvature that steps go by, above 0: 1 in least squares.
    var curvature: Double
    /// That less half the true curvature: 0 in least squares.
    var excess: Double
  }

  /// Whether rows count by the squares of their residuals.
  var isLeastSquares: Bool { self == .leastSquares }

  /// Whether it is minus a log-likelihood, that of normal residuals included.
  public var hasLikelihood: Bool { isLeastSquares || isLikelihood }

  /// Whether it is minus a log-likelihood whose spread is known.
  public var isLikelihood: Bool { self == .bernoulli || self == .poisson }

  /// The row's part where the model gives `f` and the response is `y`, for a weight of 1.
  func row(_ f: Double, _ y: Double) -> Row {
    let r = y - f
    switch self {
    case .leastSquares: return Row(objective: r * r, pull: r, curvature: 1, excess: 0)
    case .huber(let size):
      let z = r.magnitude / size
      if z <= 1 { return Row(objective: r * r, pull: r, curvature: 1, excess: 0) }
      return Row(
        objective: size * size * (2 * z - 1), pull: r / z, curvature: 1 / z, excess: 1 / z)
    case .softL1(let size):
      let z = (r / size) * (r / size)
      let root = (1 + z).squareRoot()
      return Row(
        // 2(√(1 + z) − 1) without cancellation.
        objective: 2 * r * r / (1 + root), pull: r / root, curvature: 1 / root,
        excess: z / (root * root * root))
    case .cauchy(let size):
      let z = (r / size) * (r / size)
      return Row(
        objective: size * size * log1p(z), pull: r / (1 + z), curvature: 1 / (1 + z),
        excess: 2 * z / ((1 + z) * (1 + z)))
    case .poisson:
      let rate = exp(f)
      return Row(
        objective: 2 * (rate - y * f + logGamma(y + 1)), pull: y - rate, curvature: rate, excess: 0)
    case .bernoulli:
      guard f >= 0, f <= 1 else {
        return Row(objective: .nan, pull: .nan, curvature: .nan, excess: .nan)
      }
      let loss = (y > 0 ? -y * log(f) : 0) + (y < 1 ? (y - 1) * log1p(-f) : 0)
      let slope = (y > 0 ? -y / f : 0) + (y < 1 ? (1 - y) / (1 - f) : 0)
      let exact = (y > 0 ? y / (f * f) : 0) + (y < 1 ? (1 - y) / ((1 - f) * (1 - f)) : 0)
      // Fisher's, unless the probability has rounded to 0 or 1.
      let spread = f * (1 - f)
      let curvature = spread > 0 ? 1 / spread : exact
      return Row(
        objective: 2 * loss, pull: -slope, curvature: curvature, excess: curvature - exact)
    }
  }
}

extension FitLoss {
  /// A response whose squared distance is small where the loss is, for the search of start values.
  func linearised(_ response: Double) -> Double {
    self == .poisson ? log(max(response, 0.5)) : response
  }
}
