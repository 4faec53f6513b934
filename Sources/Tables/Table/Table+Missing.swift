extension Table {
  /// A table in which no value of the given columns is missing.
  ///
  /// Rows are left out of all columns, or numbers replaced by the mean of their column's others, which
  /// is their sum in the file's order divided by their count. Throws the first missing value if the
  /// policy is ``MissingPolicy/error``, and whenever it cannot be carried out: text has no mean, and
  /// neither has a column without any number; and one row at least must be left. Missing values in
  /// other columns do no harm. The table must have all of the columns.
  public func handling(
    _ policy: MissingPolicy, in names: [String]
  ) throws(TableError) -> Table {
    let indices = names.map { name in
      guard let index = columns.firstIndex(where: { $0.name == name }) else {
        preconditionFailure("the table has no column of that name")
      }
      return index
    }
    let faults = indices.compactMap { columns[$0].missing }
    let first = faults.min { ($0.line ?? 0, $0.field ?? 0) < ($1.line ?? 0, $1.field ?? 0) }
    guard let first else { return self }
    switch policy {
    case .error: throw first
    case .drop: return try droppingRows(missingIn: Set(indices).sorted(), first: first)
    case .mean: return try fillingMeans(into: Set(indices).sorted())
    }
  }

  private func droppingRows(
    missingIn indices: [Int], first: TableError
  ) throws(TableError) -> Table {
    var isKept = [Bool](repeating: true, count: rowCount)
    for index in indices { columns[index].markMissing(in: &isKept) }
    let rows = isKept.indices.filter { isKept[$0] }
    if rows.isEmpty { throw TableError(.everyRowDropped, file: file) }
    return keeping(rows: rows)
  }

  private func fillingMeans(into indices: [Int]) throws(TableError) -> Table {
    var columns = self.columns
    for index in indices {
      let column = columns[index]
      guard let missing = column.missing else { continue }
      guard case .numbers(var numbers) = column.content else {
        throw TableError(
          .meanOfText(column: excerpt(column.name)), file: file, line: missing.line,
          field: missing.field)
      }
      var sum = 0.0
      var count = 0
      for number in numbers where !number.isMissing {
        sum += number
        count += 1
      }
      let mean = sum / Double(count)
      guard mean.isFinite else {
        throw TableError(
          .noMean(column: excerpt(column.name)), file: file, line: missing.line,
          field: missing.field)
      }
      for row in numbers.indices where numbers[row].isMissing { numbers[row] = mean }
      columns[index] = Column(
        name: column.name, content: .numbers(numbers), missing: nil, point: column.point)
    }
    return Table(file: file, columns: columns, rowCount: rowCount, lines: lines)
  }
}
