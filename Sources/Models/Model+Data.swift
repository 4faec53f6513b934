public import Autograd
public import Tables

extension Model {
  /// The numbers that the model's programs read, for every row of a table, standardised and then rounded once.
  ///
  /// Throws if a field that the model reads is missing or of the wrong kind, or if a number or the weights are
  /// beyond the precision. `rowCount` is the number of rows that the table's rows represent, if it is a sample.
  public func data<Scalar: Precision>(
    from table: Table, rowCount: Int? = nil, as _: Scalar.Type = Scalar.self
  ) throws(TableError) -> Columns<Scalar> {
    let data: Columns<Scalar> = try table.columns(columns, scalings: scalings, levels: levels)
    if let weights = specification.weights {
      try table.checkRange(
        ofWeights: weights, rowCount: rowCount ?? table.rowCount, as: Scalar.self)
    }
    return data
  }

  /// What the prediction is compared with in each row of a table: see ``ModelResponse/values(of:)``.
  public func response(of table: Table) throws(TableError) -> [Double] {
    try response.values(of: table)
  }

  /// What the prediction is compared with.
  public var response: ModelResponse { ModelResponse(of: self) }

  /// The value of the formula at one point, in the target's own unit.
  ///
  /// `point` has a value for each of ``inputs``, which hold numbers, `values` those of the parameters. A
  /// target that was standardised keeps the run's precision, unless only a double holds it.
  public func predict<Scalar: Precision>(at point: [Double], with values: [Scalar]) -> [Double] {
    let scaled = zip(inputs, point).map { name, value in
      (name, scalings[name]?(value) ?? value)
    }
    let point = Dictionary(uniqueKeysWithValues: scaled)
    let found = binding.values(of: [prediction], at: point, parameters: values)[0]
    guard let scaling = scalings[target] else { return found.map { Double($0) } }
    return found.map { scaling.inverse(Double($0)).keepingPrecision(of: Scalar.self) }
  }

  /// The columns of numbers of which float32 cannot tell a tenth of the different values from others.
  ///
  /// They are judged by a table's first rows, and by their standardised values where `scalings` has them.
  /// Fractions that differ in their last digits alone, as a computation's do, count as one.
  public func columnsBlurredByFloat32(in table: Table) -> [String] {
    columns.compactMap { column in
      guard case .number(let name) = column, let numbers = try? table.numbers(of: name) else {
        return nil
      }
      let values = numbers.prefix(4096).map { scalings[name]?($0) ?? $0 }
      if values.allSatisfy({ Double(Float($0)) == $0 }) { return nil }
      let sorted = values.sorted()
      let pairs = zip(sorted, sorted.dropFirst()).filter { lower, upper in
        lower < upper
          && (upper - lower > 1e-14 * upper.magnitude
            || lower == lower.rounded() && upper == upper.rounded())
      }
      let blurredCount = pairs.count { Float($0) == Float($1) }
      return blurredCount > 0 && blurredCount * 10 >= pairs.count + 1 ? name : nil
    }
  }

  /// The mean and the standard deviation, with divisor n, of the columns of numbers that the model reads as
  /// inputs, and of the target if it is to be standardised too.
  ///
  /// `rows` are those that count; nil for all. A column that does not vary keeps the scale 1. Throws if the
  /// deviation of one that does is too large or too small for a double.
  public func scalings(
    of table: Table, withTarget: Bool, rows: [Int]? = nil
  ) throws(TableError) -> [String: Scaling] {
    var scalings: [String: Scaling] = [:]
    for name in columnsToScale(withTarget: withTarget) {
      let numbers = try table.numbers(of: name)
      let scaling =
        if let rows {
          Scaling(of: rows.count) { numbers[rows[$0]] }
        } else {
          Scaling(of: numbers.count) { numbers[$0] }
        }
      guard let scaling else { throw table.errorOfSpread(of: name, numbers) }
      scalings[name] = scaling
    }
    return scalings
  }

  /// The columns of numbers that the model reads as inputs, and the target if it is to be standardised too.
  func columnsToScale(withTarget: Bool) -> [String] {
    let inputs = Set(inputs)
    var names: [String] = []
    for case .number(let name) in columns where !names.contains(name) {
      if inputs.contains(name) && name != target || name == target && withTarget {
        names.append(name)
      }
    }
    return names
  }
}

/// The values that the prediction of a model is compared with, in a form that threads can share.
public struct ModelResponse: Sendable {
  private let target: String
  private let formula: RowFormula?
  private let classes: [String]?

  fileprivate init(of model: Model) {
    target = model.target
    classes = model.classes
    formula = model.specification.response.map { formula in
      guard let bound = try? RowFormula(formula, schema: model.schema) else {
        preconditionFailure("the formula was bound with the model")
      }
      return bound
    }
  }

