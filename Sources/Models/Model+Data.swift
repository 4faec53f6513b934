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
    let byName = Dictionary(uniqueKeysWithValues: zip(inputs, point))
    let row = columns.map { column -> [Double] in
      guard case .number(let name) = column, let value = byName[name] else { return [0] }
      return [scalings[name]?(value) ?? value]
    }
    var executor = Executor<Scalar>(predictionProgram, batchRows: 1)
    let keys = [Scalar](repeating: 0, count: noiseKeyCount * NoiseKey.count)
    let found = executor.values(ofRow: 0, in: Columns(row), parameters: values + keys)
    guard let scaling = scalings[target] else { return found }
    return found.map { Scalar(scaling.inverse(Double($0))) }
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

extension Scaling {
  /// The scaling of values, which are summed as batches are.
  init(of count: Int, _ value: (Int) -> Double) {
    let center = orderedSum(count: count, value) / Double(count)
    let variance =
      orderedSum(count: count) { (value($0) - center) * (value($0) - center) } / Double(count)
    self.init(center: center, scale: variance > 0 ? variance.squareRoot() : 1)
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
      (place, values) throws(TableError) in
      switch columns[place] {
      case .number(let name):
        let numbers = try numbers(of: name)
        if let scaling = scalings[name] {
          for row in values.indices { values[row] = Scalar(scaling(numbers[row])) }
        } else {
          for row in values.indices { values[row] = Scalar(numbers[row]) }
        }
      case .indicator(let name, let level):
        let places = try places(of: name, among: levels(name))
        for row in values.indices { values[row] = places[row] == level ? 1 : 0 }
      case .code(let name):
        let places = try places(of: name, among: levels(name))
        for row in values.indices { values[row] = Scalar(Double(places[row])) }
      case .rowNumber:
        // Below 2^24, where a float32 holds every whole number.
        for row in values.indices { values[row] = Scalar(Double(row & 0xFF_FFFF)) }
      }
    }
  }

  /// Each row's place among the texts that are known; one that is not known has none, −1.
  func places(of name: String, among known: [String]) throws(TableError) -> [Int] {
    guard let column = column(named: name) else {
      preconditionFailure("the table has the columns that are read")
    }
    let categories = try column.categories()
    let place = categories.levels.map { known.firstIndex(of: $0) ?? -1 }
    return categories.codes.map { place[Int($0)] }
  }
}
