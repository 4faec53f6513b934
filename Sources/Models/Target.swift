internal import Autograd
internal import Formula
public import Tables

/// A target that the loss has no meaning for.
public struct TargetError: Error {
  /// The row of the table, counted from 0; nil if the whole column is to blame.
  public let row: Int?
  /// What is wrong, and what to do.
  public let sentence: String
}

extension Specification {
  /// How many classes a target of numbers has, nil if the loss is not one of classes or the target one of texts.
  ///
  /// Throws if the loss has no meaning for a value of the target, and a `TableError` where one is missing.
  public func classCount(in table: Table, schema: Schema) throws -> Int? {
    if let levels = schema.levels(of: target) {
      try checkTexts(levels, in: table)
      return nil
    }
    guard let loss = loss.named else { return nil }
    let values = try table.numbers(of: target)
    let isForClasses = loss.prediction == .scores
    var most = 0.0
    for (row, value) in values.enumerated() {
      if isForClasses, value < 0 || value != value.rounded() || value >= 1_048_576 {
        throw TargetError(
          row: row,
          sentence:
            "'\(target)' is \(value); the loss '\(loss.name)' takes classes, numbered 0, 1, 2 …, or texts"
        )
      }
      if !loss.targets.contains(value) {
        throw TargetError(
          row: row,
          sentence: "'\(target)' is \(value); the loss '\(loss.name)' takes \(loss.targets.words)")
      }
      most = max(most, value)
    }
    return isForClasses ? Int(most) + 1 : nil
  }

  private func checkTexts(_ levels: [String], in table: Table) throws {
    guard let loss = loss.named else { return }
    let isBinary = loss.targets == 0...1
    if loss.prediction != .scores, !isBinary {
      if let fault = table.faultyNumber(in: target) { throw fault }
      throw TargetError(
        row: nil,
        sentence:
          "column '\(target)' holds text ('\(levels[0])'), and the loss '\(loss.name)' takes numbers; "
          + "classes are learnt by --loss cross-entropy")
    }
    if isBinary, levels.count != 2 {
      let shown = levels.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      throw TargetError(
        row: nil,
        sentence: "column '\(target)' holds \(levels.count) different texts (\(shown)), "
          + "and the loss '\(loss.name)' takes two")
    }
  }
}

extension Model {
  /// Checks the target of another table than the one that the model was bound to.
  ///
  /// Throws as ``Specification/classCount(in:schema:)`` does, and a ``TargetError`` for a class that the model
  /// does not have.
  public func checkTarget(of table: Table) throws {
    if holdsText(target) {
      let known = levels(of: target)
      let places = try table.places(of: target, among: known)
      guard let row = places.firstIndex(of: -1) else { return }
      let text = try table.text(of: target, row: row)
      throw TargetError(
        row: row,
        sentence: "the model has no class '\(text)' of '\(target)'; it has "
          + listed(known))
    }
    let count = try specification.classCount(in: table, schema: Schema(names: table.columnNames))
    guard let classes, let count, count > classes.count else { return }
    let values = try table.numbers(of: target)
    let row = values.firstIndex { $0 >= Double(classes.count) }
    throw TargetError(
      row: row, sentence: "the model has the classes 0 to \(classes.count - 1) of '\(target)'")
  }
}

extension Table {
  /// The text in a row of a column.
  fileprivate func text(of name: String, row: Int) throws(TableError) -> String {
    guard let categories = try column(named: name)?.categories() else { return "" }
    return categories.levels[Int(categories.codes[row])]
  }
}

extension ClosedRange<Double> {
  fileprivate var words: String {
    upperBound == .infinity
      ? "numbers from \(Int(lowerBound)) on"
      : "numbers from \(Int(lowerBound)) to \(Int(upperBound))"
  }
}

extension Table {
  /// Where a column of texts seems to hold a number that is misspelt; nil if it holds numbers, or words.
  ///
  /// It does if the spelling of its first text tells, or if that text is not in the first row.
  public func faultyNumber(in name: String) -> TableError? {
    guard case .failure(let fault)? = column(named: name)?.numbers else { return nil }
    switch fault.reason {
    case .notANumber(_, column: _, remedy: nil): return fault.line == line(ofRow: 0) ? nil : fault
    default: return fault
    }
  }
}
