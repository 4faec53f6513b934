internal import Autograd
internal import Formula
public import Tables

extension Preparation {
  /// Binds the model to a table that stays in its files, of which the columns that are read must be there.
  ///
  /// The model, its levels and its scalings are those of the same table in memory. No part of it can be set aside at
  /// random: that takes an order of all rows.
  public func bind(to stored: StoredTable) throws(BindingError) -> BoundModel {
    let first = try BindingError.of { () throws(TableError) in try stored.table(ofBlock: 0) }
    try specification.checkColumns(of: first)
    let needed = columnsNeeded(among: stored.columnNames)
    var selection = RowSelection(
      missing: missing, needed: needed.sorted(), responseColumns: specification.responseColumns)
    try bind(condition, to: stored, like: first, in: &selection)
    var (rows, sample) = try sample(of: stored, &selection) { table throws(BindingError) in
      if table.column(named: specification.target)?.isText == false {
        try specification.checkNumbers(in: table)
      }
    }
    let model = try model(of: filling(sample, needed), rowCount: rows.rowCount)
    var means: [String: Double] = [:]
    if missing == .mean {
      means = try Self.means(of: needed.sorted()) { body throws(BindingError) in
        try rows.forEachBlock { table, _ throws(BindingError) in try body(table) }
      }
      rows = rows.filled(with: means)
      sample = try filling(sample, needed, means)
    }
    var bound = BoundModel(table: sample, validation: nil, model: model)
    bound.storedRows = rows
    if let standardization {
      let names = model.columnsToScale(withTarget: standardization == .all)
      if names.isEmpty { throw BindingError(.nothingToStandardize, in: sample) }
      bound.model.scalings = try rows.scalings(of: names, sample)
    }
    switch validation {
    case .stored(let other): try bind(&bound, toValidation: other, selection, means)
    case .part, .table:
      preconditionFailure("the rows that the loss is measured on stay in their files too")
    case nil: break
    }
    return bound
  }

  /// The rows in use of a table whose model is known, and some that stand for all; `check` sees all of them.
  func rows(
    of stored: StoredTable, needed: Set<String>, _ check: (Table) throws(BindingError) -> Void
  ) throws(BindingError) -> (rows: StoredRows, sample: Table) {
    var selection = RowSelection(
      missing: missing, needed: needed.sorted(), responseColumns: specification.responseColumns)
    return try sample(of: stored, &selection, check)
  }

  /// Binds the condition, whose texts are compared with those of all rows.
  private func bind(
    _ formula: Formula?, to stored: StoredTable, like first: Table, in selection: inout RowSelection
  ) throws(BindingError) {
    guard let formula else { return }
    let columns = Set(formula.names.map(\.text)).intersection(stored.columnNames).sorted()
    var known = selection
    (known.needed, known.means) = (columns, missing == .mean ? nil : [:])
    // Rows without a target are left out first only where the condition reads one.
    if known.responseColumns.isDisjoint(with: columns) { known.responseColumns = [] }
    if missing == .mean {
      selection.conditionMeans = try Self.means(of: columns) { body throws(BindingError) in
        try stored.forEachBlock(known) { _, rows throws(BindingError) in
          if let rows { try body(rows) }
        }
      }
      known.means = selection.conditionMeans
    }
    let words = columns.filter(stored.wordColumns.contains)
    var levels = Dictionary(uniqueKeysWithValues: words.map { ($0, Levels()) })
    if !words.isEmpty {
      try stored.forEachBlock(known) { _, rows throws(BindingError) in
        guard let rows else { return }
        for name in words { _ = try levels[name]?.newRows(of: rows, name) }
      }
    }
    let schema = Schema(
      names: stored.columnNames, kinds: levels.mapValues { .text(levels: $0.texts) })
    do throws(FormulaError) {
      selection.condition = try Condition(formula, schema: schema)
    } catch {
      throw BindingError(error, of: .condition, in: first)
    }
    selection.conditionColumns = columns
  }

