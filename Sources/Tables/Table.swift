/// The columns of a file and their names.
///
/// A column that holds anything but numbers does no harm until its numbers are asked for: files with
/// a column of labels are read like any other.
public struct Table: Sendable {
  /// The file's name in messages.
  public let file: String
  /// The columns in the file's order; no two have the same name.
  public let columns: [Column]
  /// The number of rows, at least 1.
  public let rowCount: Int
  private let lines: LineNumbers

  init(file: String, columns: [Column], rowCount: Int, lines: LineNumbers) {
    self.file = file
    self.columns = columns
    self.rowCount = rowCount
    self.lines = lines
  }

  /// The names of the columns in the file's order.
  public var columnNames: [String] { columns.map(\.name) }

  /// The column of that name, nil if there is none.
  public func column(named name: String) -> Column? { columns.first { $0.name == name } }

  /// The numbers of a column that the table has.
  ///
  /// Throws if a field of the column is empty or not a number, with the first such place.
  public func numbers(of name: String) throws(TableError) -> [Double] {
    guard let column = column(named: name) else {
      preconditionFailure("the table has no column of that name")
    }
    return try column.numbers.get()
  }

  /// The line of the file on which a row begins, counted from 1; rows count from 0.
  public func line(ofRow row: Int) -> Int { lines[row] }
}

/// One column of a table.
public struct Column: Sendable {
  /// The name from the header.
  public let name: String
  /// A number for each row, or the first place that holds something else.
  public let numbers: Result<[Double], TableError>
}

/// The line on which each row of a file begins.
///
/// Rows lie on successive lines except after a quoted line break, so only the exceptions are kept.
struct LineNumbers: Sendable {
  private var runs: [(row: Int, line: Int)] = []
  private var nextLine = -1

  /// Says where the next row begins.
  mutating func append(row: Int, line: Int) {
    if line != nextLine { runs.append((row, line)) }
    nextLine = line + 1
  }

  subscript(row: Int) -> Int {
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].row <= row { low = middle } else { high = middle }
    }
    return runs[low].line + row - runs[low].row
  }
}
