internal import Autograd
public import Formula
public import Tables

/// Which columns are standardised to mean 0 and standard deviation 1.
public enum Standardization: String, CaseIterable, Sendable {
  /// Those that the model reads to predict.
  case inputs
  /// The target too.
  case all
}

/// What happens to a table before a model is trained on it: which rows count, what is standardised, and what is set
/// aside for validation.
public struct Preparation: Sendable {
  /// The rows on which the loss is measured, and which are not trained on.
  public enum Validation: Sendable {
    /// A part of the table's rows, above 0 and below 1, taken at random.
    case part(Double, seed: UInt64)
    /// One of several parts of the table's rows; the table is in memory.
    case fold(Fold)
    /// Another table.
    case table(Table)
    /// Another table, which stays in its files.
    case stored(StoredTable)
  }

  /// The model to bind.
  public var specification: Specification
  /// What holds for the rows that count; nil for all rows.
  public var condition: Formula?
  /// Columns that are read besides those of the model and the condition; names that are not columns are ignored.
  public var otherColumns: Set<String> = []
  /// What happens to missing values in the columns that are read.
  public var missing = MissingPolicy.error
  /// What is standardised, if anything.
  public var standardization: Standardization?
  /// What is set aside, if anything.
  public var validation: Validation?

  /// The preparation of a table whose rows all count.
  public init(_ specification: Specification) { self.specification = specification }

  /// Those of a table's columns that are read.
  public func columnsRead(among columns: [String]) -> Set<String> {
    let read = columnsNeeded(among: columns)
    guard let condition else { return read }
    return read.union(Set(condition.names.map(\.text)).intersection(columns))
  }

  /// Those in which no value may be missing.
  func columnsNeeded(among columns: [String]) -> Set<String> {
    specification.columnsRead(among: columns).union(otherColumns.intersection(columns))
  }

  /// Binds the model to a table, of which the columns that are read must be there.
  public func bind(to whole: Table) throws(BindingError) -> BoundModel {
    try specification.checkColumns(of: whole)
    let needed = columnsNeeded(among: whole.columnNames)
    let table = try rowsInUse(of: whole, needed: needed)
    let complete = try filling(table, needed)
    let model = try model(of: complete, rowCount: complete.rowCount)
    var bound = BoundModel(table: table, validation: nil, model: model)
    let isDivided: Bool
    switch validation {
    case .part(let part, let seed):
      try bound.split(part, seed: seed)
      isDivided = true
    case .fold(let fold):
      try bound.hold(out: fold)
      isDivided = true
    case .table, .stored, nil: isDivided = false
    }
    if isDivided {
      try specification.checkWeights(of: bound.table, part: .training)
      if let part = bound.validation { try specification.checkWeights(of: part, part: .validation) }
    }
    let means = missing == .mean ? bound.table.means(of: needed.sorted()) : [:]
    if case .table(let other)? = validation {
      bound.validation = try rows(of: other, like: whole, means, for: model)
    } else if let part = bound.validation {
      bound.validation = try filling(part, needed, means)
    }
    bound.table = try filling(bound.table, needed, means)
    if let standardization {
      let scalings = try bound.table.binding { () throws(TableError) in
        try bound.model.scalings(of: bound.table, withTarget: standardization == .all)
      }
      if scalings.isEmpty { throw BindingError(.nothingToStandardize, in: table) }
      bound.model.scalings = scalings
    }
    return bound
  }

  /// The model of a table of which no row is left out any more, or of rows that stand for more of them.
  func model(of table: Table, rowCount: Int) throws(BindingError) -> Model {
    let needed = specification.columnsRead(among: table.columnNames)
    let schema = try specification.schema(of: table, needed: needed)
    try specification.checkFeatures(of: table, rowCount: rowCount, schema)
    try specification.checkWeights(of: table)
    let model: Model
    do throws(FormulaError) {
      model = try Model(specification, schema: schema)
    } catch {
      let role: BindingError.FormulaRole =
        switch error.formula {
        case specification.formula.text: .prediction
        case specification.response?.text: .response
        default: .loss
        }
      throw BindingError(error, of: role, in: table)
    }
    let namesFeatures = specification.features != nil || !specification.leftOut.isEmpty
    if namesFeatures, !specification.formula.usesInputs(in: schema) {
      throw BindingError(.unusedFeatures, in: table)
    }
    try model.checkScores(for: table)
    return model
  }