  /// Finds the rows in use, and some of them that stand for all.
  private func sample(
    of stored: StoredTable, _ selection: inout RowSelection,
    _ check: (Table) throws(BindingError) -> Void
  ) throws(BindingError) -> (rows: StoredRows, sample: Table) {
    var firstRows = [0]
    var sampler = Sampler(
      selection.needed, classes: specification.hasScores ? specification.target : nil,
      weights: specification.weights)
    try stored.forEachBlock(selection) { _, rows throws(BindingError) in
      firstRows.append(firstRows[firstRows.count - 1] + (rows?.rowCount ?? 0))
      guard let rows else { return }
      try check(rows)
      try specification.checkWeights(of: rows, mayBeZero: true)
      try sampler.add(rows)
    }
    guard let sample = sampler.table else {
      let table = try BindingError.of { () throws(TableError) in try stored.table(ofBlock: 0) }
      if let condition { throw BindingError(.noRow(condition: condition.text), in: table) }
      throw BindingError(TableError.everyRowDropped(of: table))
    }
    selection.numbers = stored.wordColumns.filter { sample.column(named: $0)?.isText == false }
    return (StoredRows(stored, selection, firstRows: firstRows), sample)
  }

  /// The means of the numbers of some columns that are there in all rows.
  private static func means(
    of names: [String],
    _ forEachPart: ((Table) throws(BindingError) -> Void) throws(BindingError) -> Void
  ) throws(BindingError) -> [String: Double] {
    var means = PartedMeans(of: names)
    try forEachPart { means.measure($0) }
    try forEachPart { means.add($0) }
    return try BindingError.of { () throws(TableError) in try means.values() }
  }

  /// Binds another table's rows, on which the loss is measured.
  private func bind(
    _ bound: inout BoundModel, toValidation stored: StoredTable, _ first: RowSelection,
    _ means: [String: Double]
  ) throws(BindingError) {
    let model = bound.model
    let needed = Set(model.columns.compactMap(\.name))
    for name in needed.sorted() where !stored.columnNames.contains(name) {
      let table = try BindingError.of { () throws(TableError) in try stored.table(ofBlock: 0) }
      throw BindingError(.unknownColumn(name, .validation, among: stored.columnNames), in: table)
    }
    var selection = first
    selection.needed = needed.sorted()
    if missing == .mean { selection.means = means }
    let (rows, sample) = try sample(of: stored, &selection) { table throws(BindingError) in
      try model.check(table)
    }
    try specification.checkWeights(of: sample)
    (bound.validation, bound.storedValidation) = (sample, rows)
  }
}

extension StoredRows {
  /// The scalings of some columns: see ``Model/scalings(of:withTarget:rows:)``; `sample` has the rows with the smallest
  /// and the largest number of each.
  fileprivate func scalings(
    of names: [String], _ sample: Table
  ) throws(BindingError) -> [String: Scaling] {
    func numbers(_ name: String, of table: Table) throws(BindingError) -> [Double] {
      try table.binding { () throws(TableError) in try table.numbers(of: name) }
    }
    let ranges = try names.map { name throws(BindingError) in
      let values = try numbers(name, of: sample)
      return (lowest: values.min() ?? 0, highest: values.max() ?? 0, first: values[0])
    }
    let units = ranges.map { MeanSquare.unit(of: max($0.lowest.magnitude, $0.highest.magnitude)) }
    var sums = names.map { _ in RunningSum<Double>() }
    try forEachBlock { table, _ throws(BindingError) in
      for (index, name) in names.enumerated() {
        for number in try numbers(name, of: table) { sums[index].add(number / units[index]) }
      }
    }
    let count = Double(rowCount)
    let centers = zip(sums, units).map { $0.total / count * $1 }
    // What is furthest from the middle is one of the ends, since rounding keeps the order.
    let spreads = zip(ranges, centers).map { range, center in
      MeanSquare.unit(
        of: max((range.lowest - center).magnitude, (range.highest - center).magnitude))
    }
    var squares = names.map { _ in RunningSum<Double>() }
    try forEachBlock { table, _ throws(BindingError) in
      for (index, name) in names.enumerated() {
        let (center, unit) = (centers[index], spreads[index])
        for number in try numbers(name, of: table) {
          let part = (number - center) / unit
          squares[index].add(part * part)
        }
      }
    }
    var scalings: [String: Scaling] = [:]
    for (index, name) in names.enumerated() {
      let range = ranges[index]
      if range.lowest == range.highest {
        scalings[name] = Scaling(center: range.first, scale: 1)
        continue
      }
      let square = MeanSquare(value: squares[index].total / count, unit: spreads[index])
      let scale = square.value > 0 ? square.root : 1
      guard scale.isNormal, centers[index].isFinite else {
        throw BindingError(sample.errorOfSpread(of: name, try numbers(name, of: sample)))
      }
      scalings[name] = Scaling(center: centers[index], scale: scale)
    }
    return scalings
  }
}

