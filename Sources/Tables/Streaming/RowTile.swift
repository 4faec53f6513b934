/// A few rows of a stream, with the values of the columns that are read.
public struct RowTile {
  /// Where fields can be put behind a row's own, and what a message needs to point at it.
  struct Place {
    /// The end of the row's last field that belongs to a column.
    var fieldsEnd: TextPointer
    /// Where the row goes on behind that field.
    var rest: TextPointer
    /// How many fields there are up to `fieldsEnd`.
    var fieldCount: Int
    var line: Int
  }

  /// The number of rows.
  public private(set) var rowCount = 0
  /// How many rows there is room for.
  let capacity: Int
  private(set) var places: [Place] = []
  private var values: [Double]
  private var lacksValue: [Bool]
  private let names: [String]
  private let fields: [Int]
  private let file: String

  /// No rows yet of columns that stand at the given fields, counted from 0.
  init(_ columns: [StreamedColumn], fields: [Int], file: String) {
    capacity = max(64, min(4096, (1 << 18) / max(1, columns.count)))
    values = [Double](repeating: 0, count: capacity * columns.count)
    lacksValue = [Bool](repeating: false, count: capacity)
    places.reserveCapacity(capacity)
    names = columns.map(\.name)
    self.fields = fields
    self.file = file
  }

  /// The number in a row of a column, or the index of its text among the levels: −1 for one that is unknown.
  ///
  /// Where the row lacks the value it has no meaning.
  public subscript(column: Int, row: Int) -> Double { values[column * capacity + row] }

  /// Whether a row has a value in every column.
  public func isComplete(row: Int) -> Bool { !lacksValue[row] }

  /// An error about a row of a column.
  public func error(_ reason: TableError.Reason, column: Int, row: Int) -> TableError {
    TableError(reason, file: file, line: places[row].line, field: fields[column] + 1)
  }

  var isFull: Bool { rowCount == capacity }

  /// Sets a value of the row that comes next.
  mutating func set(_ value: Double, column: Int) { values[column * capacity + rowCount] = value }

  /// Says that the row that comes next lacks a value.
  mutating func setMissing() { lacksValue[rowCount] = true }

  mutating func endRow(_ place: Place) {
    places.append(place)
    rowCount += 1
  }

  mutating func removeAll() {
    for row in 0..<rowCount { lacksValue[row] = false }
    places.removeAll(keepingCapacity: true)
    rowCount = 0
  }

  /// Forgets what is known of a row that could not be read to its end.
  mutating func dropUnfinishedRow() { if !isFull { lacksValue[rowCount] = false } }
}
