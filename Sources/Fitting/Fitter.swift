public import Autograd
internal import Formula
public import Models
public import Ranks
internal import Tables

/// Fits a model to the rows of a table, to all of them or group by group.
public final class Fitter: Sendable {
  /// The names of the parameters.
  let names: [String]
  let observations: Observations
  let programs: Programs
  let dimensions: Dimensions
  /// Unchecked: only the thread that asks for fits uses it.
  private nonisolated(unsafe) let team: Team?

  /// The rows: the model's columns, the response (the target, or the left side of a transformed one) and the weight
  /// of each row, which is 1/sigma² where sigmas are given; nil for 1.
  ///
  /// All have one element for each row. Weights are finite and not negative; a row of weight 0 does not count, and
  /// may hold what is not finite. The model's parameters must all be numbers: it has no layers. The processes of a
  /// `team` ask for the same fits of the same rows, in the same order, from the thread that joined it, and share
  /// the sums over rows.
  public convenience init(
    _ model: Model, columns: consuming Columns<Double>, response: [Double],
    weights: [Double]? = nil, team: Team? = nil
  ) {
    let rows = Rows(
      Rows.Shared(columns), response: response, rootWeights: weights?.map { $0.squareRoot() })
    self.init(model, .memory(rows, response.indices), team)
  }

  /// Rows that stay in their files, none of which has weight 0.
  ///
  /// `weights` gives the weights of consecutive rows; nil for 1. The fit has the same bits as that of the same rows
  /// in memory. If rows can no longer be read, its fault is ``Fit/Fault/unreadable(_:)``.
  public convenience init(
    _ model: Model, rows: StoredRows,
    weights: RowNumbers? = nil, team: Team? = nil
  ) {
    self.init(model, .stored(StoredObservations(rows, of: model, weights: weights)), team)
  }

  private init(_ model: Model, _ observations: Observations, _ team: Team?) {
    precondition(
      model.parameters.allSatisfy { $0.shape == .scalar } && model.noiseKeyCount == 0,
      "each parameter is one number")
    names = model.parameters.map(\.name)
    programs = Programs(model)
    dimensions = Dimensions(of: model)
    self.observations = observations
    self.team = team
  }

  /// Some rows that follow each other.
  func observations(in range: Range<Int>) -> Observations {
    switch observations {
    case .memory(let rows, _): return .memory(rows, range)
    case .stored:
      precondition(range == 0..<observations.count, "rows in files are fitted together")
      return observations
    }
  }

  /// The fit of at least one and of consecutive rows; of rows that stay in their files, only all can be fitted.
  ///
  /// It always returns. If the data have no answer, the verdict is not a success, and the estimates are nan if the
  /// formula is not finite. `settings` refer to parameters by their number in the formula's order. A bootstrap
  /// reads all rows into memory.
  public func fit(_ rows: Range<Int>, _ settings: FitSettings) -> Fit {
    FitRun(self, observations(in: rows), settings, team: team).fit()
  }

  /// The fits of groups of rows, in order, shared by the threads.
  ///
  /// Groups are often alike: the search of each begins where the fit of the largest ended, and is a full search if
  /// another point is lower or the curve explains little.
  public func fits(_ groups: [Range<Int>], _ settings: FitSettings) -> [Fit] {
    Groups(self, groups, settings).fits()
  }

  /// The fit of all rows.
  public func fit(_ settings: FitSettings) -> Fit { fit(0..<observations.count, settings) }

  /// The curve and the standard error of its height at rows of other columns of the model.
  ///
  /// Both are in the unit of the response as it was fitted, row by row. The error is nan if the estimates have no
  /// covariance.
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

  /// The predictions for rows of columns of the model, in the unit of the response as it was fitted.
  public func predictions(
    of fit: Fit, in rows: Range<Int>, of columns: borrowing Columns<Double>
  ) -> [Double] {
    Engines(programs, mostRows: rows.count)[[]].heights(of: columns, fit.estimates, in: rows)
  }
}
