import Flags
import Formula

/// `backprop formula`: the language's reference, or what a formula means.
struct FormulaCommand: Command {
  private var formulas: [String] = []
  private var columns: [String]?

  static let name = "formula"
  static let summary = "List the operators and functions of formulas, or explain a formula."
  static let usage = "[<formula>] [--columns <names>]"

  static var arguments: Arguments<Self>? {
    Arguments(
      name: "formula", help: "Formula, function, operator or loss to explain. [list all of them]",
      mayBe: { _ in true },
      add: { $0.formulas.append($1.text) })
  }

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Formula options",
        [
          Flag<FormulaCommand>(
            "columns", "names",
            "Names that are data, such as x,y; 'inputs' contains them. [x, y, x1 and so on]"
          ) { $0.columns = try distinctNames($1, example: "x1,x2") }
        ])
    ]
  }

  static var discussion: String {
    """
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

      A function, an operator or a layer.
      $ backprop formula exp

      A number.
      $ backprop formula 'sqrt(2)'

    Unless --columns lists the names that are data, these are x and y, with or without digits (x1, x2), names in \
    backquotes and names that are compared with a text. Any other name is a parameter. The presets and losses that \
    'train' knows by name are explained too.
    """
  }

  func run() throws(Failure) {
    if columns == nil, formulas.count == 1, let entry = Reference.text(of: formulas[0]) {
      return try Writer.standardOutput.writeAll(entry)
    }
    try Writer.standardOutput.writeAll(try explanation()?.text ?? Reference.text)
  }

  func explanation() throws(Failure) -> Explanation? {
    guard formulas.count < 2 else {
      throw Failure(.usage, "one formula at a time: put quotes around it, as in 'a*x + b'")
    }
    guard let formula = formulas.first else {
      if columns != nil {
        throw Failure(.usage, "--columns has no effect without a formula")
      }
      return nil
    }
    return try Explanation(of: formula, columns: columns)
  }
}
