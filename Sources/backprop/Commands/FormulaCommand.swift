import ArgumentParser
import Formula

/// `backprop formula`: the language's reference, or what a formula means.
struct FormulaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "formula",
    abstract: "List what formulas can have, or explain one.",
    usage: "backprop formula [<formula>] [--columns <names>]",
    discussion: """
      EXAMPLES:
        Every operator, function and layer.
        $ backprop formula

        What a formula computes: columns, parameters, gradient, program.
        $ backprop formula 'a*exp(-b*x)'

        A network on four columns.
        $ backprop formula 'inputs |> dense(8) |> relu |> dense(1)' \\
            --columns x1,x2,x3,x4

        A loss, as a function of the prediction.
        $ backprop formula huber:0.5

        A number.
        $ backprop formula 'sqrt(2)'

      Data are x, y, either with digits after it (x1, x2), names in backquotes and names that are \
      compared with a text, unless --columns lists them; any other name is a parameter. The names of \
      models and losses that 'train' knows are explained too.
      """)

  // A formula may begin with a minus, which the parser of options would take for one.
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("What to explain. [the reference]", valueName: "formula"))
  var formulas: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Names that are data, such as x,y; 'inputs' joins them. [x, y, x1 and so on]",
      valueName: "names"),
    transform: { text in try distinctNames(text, example: "x1,x2") })
  var columns: [String]?

  func validate() throws {
    _ = try explanation()
  }

  func run() throws {
    try Writer.standardOutput.writeAll(try explanation()?.text ?? Reference.text)
  }

  private func explanation() throws(ValidationError) -> Explanation? {
    if let option = formulas.first(where: { $0.hasPrefix("--") }) {
      throw ValidationError(
        "Unknown option '\(option)'; before a formula that begins so, put a blank")
    }
    guard formulas.count < 2 else {
      throw ValidationError("one formula at a time: put quotes around it, as in 'a*x + b'")
    }
    guard let formula = formulas.first else {
      if columns != nil {
        throw ValidationError("--columns says what a formula's names are: give one")
      }
      return nil
    }
    return try Explanation(of: formula, columns: columns)
  }
}
