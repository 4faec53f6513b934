import ArgumentParser
import Formula

/// `backprop formula`: the language's reference, or what a formula means.
struct FormulaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "formula",
    abstract: "List what formulas can have, or explain one.",
    discussion: """
      EXAMPLES:
        Every operator, function and layer.
        $ backprop formula

        What a formula computes: columns, parameters, gradient, program.
        $ backprop formula 'a*exp(-b*x)'

        A network on four columns.
        $ backprop formula 'inputs |> dense(8) |> relu |> dense(1)' \\
            --columns x1,x2,x3,x4

        A number.
        $ backprop formula 'sqrt(2)'

      Data are x, y, either with digits after it (x1, x2), names in backquotes and names that are \
      compared with a text, unless --columns lists them; any other name is a parameter.
      """)

  @Argument(help: ArgumentHelp("What to explain. [the reference]", valueName: "formula"))
  var formula: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Names that are data, such as x,y; 'inputs' joins them. [x, y, x1 and so on]",
      valueName: "names"))
  var columns: String?

  func validate() throws {
    _ = try explanation()
  }

  func run() throws {
    try Writer.standardOutput.writeAll(try explanation()?.text ?? Reference.text)
  }

  private func explanation() throws(ValidationError) -> Explanation? {
    guard let formula else {
      if columns != nil {
        throw ValidationError("--columns says what a formula's names are: give one")
      }
      return nil
    }
    let parsed = try Formula(formula, flag: "formula")
    let names = try columns.map { text throws(ValidationError) in
      try FormulaGraph.columns(text, model: parsed, loss: nil)
    }
    do throws(FormulaError) {
      return Explanation(graph: try FormulaGraph(model: parsed, loss: nil, columns: names))
    } catch {
      throw ValidationError(Failure.text(of: error, flag: "formula"))
    }
  }
}
