import Models
import Tables

extension StoredRows {
  /// The rows that a picture shows: all of up to 65,536, else some that are evenly spread over the table, and those with
  /// the smallest and the largest number of each column, which are in the rows that stand for all.
  func shown(of model: Model, sample: Table) throws(TableError) -> Table {
    let most = 65_536
    let spread = try spread(over: most)
    if rowCount <= most { return spread }
    var ends: Set<Int> = []
    for name in Set(model.columns.compactMap(\.name)) {
      guard let numbers = try? sample.numbers(of: name) else { continue }
      let rows = numbers.indices
      ends.formUnion(
        [rows.min { numbers[$0] < numbers[$1] }, rows.max { numbers[$0] < numbers[$1] }]
          .compactMap(\.self))
    }
    return Table(joining: [spread, sample.keeping(rows: ends.sorted())])
  }
}
