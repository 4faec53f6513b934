internal import Autograd
public import Formula
public import Tables

/// A formula in columns that says which rows count.
public struct Condition {
  private let program: Program
  private let columns: [String]
  private let schema: Schema

  /// Binds a formula, whose names must all be columns.
  public init(_ formula: Formula, schema: Schema) throws(FormulaError) {
    let graph = Graph()
    var scope = Scope(graph, allowsLayers: false) { name in
      guard schema.names.contains(name) else { return nil }
      let node = graph.column(name)
      return schema.levels(of: name).map { .text(node, levels: $0) } ?? .value(node)
    }
    let node: Node
    do {
      node = try formula.scalar(in: &scope)
    } catch {
      guard case .unknownName(let name, _) = error.reason else { throw error }
      let suggestion = closest(to: name, in: schema.names)
      throw FormulaError(
        .unknownName(name, suggestion: suggestion), in: formula.text, at: error.range)
    }
    let used = Set(formula.names.map(\.text))
    columns = schema.names.filter(used.contains)
    program = Program(outputs: [node], columns: columns.map(graph.column), parameters: [])
    self.schema = schema
  }

  /// The rows of a table for which the formula, computed in double, is neither 0 nor nan.
  public func rows(of table: Table) throws(TableError) -> [Int] {
    let data: Columns<Double> = try table.columns(
      columns.map { schema.levels(of: $0) == nil ? .number($0) : .code($0) },
      levels: { schema.levels(of: $0) ?? [] })
    var executor = Executor<Double>(program, batchRows: table.rowCount)
    var kept: [Int] = []
    executor.forEachBlock(of: 0..<table.rowCount, in: data, parameters: []) { rows, values in
      kept += rows.filter { values[0][$0 - rows.lowerBound].magnitude > 0 }
    }
    return kept
  }
}
