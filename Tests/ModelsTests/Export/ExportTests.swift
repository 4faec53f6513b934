import Autograd
import Formula
import Tables
import Testing

@testable import Models

/// Exported models against what the program itself predicts.
@Suite struct ExportTests {
  private static func isNear(_ found: Double, _ wanted: Double, isDouble: Bool) -> Bool {
    if found.isNaN || wanted.isNaN { return found.isNaN && wanted.isNaN }
    if found == wanted { return true }
    return abs(found - wanted) <= (isDouble ? 1e-12 : 1e-6) * max(1, abs(wanted))
  }

  @Test(arguments: ExportCase.all, ForeignProgram.allCases.filter(\.isPossible))
  func `an exported model predicts as the program does`(
    example: ExportCase, program: ForeignProgram
  ) throws {
    let model = try ExportedModel(example)
    let format = try #require(ExportFormat(rawValue: program.rawValue))
    let bytes = try model.saved.exported(as: format, creator: "backprop 0")
    #expect(try model.saved.exported(as: format, creator: "backprop 0") == bytes)
    let recipe = Recipe(model.saved)
    // A graph without inputs has one row.
    let isOneRow = program == .onnx && recipe.fields.isEmpty
    let found = try program.outputs(recipe, model: bytes, table: model.table)
    let expected = isOneRow ? [model.expected[0]] : model.expected
    #expect(found.count == expected.count)
    for (row, (found, expected)) in zip(found, expected).enumerated() {
      #expect(found.numbers.count == expected.count, "row \(row)")
      for (value, wanted) in zip(found.numbers, expected) {
        #expect(
          Self.isNear(value, wanted, isDouble: example.isDouble),
          "row \(row): \(value), want \(wanted)")
      }
      #expect(found.label == model.classes?[row], "row \(row)")
    }
  }

  @Test(arguments: ExportCase.all.filter { $0.loss != "poisson" })
  func `an exported formula has the model's values`(example: ExportCase) throws {
    let model = try ExportedModel(example)
    let text = String(
      decoding: try model.saved.exported(as: .formula, creator: "backprop 0"), as: UTF8.self)
    let schema = try Schema(model.table, needed: Set(model.table.columnNames))
    let binding = try Binding(Formula(String(text.dropLast())), roles: Roles(schema: schema))
    let data: Columns<Double> = try model.table.columns(binding.columns) {
      schema.levels(of: $0) ?? []
    }
    var executor = Executor<Double>(
      binding.program(of: [binding.output]), batchRows: model.table.rowCount)
    var row = 0
    executor.forEachBlock(of: 0..<model.table.rowCount, in: data, parameters: []) { rows, values in
      for lane in 0..<rows.count {
        for (value, wanted) in zip(values.map { $0[lane] }, model.expected[row]) {
          #expect(
            Self.isNear(value, wanted, isDouble: example.isDouble),
            "row \(row): \(value), want \(wanted)")
        }
        row += 1
      }
    }
    #expect(row == model.expected.count)
  }

  @Test func `what a format cannot hold is said`() throws {
    func fault(_ formula: String, _ format: ExportFormat, rows: String = ExportCase.rows) throws
      -> String
    {
      let example = ExportCase(
        testDescription: "", formula: formula, isDouble: true, rows: rows)
      let saved = try ExportedModel(example).saved
      do { _ = try saved.exported(as: format, creator: "backprop 0") } catch {
        return error.description
      }
      return "nothing is wrong"
    }
    #expect(
      try fault("inputs |> dense(90) |> tanh |> dense(90) |> tanh |> dense(1)", .formula)
        == "its formula would be longer than 1 MB, or has what formulas cannot spell")
    #expect(
      try fault("p*erf(a)", .onnx)
        == "its 'erf' is in float64, but ONNX runtimes have it only in float32")
    #expect(
      try fault("p*label", .onnx, rows: "label,y\n1,2\n")
        == "its column 'label' has the name of an output in ONNX")
  }
}
