public import Autograd
internal import Formula
public import Models

/// Fits a model to rows of one table, as often as is asked: to all of them, or group by group.
public final class Fitter: Sendable {
  /// The names of the parameters.
  let names: [String]
  let rows: Rows
  let programs: Programs
  let dimensions: Dimensions

  /// The rows: the model's columns, the response (the target, or the left side of a transformed one) and the weight
  /// of each row, which is 1/sigma² where sigmas are given; nil for 1.
  ///
  /// All have one element for each row. Weights are finite and not negative; a row of weight 0 does not count, and may
  /// hold what is not finite. The model's parameters must all be numbers: it has no layers.
  public init(
    _ model: Model, columns: consuming Columns<Double>, response: [Double],
    weights: [Double]? = nil
  ) {
    precondition(
      model.parameters.allSatisfy { $0.shape == .scalar } && model.noiseKeyCount == 0,
      "each parameter is one number")
    names = model.parameters.map(\.name)
    programs = Programs(model)
    rows = Rows(
      Rows.Shared(columns), response: response, rootWeights: weights?.map { $0.squareRoot() })
    dimensions = Dimensions(of: model)
  }

  /// The fit of some rows that follow each other, one at least.
  ///
  /// It always returns: data without an answer have a verdict that is no success, and estimates of nan where the formula
  /// is not finite. Parameters in `settings` go by their number in the formula's order.
  public func fit(_ rows: Range<Int>, _ settings: FitSettings) -> Fit {
    FitRun(self, rows, settings).fit()
  }

  /// The fits of groups of rows, in order, shared by the threads.
  ///
  /// Groups of one kind look alike: each is first sought where the largest ended, and in full where another point
  /// lies lower or the curve explains little.
  public func fits(_ groups: [Range<Int>], _ settings: FitSettings) -> [Fit] {
    Groups(self, groups, settings).fits()
  }

  /// The fit of all rows.
  public func fit(_ settings: FitSettings) -> Fit { fit(0..<rows.response.count, settings) }

  /// The curve and the standard error of its height at rows of other columns of the model.
  ///
  /// In the unit of the response as it was fitted, row by row. The error is nan where the estimates have no covariance.
  public func curve(
    of fit: Fit, at columns: borrowing Columns<Double>
  ) -> [(value: Double, error: Double)] {
    let free = fit.estimates.indices.filter { !fit.covariance[$0][$0].isNaN }
    let engine = Engines(programs, mostRows: columns.rowCount)[Array(fit.estimates.indices)]
    var curve: [(value: Double, error: Double)] = []
    let isKnown = free.count == fit.estimates.count - fit.heldParameters.count
    engine.executor.forEachBlock(
      of: 0..<columns.rowCount, in: columns, parameters: fit.estimates
    ) { lines, values in
      for lane in 0..<lines.count {
        var variance = 0.0
        for i in free {
          for j in free {
            variance += values[1 + i][lane] * fit.covariance[i][j] * values[1 + j][lane]
          }
        }
        curve.append((values[0][lane], isKnown ? max(0, variance).squareRoot() : .nan))
      }
    }
    return curve
  }

  /// What the curve gives in each of the rows that were fitted.
  public func predictions(of fit: Fit, in range: Range<Int>) -> [Double] {
    rows.heights(Engines(programs, mostRows: range.count), fit.estimates, in: range)
  }
}
