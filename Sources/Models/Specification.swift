public import Formula

/// What a model is to be: its formula, its loss, and the roles of columns.
public struct Specification: Sendable {
  /// The prediction, from columns and parameters.
  public var formula: Formula
  /// What is made small.
  public var loss: ModelLoss
  /// The column to predict.
  public var target: String
  /// What of the target is predicted, as a formula in columns such as `log(y)`; nil for the target itself.
  public var response: Formula?
  /// The columns that `inputs` joins; nil for all but the target and the weights.
  public var features: [String]?
  /// Columns that `inputs` does not join, where `features` do not say which it joins.
  public var leftOut: [String] = []
  /// The column with the weight of each row.
  public var weights: String?

  /// A model of the squared error unless another loss is given.
  public init(
    formula: Formula, loss: ModelLoss = .squaredError, target: String, features: [String]? = nil,
    weights: String? = nil
  ) {
    self.formula = formula
    self.loss = loss
    self.target = target
    self.features = features
    self.weights = weights
  }

  /// The columns that `inputs` joins, for a table with the given columns.
  public func features(among columns: [String]) -> [String] {
    if let features { return features }
    let others = Set(leftOut + [target] + (weights.map { [$0] } ?? []))
    return columns.filter { !others.contains($0) }
  }

  /// The names of the columns that what is predicted is made of.
  var responseColumns: Set<String> { Set([target] + (response?.names.map(\.text) ?? [])) }

  /// The columns of a table that the model reads.
  public func columnsRead(among columns: [String]) -> Set<String> {
    var read = Set(formula.names.map(\.text) + (loss.formula?.names.map(\.text) ?? []))
    read.formUnion(responseColumns)
    read.formIntersection(columns)
    read.insert(target)
    if let weights { read.insert(weights) }
    if formula.usesInputs(among: columns) { read.formUnion(features(among: columns)) }
    return read
  }
}