  /// The target in each row of a table, or the formula of it; of a target of texts the index of each among its classes.
  ///
  /// A formula may be infinite or nan where the target is not. Throws if a field is missing or of the wrong kind.
  public func values(of table: Table) throws(TableError) -> [Double] {
    if let formula { return try formula.values(of: table) }
    if let classes { return try table.codes(of: target, among: classes).map { Double($0) } }
    return try table.numbers(of: target)
  }
}

extension Table {
  /// Columns of numbers, standardised where `scalings` says so, and then rounded once.
  ///
  /// `levels` gives the texts of a column that are known, in order, `firstRow` the number of the first row. Throws if
  /// a field is missing or of the wrong kind.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func columns<Scalar: Precision>(
    _ columns: [DataColumn], scalings: [String: Scaling] = [:], firstRow: Int = 0,
    levels: (String) -> [String], as _: Scalar.Type = Scalar.self
  ) throws(TableError) -> Columns<Scalar> {
    // The indicators of a column follow each other.
    var texts: (name: String, codes: [Int])?
    func textCodes(_ name: String) throws(TableError) -> [Int] {
      if let texts, texts.name == name { return texts.codes }
      let codes = try codes(of: name, among: levels(name))
      texts = (name, codes)
      return codes
    }
    return try Columns(rowCount: rowCount, columnCount: columns.count) {
      (index, values) throws(TableError) in
      switch columns[index] {
      case .number(let name):
        let numbers = try numbers(of: name)
        if let scaling = scalings[name] {
          for row in values.indices { values[row] = Scalar(scaling(numbers[row])) }
        } else {
          for row in values.indices { values[row] = Scalar(numbers[row]) }
        }
        if values.contains(where: { !$0.isFinite }) {
          let row = numbers.rowOfLargest
          throw error(
            .beyondPrecision(numbers[row], column: name, isScaled: scalings[name] != nil),
            column: name, row: row)
        }
      case .indicator(let name, let level):
        let codes = try textCodes(name)
        for row in values.indices where codes[row] == level { values[row] = 1 }
      case .code(let name):
        let codes = try textCodes(name)
        for row in values.indices { values[row] = Scalar(Double(codes[row])) }
      case .rowNumber:
        // Below 2^24, where a float32 holds every whole number.
        for row in values.indices { values[row] = Scalar(Double((firstRow + row) & 0xFF_FFFF)) }
      }
    }
  }

  /// The index of each row's text among those that are known; −1 for one that is not.
  func codes(of name: String, among known: [String]) throws(TableError) -> [Int] {
    guard let column = column(named: name) else {
      preconditionFailure("the table has the columns that are read")
    }
    let categories = try column.categories()
    // Levels are told apart by their bytes: one may be spelled in two ways of Unicode.
    let bytes = known.map { Array($0.utf8) }
    let indexOfLevel = Dictionary(zip(bytes, known.indices)) { first, _ in first }
    let indices = categories.levels.map { indexOfLevel[Array($0.utf8)] ?? -1 }
    return categories.codes.map { indices[Int($0)] }
  }

  /// Throws if the weights are so small that no row would count, or so large that a sum of them overflows.
  fileprivate func checkRange<Scalar: Precision>(
    ofWeights name: String, rowCount: Int, as _: Scalar.Type
  ) throws(TableError) {
    let weights = try numbers(of: name)
    let row = weights.rowOfLargest
    let largest = weights[row]
    if largest == 0 { return }
    let (text, column) = (excerpt(largest.shortestDecimal), excerpt(name))
    if !Scalar(largest).isNormal {
      throw error(.vanishingWeights(text, column: column), column: name, row: row)
    }
    // Up to 64 are added in the run's precision, all of them in double.
    if !(64 * Scalar(largest)).isFinite || !(Double(rowCount) * largest).isFinite {
      throw error(.overflowingWeights(text, column: column), column: name, row: row)
    }
  }

  /// Why a column that varies cannot be standardised.
  func errorOfSpread(of name: String, _ numbers: [Double]) -> TableError {
    let row = numbers.rowOfLargest
    let reason: TableError.Reason =
      numbers[row].magnitude > 1
      ? .notScalable(excerpt(numbers[row].shortestDecimal), column: excerpt(name))
      : .tooLittleSpread(column: excerpt(name))
    return error(reason, column: name, row: row)
  }
}

extension [Double] {
  /// The row of the largest magnitude, the first of several.
  fileprivate var rowOfLargest: Int {
    var row = 0
    for index in indices where self[index].magnitude > self[row].magnitude { row = index }
    return row
  }
}

extension TableError.Reason {
  /// Why a number cannot be given to a model: the precision of its run does not hold it.
  static func beyondPrecision(_ value: Double, column: String, isScaled: Bool) -> Self {
    let (text, column) = (excerpt(value.shortestDecimal), excerpt(column))
    return isScaled ? .notScalable(text, column: column) : .beyondFloat32(text, column: column)
  }
}
