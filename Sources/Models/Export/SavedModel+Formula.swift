internal import Autograd
internal import Formula

extension SavedModel {
  /// The prediction as a formula of the columns with the trained numbers in it; scores of classes are joined.
  func exportedFormula() throws(ExportError) -> String {
    guard let equations = equations(mostBytes: 1 << 20) else {
      throw ExportError("its formula would be longer than 1 MB, or has what formulas cannot spell")
    }
    let text =
      equations.count == 1
      ? equations[0].formula : "concat(\(equations.map(\.formula).joined(separator: ", ")))"
    let schema = model.schema
    do {
      _ = try Binding(
        Formula(text), roles: Roles(schema: schema, target: model.target))
    } catch {
      throw ExportError("its formula could not be read back: \(error)")
    }
    return text
  }
}
