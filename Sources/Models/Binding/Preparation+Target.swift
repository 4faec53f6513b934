internal import Autograd
internal import Tables

extension Specification {
  /// How many classes a target of numbers has, nil if the loss is not one of classes or the target one of texts.
  ///
  /// Throws if the loss has no meaning for a value of the target, or one is missing.
  func classCount(in table: Table, schema: Schema) throws(BindingError) -> Int? {
    if let levels = schema.levels(of: target) {
      try checkTexts(levels, in: table)
      return nil
    }
    guard let loss = loss.named else { return nil }
    let values = try table.binding { () throws(TableError) in try table.numbers(of: target) }
    let isForClasses = loss.prediction == .scores
    var most = 0.0
    for (row, value) in values.enumerated() {
      let isClass = value >= 0 && value == value.rounded() && value < 1_048_576
      guard isForClasses ? isClass : loss.targets.contains(value) else {
        let taken = isForClasses ? "classes, numbered 0, 1, 2 …, or texts" : loss.targets.words
        throw BindingError(
          .badTarget(value, column: target, loss: loss.name, taken: taken), in: table, row: row)
      }
      most = max(most, value)
    }
    return isForClasses ? Int(most) + 1 : nil
  }

  private func checkTexts(_ levels: [String], in table: Table) throws(BindingError) {
    guard let loss = loss.named else { return }
    let isBinary = loss.targets == 0...1
    if loss.prediction != .scores, !isBinary {
      if let fault = table.faultyNumber(in: target) { throw BindingError(.table(fault), in: table) }
      throw BindingError(
        .targetOfText(levels[0], column: target, loss: loss.name), in: table)
    }
    if isBinary, levels.count != 2 {
      throw BindingError(.notTwoTexts(levels, column: target, loss: loss.name), in: table)
    }
  }
}

extension Model {
  /// Checks the target of another table than the one that the model was bound to.
  ///
  /// Throws as ``Specification/classCount(in:schema:)`` does, and for a class that the model does not have.
  func checkTarget(of table: Table) throws(BindingError) {
    if holdsText(target) {
      let known = levels(of: target)
      let codes = try table.binding { () throws(TableError) in
        try table.codes(of: target, among: known)
      }
      guard let row = codes.firstIndex(of: -1) else { return }
      let text = try table.binding { () throws(TableError) in
        try table.text(of: target, row: row)
      }
      throw BindingError(
        .unknownClass(text, column: target, known: known), in: table, row: row)
    }
    let count = try specification.classCount(in: table, schema: Schema(names: table.columnNames))
    guard let classes, let count, count > classes.count else { return }
    let values = try table.binding { () throws(TableError) in try table.numbers(of: target) }
    throw BindingError(
      .classOutOfRange(column: target, count: classes.count), in: table,
      row: values.firstIndex { $0 >= Double(classes.count) })
  }
}

extension Table {
  /// The text in a row of a column.
  fileprivate func text(of name: String, row: Int) throws(TableError) -> String {
    guard let categories = try column(named: name)?.categories() else { return "" }
    return categories.levels[Int(categories.codes[row])]
  }

  /// Where a column of texts seems to hold a number that is misspelt; nil if it holds numbers, or words.
  ///
  /// It does if the spelling of its first text tells, or if that text is not in the first row.
  func faultyNumber(in name: String) -> TableError? {
    guard case .failure(let fault)? = column(named: name)?.numbers else { return nil }
    switch fault.reason {
    case .notANumber(_, column: _, remedy: nil): return fault.line == line(ofRow: 0) ? nil : fault
    default: return fault
    }
  }
}

extension ClosedRange<Double> {
  fileprivate var words: String {
    upperBound == .infinity
      ? "numbers from \(Int(lowerBound)) on"
      : "numbers from \(Int(lowerBound)) to \(Int(upperBound))"
  }
}
