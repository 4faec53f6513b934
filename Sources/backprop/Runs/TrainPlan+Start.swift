import Autograd
import Formula
import Models
import Tables
import Training

extension TrainPlan {
  /// A value for each element of the parameters, and what is to be said of those that were given.
  ///
  /// A run that goes on has its own.
  func start<Scalar: Precision>(
    of model: Model, as _: Scalar.Type
  ) throws(Failure) -> (values: [Double], warnings: [String]) {
    let (start, warnings) = try self.model.startPoint(
      of: model, seed: settings.seed, reads: resume == nil)
    if let element = start.firstIndex(where: { !Scalar($0).isFinite }) {
      throw Failure(
        .usage,
        "--init: '\(model.parameterElement(element))' is \(start[element].shortestDecimal), too large "
          + "for float32; use --precision float64")
    }
    return (start, warnings)
  }

  /// What is likely a mistake, in sentences: in the formula, in the precision, in weights that do not act because each
  /// step is divided by the weight of its only row, and in a start where every gradient is 0.
  func doubts<Scalar: Precision>(
    of bound: BoundModel, as _: Scalar.Type, isFlat: Bool
  ) -> [String] {
    var doubts = bound.model.doubts().map(\.text)
    if Scalar.self == Float.self {
      for column in bound.model.columnsBlurredByFloat32(in: bound.table) {
        doubts.append(
          "many values of column \(excerpt(column)) are equal in float32: give "
            + "--precision float64, or --standardize "
            + "\(column == bound.model.target ? "all" : "inputs") with a model of 'inputs'")
      }
    }
    if settings.batchSize == .rows(1), let weights = bound.model.specification.weights,
      let values = try? bound.table.numbers(of: weights),
      values.contains(where: { $0 != 0 && $0 != 1 })
    {
      doubts.append(
        "--weights \(shortened(weights)): a step of one row is divided by its weight, so that only weights of 0 "
          + "change it; give a --batch-size")
    }
    if isFlat {
      doubts.append(
        "every gradient is 0 at the start, so nothing is trained; "
          + (bound.model.specification.formula.hasComparison
            ? "a comparison has no gradient" : "try other start values (--init)"))
    }
    return doubts
  }
}