/// The different texts of a column, as they come.
private struct Levels {
  private(set) var texts: [String] = []
  private var known: Set<[UInt8]> = []

  /// The first rows of a part that have a text that none before had.
  mutating func newRows(of part: Table, _ name: String) throws(BindingError) -> [Int] {
    let categories = try part.binding { () throws(TableError) in
      try part.column(named: name)?.categories()
    }
    guard let categories else { return [] }
    var isNew = categories.levels.map { known.insert(Array($0.utf8)).inserted }
    texts += zip(categories.levels, isNew).filter(\.1).map(\.0)
    if !isNew.contains(true) { return [] }
    return categories.codes.indices.filter { row in
      let code = Int(categories.codes[row])
      defer { isNew[code] = false }
      return isNew[code]
    }
  }
}

/// Collects rows that stand for all: see ``BoundModel/table``.
private struct Sampler {
  /// How many of the first rows are kept.
  private static let firstRows = 4096

  private let names: [String]
  /// The target, if each of its values is a class.
  private let classes: String?
  private let weights: String?
  private var parts: [Table] = []
  private var rowCount = 0
  private var levels: [String: Levels] = [:]
  /// The rows with the smallest and the largest number of each column, one each.
  private var lowest: [String: (value: Double, row: Table)] = [:]
  private var highest: [String: (value: Double, row: Table)] = [:]
  /// The columns of which a row without a value has been kept.
  private var withGaps: Set<String> = []
  /// Whether there has been a weight that counts, and one that is not 1.
  private var hasWeight = (any: false, other: false)

  init(_ names: [String], classes: String?, weights: String?) {
    self.names = names
    self.classes = classes
    self.weights = weights
  }

  /// The rows that stand for all; nil if there are none.
  var table: Table? {
    if parts.isEmpty { return nil }
    let ends = names.flatMap { [lowest[$0]?.row, highest[$0]?.row].compactMap(\.self) }
    return Table(joining: parts + ends).readingNumbers(in: Set(names))
  }

  /// Takes the next rows into account.
  mutating func add(_ table: Table) throws(BindingError) {
    var kept = Set(0..<min(table.rowCount, max(0, Self.firstRows - rowCount)))
    rowCount += table.rowCount
    for name in names {
      guard let column = table.column(named: name) else { continue }
      if column.isText || name == classes {
        kept.formUnion(try levels[name, default: Levels()].newRows(of: table, name))
      }
      guard !column.isText, let numbers = try? table.numbersOrNaN(of: name) else { continue }
      // What fills gaps may be another number than all the others are.
      if !withGaps.contains(name), let row = numbers.firstIndex(where: \.isNaN) {
        withGaps.insert(name)
        kept.insert(row)
      }
      let (low, high) = numbers.ends
      if let low, numbers[low] < lowest[name]?.value ?? .infinity {
        lowest[name] = (numbers[low], table.keeping(rows: [low]))
      }
      if let high, numbers[high] > highest[name]?.value ?? -.infinity {
        highest[name] = (numbers[high], table.keeping(rows: [high]))
      }
      guard name == weights else { continue }
      if !hasWeight.any, let row = numbers.firstIndex(where: { $0 > 0 }) {
        kept.insert(row)
        hasWeight.any = true
      }
      if !hasWeight.other, let row = numbers.firstIndex(where: { $0 > 0 && $0 != 1 }) {
        kept.insert(row)
        hasWeight.other = true
      }
    }
    if !kept.isEmpty { parts.append(table.keeping(rows: kept.sorted())) }
  }
}

extension [Double] {
  /// The first rows of the smallest and of the largest number; nil if all are nan.
  fileprivate var ends: (low: Int?, high: Int?) {
    var (low, high): (Int?, Int?) = (nil, nil)
    var (lowest, highest) = (Double.infinity, -Double.infinity)
    for row in indices {
      let number = self[row]
      if number < lowest { (low, lowest) = (row, number) }
      if number > highest { (high, highest) = (row, number) }
    }
    return (low, high)
  }
}

extension BindingError {
  /// Does something with a table that stays in its files.
  fileprivate static func of<Result>(
    _ body: () throws(TableError) -> Result
  ) throws(BindingError) -> Result {
    do throws(TableError) { return try body() } catch { throw BindingError(error) }
  }
}
