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
    case .part, .fold, .table:
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
    let levels = try levels(of: words, in: stored, known)
    let schema = Schema(
      names: stored.columnNames, kinds: levels.mapValues { .text(levels: $0.texts) })
    do throws(FormulaError) {
      selection.condition = try Condition(formula, schema: schema)
    } catch {
      throw BindingError(error, of: .condition, in: first)
    }
    selection.conditionColumns = columns
  }

  /// The different texts of some columns in the rows that count.
  private func levels(
    of names: [String], in stored: StoredTable, _ selection: RowSelection
  ) throws(BindingError) -> [String: Levels] {
    if names.isEmpty { return [:] }
    let parts = try stored.inParts { blocks throws(BindingError) in
      var levels = names.map { _ in Levels() }
      try stored.forEachBlock(selection, of: blocks) { block, rows throws(BindingError) in
        guard let rows else { return }
        for (index, name) in names.enumerated() {
          _ = try levels[index].add(rows, ofBlock: block, name)
        }
      }
      return levels
    }
    let levels = names.indices.map { index in
      parts.reduce(into: Levels()) { $0.add($1[index]) }
    }
    return Dictionary(uniqueKeysWithValues: zip(names, levels))
  }

  /// Finds the rows in use, and some of them that stand for all.
  private func sample(
    of stored: StoredTable, _ selection: inout RowSelection,
    _ check: (Table) throws(BindingError) -> Void
  ) throws(BindingError) -> (rows: StoredRows, sample: Table) {
    let selected = selection
    var parts = try stored.inParts { blocks throws(BindingError) in
      var found = SampleRows(
        selected.needed, classes: specification.hasScores ? specification.target : nil,
        weights: specification.weights)
      try stored.forEachBlock(selected, of: blocks) { block, rows throws(BindingError) in
        if let rows {
          try check(rows)
          try specification.checkWeights(of: rows, mayBeZero: true)
        }
        try found.add(rows, ofBlock: block)
      }
      return found
    }[...]
    var found = parts.removeFirst()
    for part in parts { found.add(part) }
    let sample = try BindingError.of { () throws(TableError) in
      try found.table(of: stored, selected)
    }
    guard let sample else {
      let table = try BindingError.of { () throws(TableError) in try stored.table(ofBlock: 0) }
      if let condition { throw BindingError(.noRow(condition: condition.text), in: table) }
      throw BindingError(TableError.everyRowDropped(of: table))
    }
    selection.numbers = stored.wordColumns.filter { sample.column(named: $0)?.isText == false }
    let firstRows = found.rowCounts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
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
    let ranges = try names.map { name throws(BindingError) in
      let values = try sample.boundNumbers(of: name)
      return (lowest: values.min() ?? 0, highest: values.max() ?? 0, first: values[0])
    }
    let units = ranges.map { MeanSquare.unit(of: max($0.lowest.magnitude, $0.highest.magnitude)) }
    let sums = try sums(of: names) { column, numbers, sum in
      let unit = units[column]
      for number in numbers { sum.add(number / unit) }
    }
    let count = Double(rowCount)
    let centers = zip(sums, units).map { $0 / count * $1 }
    // What is furthest from the middle is one of the ends, since rounding keeps the order.
    let spreads = zip(ranges, centers).map { range, center in
      MeanSquare.unit(
        of: max((range.lowest - center).magnitude, (range.highest - center).magnitude))
    }
    let squares = try self.sums(of: names) { column, numbers, sum in
      let (center, unit) = (centers[column], spreads[column])
      for number in numbers {
        let part = (number - center) / unit
        sum.add(part * part)
      }
    }
    var scalings: [String: Scaling] = [:]
    for (index, name) in names.enumerated() {
      let range = ranges[index]
      if range.lowest == range.highest {
        scalings[name] = Scaling(center: range.first, scale: 1)
        continue
      }
      let square = MeanSquare(value: squares[index] / count, unit: spreads[index])
      let scale = square.value > 0 ? square.root : 1
      guard scale.isNormal, centers[index].isFinite else {
        throw BindingError(sample.errorOfSpread(of: name, try sample.boundNumbers(of: name)))
      }
      scalings[name] = Scaling(center: centers[index], scale: scale)
    }
    return scalings
  }

  /// What is added to the sum of a column for some of its numbers.
  private typealias Adding = (
    _ column: Int, _ numbers: ArraySlice<Double>, _ sum: inout RunningSum<Double>
  ) -> Void

  /// The sums over all rows of what `add` makes of the numbers of some columns, in the order in which batches are
  /// summed.
  private func sums(
    of names: [String], _ add: Adding
  ) throws(BindingError) -> [Double] {
    if let sharing = table.sharing {
      // Each process sums some subtrees, of which there are enough that all have about as many rows.
      var width = 64
      while rowCount / width > 64 * sharing.count { width *= 2 }
      let trees = sharing.part(of: (rowCount + width - 1) / width)
      let rows = min(trees.lowerBound * width, rowCount)..<min(trees.upperBound * width, rowCount)
      let found = sharing.gather { () throws(BindingError) in
        try sums(of: names, in: rows, width: width, add)
      }
      if let trees = found?.joined() {
        return names.indices.map { index in treeSum(of: trees.map { $0[index] }) }
      }
    }
    return try sums(of: names, in: 0..<rowCount, width: rowCount, add)[0]
  }

  /// The sums over rows, for each `width` of them one for each column.
  private func sums(
    of names: [String], in rows: Range<Int>, width: Int, _ add: Adding
  ) throws(BindingError) -> [[Double]] {
    let none = names.map { _ in RunningSum<Double>() }
    var (found, sums): ([[Double]], [RunningSum<Double>]) = ([], none)
    try forEachBlock(of: rows) { table, firstRow throws(BindingError) in
      let columns = try names.map { name throws(BindingError) in try table.boundNumbers(of: name) }
      let end = min(rows.upperBound, firstRow + table.rowCount)
      var row = max(rows.lowerBound, firstRow)
      while row < end {
        let next = min(end, (row / width + 1) * width)
        for (index, numbers) in columns.enumerated() {
          add(index, numbers[row - firstRow..<next - firstRow], &sums[index])
        }
        row = next
        guard row % width == 0 || row == rows.upperBound else { continue }
        found.append(sums.map(\.total))
        sums = none
      }
    }
    return found
  }
}

extension Table {
  /// The numbers of a column that the table has: see ``Tables/Table/numbers(of:)``.
  fileprivate func boundNumbers(of name: String) throws(BindingError) -> [Double] {
    try binding { () throws(TableError) in try numbers(of: name) }
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
