extension Table {
  /// A table in which no value of the given columns is missing.
  ///
  /// Rows are left out of all columns, or numbers replaced by the mean of their column's others, which
  /// is their sum in the file's order divided by their count, or by `means` if it has one of that name;
  /// where a column of `neverFilled` lacks a value, the row is left out instead. The usual words for a
  /// missing value in columns of numbers count then, and not if the policy is ``MissingPolicy/error``.
  ///
  /// Throws the first missing value under that policy, and whenever one cannot be carried out: text has
  /// no mean, and neither has a column without any number; and one row at least must be left. Missing
  /// values in other columns do no harm. The table must have all of the columns.
  public func handling(
    _ policy: MissingPolicy, in names: [String], neverFilled: Set<String> = [],
    means: [String: Double] = [:]
  ) throws(TableError) -> Table {
    var indices: [Int] = []
    for name in names {
      guard let index = heading.indices[name] else {
        preconditionFailure("the table has no column of that name")
      }
      if let fault = columns[index].faults.name?.error { throw fault }
      indices.append(index)
    }
    let table = policy == .error ? self : readingUsualWords(in: names)
    let faults = indices.compactMap { table.columns[$0].missing }
    guard let first = faults.min(by: TableError.isBefore) else { return table }
    switch policy {
    case .error: throw first
    case .drop: return try table.droppingRows(missingIn: indices)
    case .mean:
      return try table.droppingRows(
        missingIn: indices.filter { neverFilled.contains(columns[$0].name) }
      ).fillingMeans(into: indices, means)
    }
  }

  /// The finite means of those of the given columns that hold numbers, of the values that are there.
  public func means(of names: [String]) -> [String: Double] {
    var means: [String: Double] = [:]
    for (name, numbers) in presentNumbers(of: names) { means[name] = mean(ofPresent: numbers) }
    return means
  }

  /// The numbers of those of the given columns that hold some, of which some may be missing.
  fileprivate func presentNumbers(of names: [String]) -> [(name: String, numbers: [Double])] {
    names.compactMap { name in
      guard let index = heading.indices[name] else { return nil }
      let column = columns[index].readingUsualWords(at: location(ofColumn: index, lines: lines))
      guard case .numbers(let numbers) = column.content else { return nil }
      return (name, numbers)
    }
  }

  /// The same rows with nothing where one of the given columns of numbers has a usual word for a missing value.
  public func readingUsualWords(in names: [String]) -> Table {
    var columns = self.columns
    for index in names.compactMap({ heading.indices[$0] }) {
      columns[index] = columns[index].readingUsualWords(
        at: location(ofColumn: index, lines: lines))
    }
    return with(columns: columns)
  }

  private func droppingRows(missingIn indices: [Int]) throws(TableError) -> Table {
    var isKept = [Bool](repeating: true, count: rowCount)
    for index in indices { columns[index].markMissing(in: &isKept) }
    let rows = isKept.indices.filter { isKept[$0] }
    if rows.count == rowCount { return self }
    if rows.isEmpty { throw TableError.everyRowDropped(of: self) }
    return keeping(rows: rows)
  }

  private func fillingMeans(
    into indices: [Int], _ means: [String: Double]
  ) throws(TableError) -> Table {
    var columns = self.columns
    for index in indices {
      let column = columns[index]
      guard let missing = column.missing else { continue }
      if let notFinite = column.faults.notFinite { throw notFinite.error }
      guard case .numbers(let numbers) = column.content else {
        // A word is no reason to have no mean in a column of numbers, but an error of its own.
        if !column.isText { _ = try column.numbers.get() }
        throw missing.replacing(.meanOfText(column: excerpt(column.name)))
      }
      guard let mean = means[column.name] ?? mean(ofPresent: numbers) else {
        throw missing.replacing(.noMean(column: excerpt(column.name)))
      }
      columns[index] = column.with(
        numbers: numbers.map { $0.isMissing ? mean : $0 },
        at: location(ofColumn: index, lines: lines))
    }
    return with(columns: columns)
  }
}

/// The mean of the numbers that are not missing, nil if it is not finite.
private func mean(ofPresent numbers: [Double]) -> Double? {
  var mean = PresentMean()
  mean.measure(numbers)
  mean.add(numbers)
  return mean.value
}

/// A mean of numbers of which some are missing, as they come one after the other, twice.
///
/// The largest exponent is taken out before they are added, so that their sum cannot overflow.
private struct PresentMean {
  private var largest = 0.0
  private var count = 0
  private var sum = 0.0

  mutating func measure(_ numbers: [Double]) {
    for number in numbers where !number.isMissing {
      largest = max(largest, number.magnitude)
      count += 1
    }
  }

  mutating func add(_ numbers: [Double]) {
    let unit = unit
    for number in numbers where !number.isMissing { sum += number / unit }
  }

  private var unit: Double { largest > 0 ? largest.binade : 1 }

  /// Nil if it is not finite.
  var value: Double? {
    let mean = sum / Double(count) * unit
    return mean.isFinite ? mean : nil
  }
}

/// The means of columns, as by ``Table/means(of:)``, of a table that arrives in parts: measure all parts first,
/// then add all of them again.
public struct PartedMeans {
  private let names: [String]
  private var means: [String: PresentMean] = [:]
  /// The first missing value of each column.
  private var missing: [String: TableError] = [:]

  /// The means of those of the columns that hold numbers.
  public init(of names: [String]) { self.names = names }

  /// Sees the next part for the first time.
  public mutating func measure(_ part: Table) {
    for (name, numbers) in part.presentNumbers(of: names) {
      means[name, default: PresentMean()].measure(numbers)
      if let fault = part.column(named: name)?.missing, missing[name] == nil {
        missing[name] = fault
      }
    }
  }

  /// Sees the next part for the second time.
  public mutating func add(_ part: Table) {
    for (name, numbers) in part.presentNumbers(of: names) { means[name]?.add(numbers) }
  }

  /// The means; throws if a column lacks values and has none.
  public func values() throws(TableError) -> [String: Double] {
    for name in names {
      if let fault = missing[name], means[name]?.value == nil {
        throw fault.replacing(.noMean(column: excerpt(name)))
      }
    }
    return means.compactMapValues(\.value)
  }
}

extension TableError {
  /// Rows of a table are not those that they were.
  public static func changed(_ table: Table) -> TableError {
    TableError(.changedWhileRead(onlyGrew: false), file: table.file)
  }

  /// No row of a table is left.
  public static func everyRowDropped(of table: Table) -> TableError {
    TableError(.everyRowDropped, file: table.file)
  }
}
