import Models
import Tables

extension Table {
  /// Where a row begins, or a field of it, as in `cars.csv:17:3`.
  func position(ofRow row: Int, column: String? = nil) -> String {
    let number = column.flatMap(field).map { ":\($0)" } ?? ""
    return place(file(ofRow: row), line(ofRow: row)) + number
  }
}

extension StoredRows {
  /// Where a row begins; nil if it cannot be told.
  func position(ofRow row: Int) -> String? { place(ofRow: row).map(backprop.place) }
}

extension BoundModel {
  /// Where a row begins that is trained on, or on which the loss is measured; nil if it cannot be told.
  func position(ofRow row: Int, isValidation: Bool = false) -> String? {
    if let rows = isValidation ? storedValidation : storedRows {
      return rows.position(ofRow: row)
    }
    return (isValidation ? validation : table)?.position(ofRow: row)
  }
}

/// A line of a file, as messages have it.
private func place(_ file: String, _ line: Int) -> String {
  "\(shortened(file, limit: TableError.longestFileName)):\(line)"
}
