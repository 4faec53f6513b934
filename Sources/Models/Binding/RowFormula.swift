internal import Autograd
public import Formula
public import Tables

/// A formula in columns alone, with a value in each row of a table.
public struct RowFormula: Sendable {
  private let program: Program
  private let columns: [DataColumn]
  private let schema: Schema

  /// Binds a formula whose value is one number.
  ///
  /// Throws if it has a layer or a name that is no column.
  public init(_ formula: Formula, schema: Schema) throws(FormulaError) {
    let binding = try Binding(ofColumns: formula, schema: schema)
    program = binding.program(of: [binding.output])
    columns = binding.columns
    self.schema = schema
  }

  /// The value in each row of a table, computed in double; it may be infinite or nan.
  ///
  /// Throws if a field that the formula reads is missing or of the wrong kind.
  public func values(of table: Table) throws(TableError) -> [Double] {
    var found: [Double] = []
    found.reserveCapacity(table.rowCount)
    try forEachBlock(of: table) { found.append(contentsOf: $1) }
    return found
  }

  /// Computes the formula in some rows after the others, and gives `body` their numbers and the values.
  func forEachBlock(
    of table: Table, _ body: (Range<Int>, UnsafeBufferPointer<Double>) -> Void
  ) throws(TableError) {
    let data: Columns<Double> = try table.columns(columns) { schema.levels(of: $0) ?? [] }
    var executor = Executor<Double>(program, batchRows: table.rowCount, sumsRows: false)
    executor.forEachBlock(of: 0..<table.rowCount, in: data, parameters: []) { rows, values in
      body(rows, values[0])
    }
  }
}
