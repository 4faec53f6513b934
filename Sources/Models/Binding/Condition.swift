public import Formula
public import Tables

/// A formula in columns that selects rows.
public struct Condition: Sendable {
  private let formula: RowFormula

  /// Binds a formula, whose names must all be columns.
  public init(_ formula: Formula, schema: Schema) throws(FormulaError) {
    self.formula = try RowFormula(formula, schema: schema)
  }

  /// The rows of a table for which the formula, computed in double, is neither 0 nor nan.
  public func rows(of table: Table) throws(TableError) -> [Int] {
    var kept: [Int] = []
    try formula.forEachBlock(of: table) { rows, values in
      kept += rows.filter { values[$0 - rows.lowerBound].magnitude > 0 }
    }
    return kept
  }
}
