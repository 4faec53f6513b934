/// What a file's first line says of its columns, and which of them were read.
struct Heading: Sendable {
  /// The different names of all columns in the file's order; that of nameless ones is empty.
  let names: [String]
  /// How many columns the file has.
  let fieldCount: Int
  /// For each column that was read its field, counted from 1.
  let fields: [Int]
  /// The first column of each name among those that were read.
  let indices: [String: Int]

  /// The heading of columns with the given names, `different` ones, of which those at `read` were read.
  init(names: [String], different: [String], read: [Int]) {
    self.names = different
    fieldCount = names.count
    fields = read.map { $0 + 1 }
    indices = Dictionary(zip(read.map { names[$0] }, read.indices)) { first, _ in first }
  }
}
