internal import Formula
public import Tables

/// A table on which a trained model is measured.
public struct NewTable {
  /// The rows that count, in which no value is missing; of a table that stays in its files some of them.
  public let table: Table
  /// All rows that count, where they stay in their files.
  public let storedRows: StoredRows?
  /// The model, which knows no weights where the table has none.
  public let model: Model

  /// The columns that a table must have: the model's inputs, its target, and those that its loss names.
  ///
  /// Weights are read if the table has them.
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
    self.model = Self.model(model, for: whole.columnNames)
    let names = Set(self.model.columns.compactMap(\.name)).sorted()
    storedRows = nil
    table = try whole.binding { () throws(TableError) in
      if missing == .error { try whole.checkNumbers(of: names) }
      let table = try whole.handling(missing, in: names)
      try table.checkNumbers(of: names)
      return table
    }
    try self.model.specification.checkWeights(of: table)
    try self.model.check(table, allowsUnknown: allowsUnknown)
  }

  /// Checks a table that stays in its files: see ``init(_:for:missing:allowsUnknown:)``.
  public init(
    _ stored: StoredTable, for model: Model, missing: MissingPolicy, allowsUnknown: Bool
  ) throws(BindingError) {
    let bound = Self.model(model, for: stored.columnNames)
    var preparation = Preparation(bound.specification)
    preparation.missing = missing
    (storedRows, table) = try preparation.rows(
      of: stored, needed: Set(bound.columns.compactMap(\.name))
    ) { part throws(BindingError) in
      try bound.check(part, allowsUnknown: allowsUnknown)
    }
    try bound.specification.checkWeights(of: table)
    self.model = bound
  }

  /// The model, without weights where a table of these columns has none.
  private static func model(_ model: Model, for columns: [String]) -> Model {
    guard let weights = model.specification.weights, !columns.contains(weights) else {
      return model
    }
    return model.withoutWeights
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
