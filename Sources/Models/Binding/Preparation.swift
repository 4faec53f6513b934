internal import Autograd
public import Formula
public import Tables

/// Which columns are brought to mean 0 and standard deviation 1.
public enum Standardization: String, CaseIterable, Sendable {
  /// Those that the model reads to predict.
  case inputs
  /// The target too.
  case all
}

/// What becomes of a table before a model is trained on it: which rows count, what is standardised,
/// what is set aside.
public struct Preparation: Sendable {
  /// The rows on which the loss is measured, and which are not trained on.
  public enum Validation: Sendable {
    /// A part of the table's rows, above 0 and below 1, taken at random.
    case part(Double, seed: UInt64)
    /// Another table.
    case table(Table)
  }

  /// The model to bind.
  public var specification: Specification
  /// What holds for the rows that count; nil for all rows.
  public var condition: Formula?
  /// What becomes of missing values in the columns that are read.
  public var missing = MissingPolicy.error
  /// What is standardised, if anything.
  public var standardization: Standardization?
  /// What is set aside, if anything.
  public var validation: Validation?

  /// The preparation of a table whose rows all count.
  public init(_ specification: Specification) { self.specification = specification }

  /// Binds the model to a table.
  public func bind(to whole: Table) throws(BindingError) -> BoundModel {
    try specification.checkColumns(of: whole)
    let table = try rowsInUse(
      of: whole, needed: specification.columnsRead(among: whole.columnNames))
    var bound = BoundModel(table: table, validation: nil, model: try model(of: table))
    switch validation {
    case .part(let part, let seed): try bound.split(part, seed: seed)
    case .table(let other): bound.validation = try rows(of: other, like: whole, for: bound.model)
    case nil: break
    }
    if let standardization {
      let scalings = try bound.table.binding { () throws(TableError) in
        try bound.model.scalings(of: bound.table, withTarget: standardization == .all)
      }
      if scalings.isEmpty { throw BindingError(.nothingToStandardize, in: table) }
      bound.model.scalings = scalings
    }
    return bound
  }

  /// The model of a table of which no row is left out any more.
  private func model(of table: Table) throws(BindingError) -> Model {
    let needed = specification.columnsRead(among: table.columnNames)
    let schema = try table.binding { () throws(TableError) in try Schema(table, needed: needed) }
    let classCount = try specification.classCount(in: table, schema: schema)
    try specification.checkWeights(of: table)
    let model: Model
    do throws(FormulaError) {
      model = try Model(specification, schema: schema, classCount: classCount)
    } catch {
      let isModel = error.formula == specification.formula.text
      throw BindingError(error, of: isModel ? .prediction : .loss, in: table)
    }
    if specification.features != nil, !specification.formula.usesInputs(in: schema) {
      throw BindingError(.unusedFeatures, in: table)
    }
    return model
  }

  /// The rows for which the condition holds, without missing values in the columns that are needed.
  ///
  /// Texts are compared with those of the first table.
  private func rowsInUse(
    of whole: Table, needed: Set<String>, first: Table? = nil
  ) throws(BindingError) -> Table {
    var table = whole
    if let condition {
      let columns = Set(condition.names.map(\.text)).intersection(table.columnNames)
      table = try table.binding { () throws(TableError) in
        try table.handling(missing, in: columns.sorted())
      }
      let schema = try table.binding { () throws(TableError) in
        let known = try first?.handling(missing, in: columns.sorted()) ?? table
        return try Schema(known, needed: columns)
      }
      let bound: Condition
      do throws(FormulaError) {
        bound = try Condition(condition, schema: schema)
      } catch {
        throw BindingError(error, of: .condition, in: table)
      }
      let rows = try table.binding { () throws(TableError) in try bound.rows(of: table) }
      if rows.isEmpty { throw BindingError(.noRow(condition: condition.text), in: table) }
      table = table.keeping(rows: rows)
    }
    return try table.binding { () throws(TableError) in
      try table.handling(missing, in: needed.sorted())
    }
  }

  /// Another table's rows in use, for a model that is bound already.
  private func rows(
    of whole: Table, like first: Table, for model: Model
  ) throws(BindingError) -> Table {
    let needed = Set(model.columns.compactMap(\.name))
    for name in needed.sorted() where !whole.columnNames.contains(name) {
      throw BindingError(
        .unknownColumn(name, .validation, among: whole.columnNames), in: whole)
    }
    let table = try rowsInUse(of: whole, needed: needed, first: first)
    try specification.checkWeights(of: table)
    try model.checkTarget(of: table)
    return table
  }
}

/// A table and the model that is bound to it.
public struct BoundModel {
  /// The rows to train on.
  public var table: Table
  /// The rows on which the loss is measured, if there are some.
  public var validation: Table?
  /// The model.
  public var model: Model

  /// Sets a part of the rows aside: the first of a random order, as they follow each other in the table.
  mutating func split(_ part: Double, seed: UInt64) throws(BindingError) {
    let count = table.rowCount
    guard count > 1 else { throw BindingError(.tooFewRows, in: table) }
    let validationCount = min(max(1, Int((Double(count) * part).rounded())), count - 1)
    let order = RandomNumbers(seed: seed, for: .split).permutation(of: count)
    validation = table.keeping(rows: order[..<validationCount].sorted())
    table = table.keeping(rows: order[validationCount...].sorted())
  }
}

extension BindingError {
  /// A formula that does not fit a table; a number that is misspelt is the table's fault.
  fileprivate init(_ error: FormulaError, of role: FormulaRole, in table: Table) {
    if case .uncomparedColumn(let name) = error.reason, let fault = table.faultyNumber(in: name) {
      self.init(.table(fault), in: table)
    } else {
      self.init(.formula(error, role), in: table)
    }
  }
}

extension Specification {
  /// Throws if a column that the specification names is not the table's, or is to be two things at once.
  fileprivate func checkColumns(of table: Table) throws(BindingError) {
    let columns = table.columnNames
    let named: [(String, BindingError.ColumnRole)] =
      [(target, .target)] + (features ?? []).map { ($0, .feature) }
      + (weights.map { [($0, .weights)] } ?? [])
    for (name, role) in named {
      guard columns.contains(name) else {
        throw BindingError(.unknownColumn(name, role, among: columns), in: table)
      }
      if role != .target, name == target {
        throw BindingError(.targetAlso(name, role), in: table)
      }
    }
    if let weights, features?.contains(weights) == true {
      throw BindingError(.weightsAmongFeatures(weights), in: table)
    }
  }

  /// Weights are numbers from 0 on, and not all 0.
  fileprivate func checkWeights(of table: Table) throws(BindingError) {
    guard let weights else { return }
    let values = try table.binding { () throws(TableError) in try table.numbers(of: weights) }
    if let row = values.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw BindingError(.badWeight(values[row], column: weights), in: table, row: row)
    }
    if values.allSatisfy({ $0 == 0 }) {
      throw BindingError(.allWeightsZero(column: weights), in: table)
    }
  }
}
