public import Autograd
public import Tables

extension Model {
  /// The numbers that the model's programs read, of every row of a table, standardised and then rounded once.
  ///
  /// Throws if a field that the model reads is missing or of the wrong kind.
  public func data<Scalar: Precision>(
    from table: Table, as _: Scalar.Type = Scalar.self
  ) throws(TableError) -> Columns<Scalar> {
    try table.columns(columns, scalings: scalings, levels: levels)
  }

  /// The value of the formula at one point, in the target's own unit.
  ///
  /// `point` has a value for each of ``inputs``, which hold numbers, `values` those of the parameters.
  public func predict<Scalar: Precision>(at point: [Double], with values: [Scalar]) -> [Scalar] {
    let scaled = zip(inputs, point).map { name, value in
      (name, scalings[name]?(value) ?? value)
    }
    let point = Dictionary(uniqueKeysWithValues: scaled)
    let found = binding.values(of: [prediction], at: point, parameters: values)[0]
    guard let scaling = scalings[target] else { return found }
    return found.map { Scalar(scaling.inverse(Double($0))) }
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
  /// `rows` are those that count; nil for all. A column that does not vary keeps the scale 1.
  public func scalings(
    of table: Table, withTarget: Bool, rows: [Int]? = nil
  ) throws(TableError) -> [String: Scaling] {
    var scalings: [String: Scaling] = [:]
    for case .number(let name) in columns where scalings[name] == nil {
      guard inputs.contains(name) && name != target || name == target && withTarget else {
        continue
      }
      let numbers = try table.numbers(of: name)
      scalings[name] =
        if let rows {
          Scaling(of: rows.count) { numbers[rows[$0]] }
        } else {
          Scaling(of: numbers.count) { numbers[$0] }
        }
    }
    return scalings
  }
}

extension Table {
  /// Columns of numbers, standardised where `scalings` says so, and then rounded once.
  ///
  /// `levels` gives the texts of a column that are known, in order. Throws if a field is missing or of the
  /// wrong kind.
  func columns<Scalar: Precision>(
    _ columns: [DataColumn], scalings: [String: Scaling] = [:], levels: (String) -> [String],
    as _: Scalar.Type = Scalar.self
  ) throws(TableError) -> Columns<Scalar> {
    try Columns(rowCount: rowCount, columnCount: columns.count) {
      (index, values) throws(TableError) in
      switch columns[index] {
      case .number(let name):
        let numbers = try numbers(of: name)
        if let scaling = scalings[name] {
          for row in values.indices { values[row] = Scalar(scaling(numbers[row])) }
        } else {
          for row in values.indices { values[row] = Scalar(numbers[row]) }
        }
        if values.contains(where: { !$0.isFinite }),
          let row = numbers.indices.max(by: { numbers[$0].magnitude < numbers[$1].magnitude })
        {
          let (text, column) = (excerpt(numbers[row].shortestDecimal), excerpt(name))
          throw error(
            scalings[name] == nil
              ? .beyondFloat32(text, column: column) : .notScalable(text, column: column),
            column: name, row: row)
        }
      case .indicator(let name, let level):
        let codes = try codes(of: name, among: levels(name))
        for row in values.indices { values[row] = codes[row] == level ? 1 : 0 }
      case .code(let name):
        let codes = try codes(of: name, among: levels(name))
        for row in values.indices { values[row] = Scalar(Double(codes[row])) }
      case .rowNumber:
        // Below 2^24, where a float32 holds every whole number.
        for row in values.indices { values[row] = Scalar(Double(row & 0xFF_FFFF)) }
      }
    }
  }

  /// The index of each row's text among those that are known; −1 for one that is not.
  func codes(of name: String, among known: [String]) throws(TableError) -> [Int] {
    guard let column = column(named: name) else {
      preconditionFailure("the table has the columns that are read")
    }
    let categories = try column.categories()
    let indices = categories.levels.map { known.firstIndex(of: $0) ?? -1 }
    return categories.codes.map { indices[Int($0)] }
  }
}
