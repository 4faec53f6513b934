import ArgumentParser
import Autograd
import Formula
import Models
import Tables

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

      Data are x, y, either with digits after it (x1, x2), unless --columns lists them; any other \
      name is a parameter.
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
    let names = columns?.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    if names?.contains("") == true { throw ValidationError("--columns: give names, as in x1,x2") }
    let parsed = try Formula(formula, flag: "formula")
    do throws(FormulaError) {
      let known: Set = [Model.inputsName]
      for name in parsed.names
      where Formula.reservedNames.contains(name.text) && !known.contains(name.text) {
        throw FormulaError(.reservedName(name.text), in: formula, at: name.range)
      }
      return Explanation(graph: try FormulaGraph(model: parsed, loss: nil, columns: names))
    } catch {
      throw ValidationError(Failure.text(of: error, flag: "formula"))
    }
  }
}

/// What there is to say of a formula.
private struct Explanation {
  let graph: FormulaGraph

  var text: String {
    var lines = ["formula     \(graph.model.text)"]
    lines += Self.list("columns", graph.columns)
    lines += Self.list("parameters", graph.parameters.map { "\($0.name), \($0.shape)" })
    let value = graph.prediction
    lines.append("value       \(value.shape)" + (number.map { ", \($0)" } ?? ""))
    if graph.parameters.isEmpty { return lines.joined(separator: "\n") + "\n" }
    let isScalar = value.shape == .scalar
    let output = isScalar ? value : sum(value)
    let nodes = graph.parameters.map { value.graph.parameter($0.name, $0.shape) }
    let gradients = value.graph.gradients(of: output, withRespectTo: nodes)
    lines += Self.list(
      isScalar ? "gradient" : "gradient of the sum",
      zip(graph.parameters, gradients).map { "by \($0.name): \($1)" })
    lines.append("program of the value and its gradient")
    let listing = graph.program(of: [output] + gradients).description
    lines += listing.split(separator: "\n").map { "  \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The value, if it depends on nothing.
  private var number: String? {
    guard graph.columns.isEmpty, graph.parameters.isEmpty else {
      return nil
    }
    let values = graph.values(of: [graph.prediction], at: .none, precision: .float64)
    return values[0].map(\.shortestDecimal).joined(separator: " ")
  }

  private static func list(_ title: String, _ entries: [String]) -> [String] {
    let entries = entries.isEmpty ? ["none"] : entries
    return entries.enumerated().map { place, entry in
      (place == 0 ? title.padded(to: 12) : String(repeating: " ", count: 12)) + entry
    }
  }
}

extension Reference {
  /// All parts, one line an entry, examples with the values they give.
  fileprivate static var text: String {
    let entries = parts.flatMap(\.entries)
    let width = entries.map(\.spelling.count).max() ?? 0
    let summaryWidth = 48
    var lines: [String] = []
    for part in parts {
      lines += (lines.isEmpty ? [] : [""]) + [part.title]
      for entry in part.entries {
        let start = "  " + entry.spelling.padded(to: width + 2)
        let example = entry.example + (entry.value.map { " = \($0)" } ?? "")
        lines.append(start + entry.summary.padded(to: summaryWidth) + "  " + example)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Reference.Entry {
  /// What the example gives, if it is a number.
  fileprivate var value: String? {
    guard let formula = try? Formula(example), formula.names.isEmpty,
      let graph = try? FormulaGraph(model: formula, loss: nil, columns: nil)
    else { return nil }
    let value = graph.values(of: [graph.prediction], at: .none, precision: .float64)[0]
    return value.map(\.shortestDecimal).joined(separator: " ")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
