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
  let lines: LineNumbers

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
  /// Throws if a value of the column is missing or not a number, with the first such field.
  public func numbers(of name: String) throws(TableError) -> [Double] {
    guard let column = column(named: name) else {
      preconditionFailure("the table has no column of that name")
    }
    return try column.numbers.get()
  }

  /// The numbers of a column that the table has, nil where a value is missing.
  ///
  /// Throws if a value of the column is not a number, with the first such field.
  public func numbersOrMissing(of name: String) throws(TableError) -> [Double?] {
    guard let column = column(named: name) else {
      preconditionFailure("the table has no column of that name")
    }
    return try column.numbersOrMissing.get()
  }

  /// The line of the file on which a row begins, counted from 1; rows count from 0.
  public func line(ofRow row: Int) -> Int { lines[row] }
}