  /// The rows for which the condition holds, without missing values in the columns that are needed,
  /// unless these are to be filled.
  ///
  /// Texts are compared with those of the first table, and missing numbers are its means.
  private func rowsInUse(
    of whole: Table, needed: Set<String>, first: Table? = nil
  ) throws(BindingError) -> Table {
    var table = whole
    if let condition {
      let columns = Set(condition.names.map(\.text)).intersection(table.columnNames)
      if missing != .mean {
        table = try table.binding { () throws(TableError) in
          try table.handling(missing, in: columns.sorted())
        }
      } else if !columns.isDisjoint(with: specification.responseColumns) {
        table = try droppingUnknownTargets(of: table)
      }
      let known = try first.map { first throws(BindingError) in try filling(first, columns) }
      var means: [String: Double] = [:]
      if missing == .mean, let first {
        let known =
          columns.isDisjoint(with: specification.responseColumns)
          ? first : try droppingUnknownTargets(of: first)
        means = known.means(of: columns.sorted())
      }
      let complete = try filling(table, columns, means)
      let schema = try table.binding { () throws(TableError) in
        try Schema(known ?? complete, needed: columns)
      }
      let bound: Condition
      do throws(FormulaError) {
        bound = try Condition(condition, schema: schema)
      } catch {
        throw BindingError(error, of: .condition, in: table)
      }
      let rows = try table.binding { () throws(TableError) in try bound.rows(of: complete) }
      if rows.isEmpty { throw BindingError(.noRow(condition: condition.text), in: table) }
      table = table.keeping(rows: rows)
    }
    if missing == .mean { return try droppingUnknownTargets(of: table) }
    return try filling(table, needed)
  }

  /// The rows that have a target: one that is missing is never filled.
  private func droppingUnknownTargets(of table: Table) throws(BindingError) -> Table {
    try table.binding { () throws(TableError) in
      try table.keepingKnown(specification.responseColumns)
    }
  }

  /// The rows of a table with missing values handled, and finite numbers alone in columns of numbers.
  func filling(
    _ table: Table, _ names: Set<String>, _ means: [String: Double] = [:]
  ) throws(BindingError) -> Table {
    try table.binding { () throws(TableError) in
      try table.filling(
        names.sorted(), by: missing, neverFilled: specification.responseColumns, means)
    }
  }

  /// Another table's rows in use, for a model that is bound already.
  private func rows(
    of whole: Table, like first: Table, _ means: [String: Double], for model: Model
  ) throws(BindingError) -> Table {
    let needed = Set(model.columns.compactMap(\.name))
    let columns = Set(whole.columnNames)
    for name in needed.sorted() where !columns.contains(name) {
      throw BindingError(
        .unknownColumn(name, .validation, among: whole.columnNames), in: whole)
    }
    let inUse = try rowsInUse(of: whole, needed: needed, first: first)
    let table = try filling(inUse, needed, means)
    try specification.checkWeights(of: table)
    try model.check(table)
    return table
  }
}

extension Table {
  /// The rows that lack no value in those of some columns that the table has.
  func keepingKnown(_ names: Set<String>) throws(TableError) -> Table {
    try handling(.drop, in: names.intersection(columnNames).sorted())
  }

  /// The rows with missing values of some columns handled, and finite numbers alone in those of numbers.
  func filling(
    _ names: [String], by policy: MissingPolicy, neverFilled: Set<String>, _ means: [String: Double]
  ) throws(TableError) -> Table {
    if policy == .error { try checkNumbers(of: names) }
    let filled = try handling(policy, in: names, neverFilled: neverFilled, means: means)
    try filled.checkNumbers(of: names)
    return filled
  }
}

