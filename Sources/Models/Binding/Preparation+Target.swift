internal import Autograd
internal import Tables

extension Specification {
  /// Whether each class of the target has a score.
  var hasScores: Bool { loss.named?.prediction == .scores }

  /// The schema of a table, with the classes of the target in order of value.
  ///
  /// Throws if the loss has no meaning for a value of the target, or if a value is missing.
  func schema(of table: Table, needed: Set<String>) throws(BindingError) -> Schema {
    if table.column(named: target)?.isText == false { try checkNumbers(in: table) }
    let schema = try table.binding { () throws(TableError) in
      try Schema(table, needed: needed, target: target, hasClasses: hasScores)
    }
    guard let levels = schema.levels(of: target) else { return schema }
    if hasScores {
      if levels.count == 1 {
        throw BindingError(.oneClass(levels[0], column: target), in: table)
      }
    } else {
      try checkTexts(levels, in: table)
    }
    return schema
  }

  /// Throws if the loss has no meaning for a number of the target.
  func checkNumbers(in table: Table) throws(BindingError) {
    // What the loss takes is then not the target itself.
    guard response == nil, let loss = loss.named else { return }
    let values = try table.binding { () throws(TableError) in try table.numbers(of: target) }
    let (hasScores, targets) = (hasScores, loss.targets)
    let strange = values.firstIndex { value in
      hasScores
        ? value != value.rounded() || value.magnitude >= 0x1p53 : !targets.contains(value)
    }
    guard let row = strange else { return }
    let taken = hasScores ? "classes, which are whole numbers or texts" : targets.words
    throw BindingError(
      .badTarget(values[row], column: target, loss: loss.name, taken: taken), in: table,
      row: row, column: target)
  }

  /// Texts are two for a loss of two, and none for a loss of numbers.
  private func checkTexts(_ levels: [String], in table: Table) throws(BindingError) {
    guard let loss = loss.named else { return }
    if loss.targets != 0...1 {
      if let fault = table.faultyNumber(in: target) { throw BindingError(.table(fault), in: table) }
      let first = try table.text(of: target, row: 0)
      throw BindingError(
        .targetOfText(first, column: target, loss: loss.name), in: table, row: 0, column: target)
    }
    if levels.count != 2 {
      let codes = try table.binding { () throws(TableError) in
        try table.codes(of: target, among: levels)
      }
      var seen: Set<Int> = []
      let third = codes.firstIndex { seen.insert($0).inserted && seen.count == 3 }
      throw BindingError(
        .notTwoTexts(levels, column: target, loss: loss.name), in: table, row: third,
        column: target)
    }
  }
}

extension Model {
  /// Throws if the prediction has more or fewer scores than the target has classes.
  func checkScores(for table: Table) throws(BindingError) {
    let count = binding.predictionShape.count
    guard specification.hasScores, let classes, classes.count != count else { return }
    let codes = try table.binding { () throws(TableError) in
      try table.codes(of: target, among: classes)
    }
    let row = codes.firstIndex { $0 >= count }
    throw BindingError(
      .scores(count, classes: classes, column: target, label: row.map { classes[codes[$0]] }),
      in: table, row: row, column: target)
  }

  /// Checks another table than the one that the model was bound to.
  ///
  /// Throws if the loss has no meaning for a value of its target, and for a text that the model does not
  /// know, be it a class or, unless `allowsUnknown`, of a column that the model reads.
  func check(_ table: Table, allowsUnknown: Bool = false) throws(BindingError) {
    if !holdsText(target) { try specification.checkNumbers(in: table) }
    for name in Set(columns.compactMap(\.name)).sorted()
    where holdsText(name) && (name == target || !allowsUnknown) {
      let known = levels(of: name)
      let codes = try table.binding { () throws(TableError) in
        try table.codes(of: name, among: known)
      }
      guard let row = codes.firstIndex(of: -1) else { continue }
      let text = try table.text(of: name, row: row)
      throw BindingError(
        name == target
          ? .unknownClass(text, column: name, known: known)
          : .unknownLevel(text, column: name, known: known), in: table, row: row, column: name)
    }
  }
}

extension Table {
  /// The text in a row of a column.
  fileprivate func text(of name: String, row: Int) throws(BindingError) -> String {
    let categories = try binding { () throws(TableError) in
      try column(named: name)?.categories()
    }
    return categories.map { $0.levels[Int($0.codes[row])] } ?? ""
  }

  /// Where a column of texts seems to hold a number that is misspelt; nil if it holds numbers, or words.
  ///
  /// It does if the spelling of its first text tells, or if that text is not in the first row.
  func faultyNumber(in name: String) -> TableError? {
    guard case .failure(let fault)? = column(named: name)?.numbers else { return nil }
    switch fault.reason {
    case .notANumber(_, column: _, remedy: nil):
      return fault.line == line(ofRow: 0) && fault.file == file(ofRow: 0) ? nil : fault
    default: return fault
    }
  }
}

extension ClosedRange<Double> {
  fileprivate var words: String {
    upperBound == .infinity
      ? "numbers of \(Int(lowerBound)) or more"
      : "numbers from \(Int(lowerBound)) to \(Int(upperBound))"
  }
}
