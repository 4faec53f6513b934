/// What is minimised, which parameters are held, and how errors are estimated.
public struct FitSettings: Sendable {
  /// How the errors of estimates follow from residuals.
  public enum Errors: String, CaseIterable, Sendable {
    /// Sigmas and weights are relative; the residuals determine the size of the errors.
    case scaled
    /// Sigmas are the standard errors of the rows.
    case absolute
  }

  /// Where the limits of intervals come from.
  public enum Intervals: Sendable {
    /// Standard errors times a quantile.
    case standard
    /// The profile of the likelihood (Venables and Ripley 2002); as ``standard`` for a robust loss, which has none.
    case profile
    /// Quantiles of fits of rows drawn with replacement, with their standard deviations for errors.
    case bootstrap(count: Int, seed: UInt64)
  }

  /// The loss that is minimised.
  public var loss = FitLoss.leastSquares
  /// How errors follow from residuals.
  public var errors = Errors.scaled
  /// The confidence level of intervals, such as 0.95.
  public var level = 0.95
  /// Where limits come from.
  public var intervals = Intervals.standard
  /// The values of parameters that are held, by their number in the formula's order.
  public var fixed: [Int: Double] = [:]
  /// The ranges of parameters, by number; ends may be infinite.
  public var bounds: [Int: ClosedRange<Double>] = [:]
  /// Start values of some or all parameters, by number; start values of the others are searched.
  public var initial: [Int: Double] = [:]
  /// The number of steps after which a search ends, converged or not.
  public var mostIterations = 1000
  /// Threads that share the rows, or the draws; results do not change with it.
  public var threads = 1

  /// Least squares, from start values that are searched.
  public init() {}

  /// Whether errors are known without the residuals: from a likelihood, or from sigmas that are absolute.
  public var knowsErrors: Bool { loss.isLikelihood || errors == .absolute }
}

/// A loss that is summed over rows and minimised.
public enum FitLoss: Sendable, Equatable {
  /// The squares of the residuals.
  case leastSquares
  /// Squares up to a size, linear beyond (Huber 1964).
  ///
  /// The size, SciPy's `f_scale`, is the residual beyond which rows count less, in the unit of the response. It
  /// must be above 0, here and in the two losses below.
  case huber(Double)
  /// 2(√(1 + z) − 1) of z = (r/size)², times size²/2.
  case softL1(Double)
  /// log(1 + z) of z = (r/size)², times size²/2.
  case cauchy(Double)
  /// Minus the log-likelihood of responses from 0 to 1, where the model gives a probability.
  ///
  /// Where the model gives a probability outside 0 to 1, the loss is not finite.
  case bernoulli
  /// Minus the log-likelihood of counts, 0 or more, where the model gives the logarithm of the rate.
  case poisson
}