/// A model and the table that it is bound to.
public struct BoundModel {
  /// The rows to train on, or a sample of them if the table stays in its files.
  ///
  /// The sample has the first rows, the first row with each text of a column, and the rows with the smallest and
  /// the largest number of each column.
  public var table: Table
  /// The rows on which the loss is measured, or a sample of them; nil without validation.
  public var validation: Table?
  /// The model.
  public var model: Model
  /// All rows to train on, and all on which the loss is measured, where they stay in their files.
  public var (storedRows, storedValidation): (StoredRows?, StoredRows?)

  init(table: Table, validation: Table?, model: Model) {
    self.table = table
    self.validation = validation
    self.model = model
  }

  /// The number of rows to train on.
  public var rowCount: Int { storedRows?.rowCount ?? table.rowCount }
  /// The number of rows on which the loss is measured.
  public var validationRowCount: Int {
    storedValidation?.rowCount ?? validation?.rowCount ?? 0
  }

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
  init(_ error: FormulaError, of role: FormulaRole, in table: Table) {
    if case .uncomparedColumn(let name) = error.reason, let fault = table.faultyNumber(in: name) {
      self.init(.table(fault), in: table)
    } else {
      self.init(.formula(error, role), in: table)
    }
  }
}

extension Specification {
  /// Throws if a column that the specification names is not the table's, or is to be two things at once.
  func checkColumns(of table: Table) throws(BindingError) {
    let names = table.columnNames
    let columns = Set(names)
    let named: [(String, BindingError.ColumnRole)] =
      [(target, .target)] + ((features ?? []) + leftOut).map { ($0, .feature) }
      + (weights.map { [($0, .weights)] } ?? [])
    for (name, role) in named {
      guard columns.contains(name) else {
        throw BindingError(.unknownColumn(name, role, among: names), in: table)
      }
      if role != .target, name == target, !leftOut.contains(name) {
        throw BindingError(.targetAlso(name, role), in: table)
      }
    }
    if let weights, features?.contains(weights) == true {
      throw BindingError(.weightsAmongFeatures(weights), in: table)
    }
  }

  /// Texts that are one-hot encoded must repeat: a date or a name says nothing of another row.
  fileprivate func checkFeatures(
    of table: Table, rowCount rows: Int, _ schema: Schema
  ) throws(BindingError) {
    guard formula.usesInputs(in: schema) else { return }
    let features = features(among: schema.names)
    if features.isEmpty { throw BindingError(.noFeatures, in: table) }
    if rows < 10 { return }
    var numbersPerRow = 0
    for name in features {
      guard let levels = schema.levels(of: name)?.count else { continue }
      if 2 * levels > rows {
        throw BindingError(.hardlyRepeating(column: name, levels: levels, rows: rows), in: table)
      }
      numbersPerRow += levels
      if numbersPerRow > Self.mostIndicators / rows {
        throw BindingError(.tooManyLevels(column: name, levels: levels, rows: rows), in: table)
      }
    }
  }

  /// How many numbers texts may become when they are one-hot encoded: 4 GiB in float32.
  private static var mostIndicators: Int { 1 << 30 }

  /// Weights are numbers from 0 on, and not all 0, unless these are some of a table's rows.
  func checkWeights(
    of table: Table, part: BindingError.RandomPart? = nil, mayBeZero: Bool = false
  ) throws(BindingError) {
    guard let weights else { return }
    let values = try table.binding { () throws(TableError) in try table.numbers(of: weights) }
    if let row = values.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw BindingError(
        .badWeight(values[row], column: weights), in: table, row: row, column: weights)
    }
    if !mayBeZero, values.allSatisfy({ $0 == 0 }) {
      throw BindingError(.allWeightsZero(column: weights, part: part), in: table)
    }
  }
}
