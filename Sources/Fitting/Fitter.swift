public import Autograd
public import Models

/// Fits a model to rows of one table, as often as is asked: to all of them, or group by group.
public final class Fitter: Sendable {
  /// The rows: the model's columns, the response (the target, or the left side of a transformed one) and the weight
  /// of each row, which is 1/sigma² where sigmas are given; nil for 1.
  ///
  /// The model's parameters must all be numbers: it has no layers.
  public init(_ model: Model, columns: consuming Columns<Double>, response: [Double], weights: [Double]? = nil) {
    fatalError()
  }

  /// The fit of some rows that follow each other.
  public func fit(_ rows: Range<Int>, _ settings: FitSettings) -> Fit { fatalError() }

  /// The curve and the standard error of its height at rows of other columns of the model (or the fit's own).
  public func curve(of fit: Fit, at columns: borrowing Columns<Double>) -> [(value: Double, error: Double)] { fatalError() }

  /// What the curve gives in each of the rows that were fitted.
  public func predictions(of fit: Fit, in rows: Range<Int>) -> [Double] { fatalError() }
}
