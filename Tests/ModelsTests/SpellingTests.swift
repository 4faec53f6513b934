import Autograd
import Formula
import Tables
import Testing

@testable import Models

/// A trained model's formula with its numbers put in, against what the model predicts.
@Suite struct SpellingTests {
  private static let rows = """
    a,b,kind,it's,y
    1,0.5,red,u,3
    2.5,-1,blue,v,1
    -4,2,red,w,-2
    0.25,7,green,u,5
    8,-3,blue,v,0.5

    """

  /// Formulas, and whether what they give is a number for each of three classes.
  private static let formulas = [
    "p*a + q", "p*a/(q + b^2)", "exp(p*a) - q*log(b^2 + 1) + r", "-(p*a)^2", "(p*a)^q",
    "inputs |> dense(1)", "inputs |> dense(2) |> tanh |> dense(1)",
    "inputs |> layerNorm |> dense(3) |> relu |> dense(1)", "p*(kind == 'red') + q*(`it's` == 'v')",
    "where(a > q, p*a, r - b)", "max(p*a, q*b, r) + min(a, p)", "a > b && !(b > p) ? q : r*a",
    "dot(softmax(concat(p*a, q*b, r)), concat(a, b, 1))", "p + q*atan2(a, b) + hypot(a, r*b)",
    "sum(slice(concat(a, b, p), 1, 2)) + q*erf(b)", "pick(concat(p*a, b), 1) - q",
    "inputs |> dropout(0.5) |> dense(1)",
  ]

  /// What a model predicts in the table's units.
  private func predictions(_ bound: BoundModel, _ values: [Double]) throws -> [Double] {
    let data: Columns<Double> = try bound.model.data(from: bound.table)
    var executor = Executor<Double>(bound.model.predictionProgram, batchRows: bound.table.rowCount)
    let keys = [Double](repeating: 0, count: bound.model.noiseKeyCount * NoiseKey.count)
    var found: [Double] = []
    executor.forEachBlock(
      of: 0..<bound.table.rowCount, in: data, parameters: values + keys
    ) { rows, elements in
      for lane in rows.indices.map({ $0 - rows.lowerBound }) { found.append(elements[0][lane]) }
    }
    let scaling = bound.model.scalings[bound.model.target]
    return found.map { scaling?.inverse($0) ?? $0 }
  }

  /// What a formula of columns gives for each row.
  private func values(of text: String, on table: Table) throws -> [Double] {
    let schema = try Schema(table, needed: Set(table.columnNames))
    let binding = try Binding(ofColumns: Formula(text), schema: schema)
    let data: Columns<Double> = try table.columns(binding.columns) { schema.levels(of: $0) ?? [] }
    var executor = Executor<Double>(
      binding.program(of: [binding.output]), batchRows: table.rowCount)
    var found: [Double] = []
    executor.forEachBlock(of: 0..<table.rowCount, in: data, parameters: []) { rows, elements in
      for lane in 0..<rows.count { found.append(elements[0][lane]) }
    }
    return found
  }

  @Test(arguments: formulas, [nil, Standardization.inputs, .all])
  func `a spelled formula gives the model's predictions`(
    formula: String, standardization: Standardization?
  ) throws {
    var preparation = Preparation(try specification(formula))
    preparation.standardization = standardization
    let whole = try table(Self.rows)
    let bound: BoundModel
    do { bound = try preparation.bind(to: whole) } catch {
      // Some formulas have nothing to standardise.
      guard case .nothingToStandardize = error.reason else { throw error }
      return
    }
    let numbers = (0..<bound.model.parameterCount).map { 0.3 + 0.7 * Double(($0 * 7) % 5) - 1 }
    let saved = try SavedModel(bound.model.file(parameters: numbers))
    let equations = try #require(saved.equations(mostBytes: 1 << 20))
    #expect(equations.map(\.name) == ["y"])
    let found = try values(of: equations[0].formula, on: whole)
    for (found, wanted) in zip(found, try predictions(bound, numbers)) {
      let isSame = found.isNaN && wanted.isNaN || abs(found - wanted) <= 1e-11 * max(1, abs(wanted))
      #expect(isSame, "\(equations[0].formula): \(found), want \(wanted)")
    }
  }

  @Test func `every function of the language can be spelled`() throws {
    for op in Op.allCases where op.isCallable && op.isElementwise && op.isFunction {
      let operands = ["0.3*a", "b", "p"].prefix(op.arity).joined(separator: ", ")
      var preparation = Preparation(try specification("p*\(op.spelling)(\(operands))"))
      preparation.standardization = .inputs
      let bound = try preparation.bind(to: table(Self.rows))
      let saved = try SavedModel(bound.model.file(parameters: [0.75]))
      let equation = try #require(saved.equations(mostBytes: 1 << 20)?.first)
      let found = try values(of: equation.formula, on: bound.table)
      for (found, wanted) in zip(found, try predictions(bound, [0.75])) {
        #expect(
          found.isNaN && wanted.isNaN || found == wanted
            || abs(found - wanted) <= 1e-11 * max(1, abs(wanted)), "\(equation.formula)")
      }
    }
  }

  @Test func `numbers that are not standardised stay where they were written`() throws {
    let bound = try Preparation(specification("p*(a/15) + q*(`b` > 2)")).bind(to: table(Self.rows))
    let saved = try SavedModel(bound.model.file(parameters: [2, -0.5] as [Double]))
    #expect(saved.equations(mostBytes: 100)?.map(\.formula) == ["2*(a/15) + (-0.5)*(`b` > 2)"])
    #expect(saved.equations(mostBytes: 10) == nil)
  }

  @Test func `each class has a score`() throws {
    let specification = try specification(
      "inputs |> dense(classes)", loss: "cross-entropy", target: "kind", features: ["a"])
    let bound = try Preparation(specification).bind(to: table(Self.rows))
    let saved = try SavedModel(bound.model.file(parameters: [1, 2, 3, 0, 0.5, -1] as [Float]))
    #expect(
      saved.equations(mostBytes: 1000) == [
        Equation(name: "score(blue)", formula: "a"),
        Equation(name: "score(green)", formula: "2*a + 0.5"),
        Equation(name: "score(red)", formula: "3*a - 1"),
      ])
  }
}
