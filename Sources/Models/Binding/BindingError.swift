public import Formula
public import Tables

/// Why a model cannot be bound to a table, with the part of the table that is to blame.
public struct BindingError: TableFailure, Hashable, CustomStringConvertible {
  /// What a formula is for.
  public enum FormulaRole: Hashable, Sendable { case prediction, response, loss, condition }

  /// The part that somebody wants a column to play.
  public enum ColumnRole: Hashable, Sendable { case target, feature, weights, validation }

  /// A part of a table's rows that is taken at random.
  public enum RandomPart: String, Hashable, Sendable {
    case training = "the rows to train on"
    case validation = "the rows set aside for validation"
  }

  /// What can be wrong.
  public enum Reason: Hashable, Sendable {
    /// The table lacks a value or has one of the wrong kind.
    case table(TableError)
    case formula(FormulaError, FormulaRole)
    /// A column that the table does not have.
    case unknownColumn(String, ColumnRole, among: [String])
    /// A column that is to be more than one thing.
    case targetAlso(String, ColumnRole)
    case weightsAmongFeatures(String)
    /// Features are named, and the formula has no `inputs`.
    case unusedFeatures
    /// The formula has `inputs`, and no column is left for it.
    case noFeatures
    /// A condition holds for no row.
    case noRow(condition: String)
    case badWeight(Double, column: String)
    /// No row counts, or none of a part that is taken at random.
    case allWeightsZero(column: String, part: RandomPart?)
    /// The table has too few rows to set some aside.
    case tooFewRows
    /// The table has too few rows for each fold to have one.
    case fewerRowsThanFolds(rows: Int, folds: Int)
    /// The values of a target that is to be divided by classes hardly repeat.
    case noClasses(column: String, values: Int, rows: Int)
    /// No column of numbers can be standardised.
    case nothingToStandardize
    /// A number for a target that the loss has no meaning for; `taken` says what it takes.
    case badTarget(Double, column: String, loss: String, taken: String)
    /// Texts for a target, where the loss takes numbers.
    case targetOfText(String, column: String, loss: String)
    /// More or fewer different texts than two.
    case notTwoTexts([String], column: String, loss: String)
    /// The target has one class alone.
    case oneClass(String, column: String)
    /// More or fewer classes than the model has scores for; a label without a score, if there is one.
    case scores(Int, classes: [String], column: String, label: String?)
    /// A class of another table's target that the model does not have.
    case unknownClass(String, column: String, known: [String])
    /// A text of another table's column that the first table does not have.
    case unknownLevel(String, column: String, known: [String])
    /// Texts that hardly repeat, such as dates or names, among the features.
    case hardlyRepeating(column: String, levels: Int, rows: Int)
    /// So many different texts among the features that one-hot encoding them takes too many numbers.
    case tooManyLevels(column: String, levels: Int, rows: Int)
  }

  /// What went wrong, for code that reacts to it.
  public let reason: Reason
  /// The table's file.
  public let file: String
  /// The line, counted from 1; nil if the whole table is to blame.
  public let line: Int?

  /// The field in its row, counted from 1; nil if a whole row or table is to blame.
  public let field: Int?

  /// An error about a table, about one of its rows, or about a field of it.
  init(_ reason: Reason, in table: Table, row: Int? = nil, column: String? = nil) {
    self.reason = reason
    file = row.map(table.file) ?? table.file
    line = row.map(table.line)
    field = row == nil ? nil : column.flatMap(table.field)
  }

  /// What is wrong with a table that is read block by block.
  public init(_ error: TableError) {
    reason = .table(error)
    (file, line, field) = (error.file, error.line, error.field)
  }

  /// One line: the position, if it is in the rows of a table, and what is wrong.
  public var description: String {
    switch reason {
    case .table, .formula, .targetAlso, .weightsAmongFeatures, .unusedFeatures, .noFeatures,
      .unknownColumn(_, .target, _), .unknownColumn(_, .feature, _), .unknownColumn(_, .weights, _),
      .nothingToStandardize:
      sentence
    default: "\(position): \(sentence)"
    }
  }

  /// The file, and the line and the field if there are such.
  public var position: String {
    shortened(file, limit: TableError.longestFileName)
      + [line, field].compactMap { $0.map { ":\($0)" } }.joined()
  }

  private var sentence: String {
    switch reason {
    case .table(let error): "\(error)"
    case .formula(let error, _): "\(error)"
    case .unknownColumn(let name, _, let known): unknown("column", name, among: known)
    case .targetAlso(let name, _): "\(excerpt(name)) is the target"
    case .weightsAmongFeatures(let name): "\(excerpt(name)) holds the weights"
    case .unusedFeatures: "the model does not use 'inputs'"
    case .noFeatures: "no column is left for 'inputs'"
    case .noRow(let condition): "no row satisfies \(excerpt(condition))"
    case .badWeight(let value, let column):
      "the weight \(excerpt(column)) is \(value); weights are numbers, 0 or more"
    case .allWeightsZero(let column, let part):
      "all weights \(excerpt(column))\(part.map { " of \($0.rawValue)" } ?? "") are 0"
    case .tooFewRows: "a table to set rows of aside needs at least 2"
    case .fewerRowsThanFolds(let rows, let folds):
      "\(folds) folds need at least as many rows, and the table has \(rows)"
    case .noClasses(let column, let values, let rows):
      "column \(excerpt(column)) has \(values) different values in \(rows) rows, too many for classes"
    case .nothingToStandardize: "the model uses no column of numbers"
    case .badTarget(let value, let column, let loss, let taken):
      "\(excerpt(column)) is \(value); the loss '\(loss)' takes \(taken)"
    case .targetOfText(let text, let column, let loss):
      "column \(excerpt(column)) holds text (\(excerpt(text))), and the loss '\(loss)' takes numbers; "
        + "for classes, use the loss 'cross-entropy'"
    case .notTwoTexts(let texts, let column, let loss):
      "column \(excerpt(column)) holds \(texts.count) different texts ("
        + texts.prefix(5).map { excerpt($0) }.joined(separator: ", ")
        + "), and the loss '\(loss)' takes two"
    case .oneClass(let name, let column):
      "column \(excerpt(column)) holds only one class, \(excerpt(name)): there is nothing to learn"
    case .scores(let count, let classes, let column, let label):
      (label.map { "the label \(excerpt($0)) has no score: " } ?? "")
        + "the model has \(count) scores, but column \(excerpt(column)) has \(classes.count) classes, "
        + "\(listed(classes)); dense(classes) has one score per class"
    case .unknownClass(let name, let column, let known):
      "the model has no class \(excerpt(name)) of \(excerpt(column)); it has \(listed(known))"
    case .unknownLevel(let name, let column, let known):
      "column \(excerpt(column)) holds \(excerpt(name)), which is not in the training rows; they have "
        + listed(known)
    case .hardlyRepeating(let column, let levels, let rows):
      "column \(excerpt(column)) holds text that hardly repeats, \(levels) values in \(rows) rows, and "
        + "cannot be a feature"
    case .tooManyLevels(let column, let levels, let rows):
      "column \(excerpt(column)) holds \(levels) different texts, too many to be one-hot encoded in \(rows) "
        + "rows: the limit is 2^30 numbers"
    }
  }
}

extension Table {
  /// Does something with the table, and says what is wrong with the table as an error of binding.
  func binding<Result>(
    _ body: () throws(TableError) -> Result
  ) throws(BindingError) -> Result {
    do throws(TableError) {
      return try body()
    } catch {
      throw BindingError(.table(error), in: self)
    }
  }
}
