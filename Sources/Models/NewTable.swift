internal import Formula
public import Tables

/// A table that a trained model is measured on.
public struct NewTable {
  /// The rows that count, in which no value is missing.
  public let table: Table
  /// The model, which knows no weights where the table has none.
  public let model: Model

  /// The columns that a model must find in a table: inputs, target and what its loss names.
  ///
  /// Weights are read where there are some.
  public static func columnsNeeded(by model: Model) -> Set<String> {
    var needed = Set(model.columns.compactMap(\.name))
    if let weights = model.specification.weights { needed.remove(weights) }
    return needed
  }

  /// Checks a table, which must have the columns.
  ///
  /// Throws if a value is missing, unless such rows are to be dropped, if the loss has no meaning for a value of the
  /// target, and for a class that the model does not know; for another text too, unless `allowsUnknown`.
  public init(
    _ whole: Table, for model: Model, missing: MissingPolicy, allowsUnknown: Bool
  ) throws(BindingError) {
    let weights = model.specification.weights
    let hasWeights = weights.map(whole.columnNames.contains) ?? false
    self.model = weights == nil || hasWeights ? model : model.withoutWeights
    var needed = Self.columnsNeeded(by: model)
    if let weights, hasWeights { needed.insert(weights) }
    let names = needed.sorted()
    table = try whole.binding { () throws(TableError) in
      if missing == .error { try whole.checkNumbers(of: names) }
      let table = try whole.handling(missing, in: names)
      try table.checkNumbers(of: names)
      return table
    }
    try self.model.specification.checkWeights(of: table)
    try self.model.check(table, allowsUnknown: allowsUnknown)
  }
}

extension Model {
  /// The same model of a table without weights.
  fileprivate var withoutWeights: Model {
    var specification = specification
    if let weights = specification.weights { specification.leftOut.append(weights) }
    specification.weights = nil
    guard var model = try? Model(specification, schema: schema) else {
      preconditionFailure("a model needs no weights")
    }
    model.scalings = scalings
    return model
  }
}
