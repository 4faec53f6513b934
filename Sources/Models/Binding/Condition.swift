internal import Autograd
public import Formula
public import Tables

/// A formula in columns that says which rows count.
public struct Condition {
  private let program: Program
  private let columns: [DataColumn]
  private let schema: Schema

  /// Binds a formula, whose names must all be columns.
  public init(_ formula: Formula, schema: Schema) throws(FormulaError) {
    let binding = try Binding(condition: formula, schema: schema)
    program = binding.program(of: [binding.output])
    columns = binding.columns
    self.schema = schema
  }

  /// The rows of a table for which the formula, computed in double, is neither 0 nor nan.
  public func rows(of table: Table) throws(TableError) -> [Int] {
    let data: Columns<Double> = try table.columns(columns) { schema.levels(of: $0) ?? [] }
    var executor = Executor<Double>(program, batchRows: table.rowCount)
    var kept: [Int] = []
    executor.forEachBlock(of: 0..<table.rowCount, in: data, parameters: []) { rows, values in
      kept += rows.filter { values[0][$0 - rows.lowerBound].magnitude > 0 }
    }
    return kept
  }
}
