public import Tables

/// The answer of a fit: estimates, their errors, and how far they can be trusted.
///
/// Arrays have an element for each parameter, in order of appearance in the formula.
public struct Fit: Sendable {
  /// How a fit ended.
  public enum Verdict: String, CaseIterable, Sendable {
    /// A minimum was found to the last digits that float64 can resolve.
    case converged
    /// The curve passes through all points, up to rounding.
    case exact
    /// There are as many free parameters as rows and the errors of the rows are not known: estimates without errors.
    case noDegreesOfFreedom = "no_degrees_of_freedom"
    /// The data do not determine all parameters: some have no effect, or only combinations of them have one.
    case rankDeficient = "rank_deficient"
    /// There is no minimum: the sum keeps falling as parameters grow without bound.
    case noOptimum = "no_optimum"
    /// The search used up its steps, or stopped making progress away from a minimum.
    case notConverged = "not_converged"
    /// The formula is not finite in a row, whatever start values are tried.
    case notFinite = "not_finite"

    /// Whether the estimates answer the question.
    public var isSuccess: Bool {
      switch self {
      case .converged, .exact, .noDegreesOfFreedom: true
      case .rankDeficient, .noOptimum, .notConverged, .notFinite: false
      }
    }
  }

  /// Why there is no fit at all.
  public enum Fault: Sendable, Equatable {
    /// All weights are 0.
    case noRowCounts
    /// The response cannot be squared in float64.
    case responseTooLarge, responseTooSmall
    /// The formula is not finite at any start values tried: in this row never, if there is one.
    case formula(row: Int?)
    /// The rows stay in their files, and could not be read.
    case unreadable(TableError)
  }

  /// What is worth knowing about a fit besides its verdict.
  public enum Note: Sendable, Equatable {
    /// The given start values lead to a higher minimum than the one reported, which was found from others.
    case givenStartLeadsHigher
    /// Another minimum is nearly as low: its parameters, and how far its sum is above the least one, relative to
    /// that.
    case otherMinimum(parameters: [Double], rise: Double)
    /// How many of the bootstrap's draws have no minimum and were left out.
    case drawsLeftOut(Int, of: Int)
  }

  /// How the fit ended.
  public internal(set) var verdict: Verdict
  /// Why there is no fit, if the verdict is that nothing was finite.
  public internal(set) var fault: Fault?
  /// The values of the parameters; nan if there is no fit at all.
  public internal(set) var estimates: [Double]
  /// The errors of the estimates.
  ///
  /// nan where a parameter has none: it is fixed, held by a bound or not identifiable, or no degrees of freedom are
  /// left.
  public internal(set) var standardErrors: [Double]
  /// The lower limits of the intervals; nan where there are none.
  public internal(set) var lower: [Double]
  /// The upper limits of the intervals; nan where there are none.
  public internal(set) var upper: [Double]
  /// Row by row, that of the draws of a bootstrap; nan in the rows and columns of parameters without an error.
  public internal(set) var covariance: [[Double]]
  /// How many rows count: those of weight 0 do not.
  public internal(set) var observations: Int
  /// Observations less free parameters, or less the rank where it is lower.
  public internal(set) var degreesOfFreedom: Int
  /// The rank of the Jacobian by the free parameters.
  public internal(set) var rank: Int
  /// The sum of the squared residuals, weighted where there are weights; nan of maximum likelihood.
  public internal(set) var residualSumOfSquares: Double
  /// The root of the sum of squares by the degrees of freedom, of least squares; else nan.
  public internal(set) var residualStandardError: Double
  /// The part of the response's squares that the curve explains.
  ///
  /// They are taken about the mean, or about 0 for a linear formula without a constant. nan if the response does not
  /// vary, and for other losses.
  public internal(set) var r2: Double
  /// R² adjusted for the number of parameters; nan where ``r2`` is.
  public internal(set) var adjustedR2: Double
  /// The log-likelihood, with the variance at its maximum-likelihood value unless errors are absolute; nan for robust
  /// losses.
  public internal(set) var logLikelihood: Double
  /// Akaike's criterion, the variance counted as a parameter unless it is known.
  public internal(set) var aic: Double
  /// The Bayesian criterion, with the same parameters.
  public internal(set) var bic: Double
  /// The condition number of the Jacobian with its columns scaled to length 1.
  public internal(set) var conditionNumber: Double
  /// The minimum of a robust loss, half the sum of C² ρ((r/C)²); nan for other losses.
  public internal(set) var cost: Double
  /// Twice the difference of the log-likelihoods of a perfect fit and of this one; nan unless likelihood is
  /// maximised.
  public internal(set) var deviance: Double
  /// The deviance of a model with one value for all rows.
  public internal(set) var nullDeviance: Double
  /// The parameters that a bound holds.
  public internal(set) var atBound: [Int]
  /// The parameters that are not estimated: fixed ones, and those that a bound holds.
  public internal(set) var heldParameters: Set<Int>
  /// The parameters without a unique value.
  public internal(set) var notIdentifiable: [Int]
  /// Those of them that have no effect on the curve in any row.
  public internal(set) var withoutEffect: [Int]
  /// How many steps were tried.
  public internal(set) var iterations: Int
  /// What was minimised (the sum of squares, the cost, minus the log-likelihood), before the first and after each
  /// step.
  public internal(set) var history: [Double]
  /// The start values of the search that found the estimates.
  public internal(set) var start: [Double]
  /// What else is worth knowing.
  public internal(set) var notes: [Note]
  /// How many standard errors an interval reaches to each side; nan where there are none.
  public internal(set) var quantile: Double

  /// Correlations of the estimates; nan where there is no covariance.
  public var correlation: [[Double]] {
    covariance.indices.map { i in
      covariance.indices.map { j in
        i == j && !covariance[i][i].isNaN
          ? 1 : covariance[i][j] / (covariance[i][i].squareRoot() * covariance[j][j].squareRoot())
      }
    }
  }
}
