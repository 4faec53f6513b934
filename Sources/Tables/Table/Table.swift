/// The columns of one file, or of several files that form one table, in memory.
///
/// A column that holds anything but numbers does no harm until its numbers are asked for: a file with a column of
/// labels is read like any other.
public struct Table: Sendable {
  /// The names of its files in messages.
  let files: [String]
  /// The columns that were read, in the file's order.
  ///
  /// Of columns with the same name, or with none, nothing but the name can be asked for.
  public let columns: [Column]
  /// The number of rows, at least 1.
  public let rowCount: Int
  let lines: LineNumbers
  let heading: Heading
  /// Whether these are some of a table's rows, so that columns of words are such whatever these rows hold.
  let isPart: Bool

  init(
    files: [String], heading: Heading, columns: [Column], rowCount: Int, lines: LineNumbers,
    isPart: Bool = false
  ) {
    self.isPart = isPart
    self.files = files
    self.heading = heading
    self.columns = columns
    self.rowCount = rowCount
    self.lines = lines
  }

  /// What the table is called in messages: the file's name, or the first one's and how many there are.
  public var file: String { Self.name(of: files) }

  /// What a table of some files is called.
  static func name(of files: [String]) -> String {
    files.count == 1 ? files[0] : "\(files[0]) and \(files.count - 1) more"
  }

  /// The same rows with other columns.
  func with(columns: [Column]) -> Table {
    Table(
      files: files, heading: heading, columns: columns, rowCount: rowCount, lines: lines,
      isPart: isPart)
  }

  /// The different names of all columns in the file's order; that of nameless ones is empty.
  public var columnNames: [String] { heading.names }

  /// The first column of that name, nil if none was read.
  public func column(named name: String) -> Column? { heading.indices[name].map { columns[$0] } }

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

  /// The numbers of a column that the table has, nan where a value is missing.
  ///
  /// Throws if a value of the column is not a number, with the first such field.
  public func numbersOrNaN(of name: String) throws(TableError) -> [Double] {
    guard let column = column(named: name) else {
      preconditionFailure("the table has no column of that name")
    }
    if case .success(let numbers) = column.numbers { return numbers }
    return try column.numbersOrMissing.get().map { $0 ?? .nan }
  }

  /// Throws the first field of the given columns of numbers that is not a finite number: a word, an infinity, NaN,
  /// or a missing value.
  public func checkNumbers(of names: [String]) throws(TableError) {
    let faults = names.compactMap { column(named: $0)?.firstFault }
    if let first = faults.min(by: TableError.isBefore) { throw first }
  }

  /// An error about a row of a column that the table has.
  public func error(_ reason: TableError.Reason, column name: String, row: Int) -> TableError {
    TableError(reason, at: lines[row], of: files, field: field(ofColumn: name))
  }

  /// The number of the field that a column is, counted from 1; nil if none of that name was read.
  public func field(ofColumn name: String) -> Int? {
    heading.indices[name].map { heading.fields[$0] }
  }

  /// The line of its file on which a row begins, counted from 1; rows count from 0.
  public func line(ofRow row: Int) -> Int { lines[row].line }

  /// The name of the file that a row is in.
  public func file(ofRow row: Int) -> String { files[lines[row].file] }
}
