/// A column of numbers that the program of a model reads, and how it is made from the table.
public enum DataColumn: Hashable, Sendable {
  /// A column of numbers.
  case number(String)
  /// 1 where a column of texts holds a level, else 0.
  case indicator(String, level: Int)
  /// The index of each text of a column among its levels.
  case code(String)
  /// The rows' numbers, from 0.
  case rowNumber

  /// The table's column.
  public var name: String? {
    switch self {
    case .number(let name), .indicator(let name, _), .code(let name): name
    case .rowNumber: nil
    }
  }
}
