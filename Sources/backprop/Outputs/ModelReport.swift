import Autograd
import Formula
import Models
import Tables

/// A model as text for people.
struct ModelReport {
  /// Longer formulas are not written out.
  private static let mostFormulaBytes = 2000

  private let saved: SavedModel
  private let name: String

  init(_ saved: SavedModel, name: String) {
    self.saved = saved
    self.name = name
  }

  private var model: Model { saved.model }

  var text: String {
    let version = saved.version.map { ", by backprop \($0)" } ?? ""
    let kind = saved.progress == nil ? "model" : "checkpoint"
    var lines = [
      "\(name): a \(kind) of '\(model.responseName)' in \(saved.precision)\(version)", "",
    ]
    lines += formulaLines.map { "  \($0)" } + [""]
    lines += facts.map { "\($0.padded(to: 14))\($1)" }
    let layers = layerLines
    if !layers.isEmpty { lines += ["", "layers"] + layers.map { "  \($0)" } }
    return lines.map(\.onOneLine).joined(separator: "\n") + "\n\n" + Self.parameterLines(of: saved)
  }

  /// Names with commas between, in quotes where they have some of their own.
  private func listed(_ names: [String]) -> String {
    names.map { csvField($0) }.joined(separator: ", ")
  }

  /// The formula, or the steps around it.
  private var formulaLines: [String] {
    let rule = decision.map { [$0] } ?? []
    if let equations = saved.equations(mostBytes: Self.mostFormulaBytes) {
      return equations.map { "\($0.name) = \($0.formula)" } + rule
    }
    let before = model.inputs.compactMap { column in
      model.scalings[column].map { scaling in
        let name = model.formulaName(of: column)
        let sign = scaling.center < 0 ? "+" : "-"
        let center = scaling.center.magnitude.shortestDecimal
        return "\(name)' = (\(name) \(sign) \(center))/\(scaling.scale.shortestDecimal)"
      }
    }
    let target = model.scalings[model.target]
    let left = target == nil ? saved.predicted.joined(separator: ", ") : "\(model.target)'"
    let after = target.map {
      ["\(model.target) = \($0.center.shortestDecimal) + \($0.scale.shortestDecimal)*\(left)"]
    }
    return before + ["\(left) = \(model.specification.formula.text)"] + (after ?? []) + rule
  }

  /// How a class follows from the prediction.
  private var decision: String? {
    guard case .upper(above: let threshold)? = model.specification.loss.named?.estimate else {
      return nil
    }
    let upper = model.classes?.last.map { "'\($0)'" } ?? "1"
    return "\(model.target) is \(upper) where prediction > \(threshold.shortestDecimal)"
  }

  /// What is said of the model, a word for each and the rest of its line.
  private var facts: [(String, String)] {
    let specification = model.specification
    func number(_ key: String) -> Double? { saved.result[key]?.number }
    var facts = [("model", specification.formula.text), ("loss", specification.loss.text)]
    facts.append(("inputs", listed(model.inputs)))
    if let classes = model.classes { facts.append(("classes", listed(classes))) }
    for name in model.inputs where model.holdsText(name) {
      facts.append(("levels", "\(name): \(listed(model.levels(of: name)))"))
    }
    for (name, scaling) in model.scalings.sorted(by: { $0.key < $1.key }) {
      facts.append(
        (
          "standardized",
          "\(name): mean \(brief(scaling.center, digits: 6)), deviation "
            + brief(scaling.scale, digits: 6)
        ))
    }
    if let weights = specification.weights { facts.append(("weights", weights)) }
    if let verdict = saved.result["verdict"]?.text {
      facts.append(("result", fitted(verdict)))
      return facts + settingFacts
    }
    var result = number("loss").map { "loss \($0.shortestDecimal)" } ?? "loss unknown"
    if let loss = number("validation_loss") {
      result += ", validation loss \(loss.shortestDecimal)"
    }
    if let epochs = saved.result["epochs"]?.wholeNumber { result += " after \(epochs) epochs" }
    if let progress = saved.progress {
      let all = saved.settings["epochs"]?.wholeNumber.map { " of \($0)" } ?? ""
      facts.append(("progress", "\(progress.epochs)\(all) epochs, \(progress.steps) steps"))
    }
    facts.append(("result", result))
    return facts + settingFacts
  }

  /// How a fit ended, and how good it is.
  private func fitted(_ verdict: String) -> String {
    let names = [
      ("residual_standard_error", "residual standard error"), ("cost", "cost"),
      ("deviance", "deviance"), ("r2", "R²"),
    ]
    return verdict
      + names.compactMap { key, name in
        saved.result[key]?.number.map { ", \(name) \(brief($0, digits: 6))" }
      }.joined()
  }

  /// The settings of the run, and how many parameters there are.
  private var settingFacts: [(String, String)] {
    var facts: [(String, String)] = []
    let words = saved.settingWords
    if !words.isEmpty { facts.append(("settings", words.joined(separator: " "))) }
    facts.append(("parameters", "\(model.parameterCount)"))
    return facts
  }

  /// The parameters that are vectors or matrices, and what their elements belong to.
  private var layerLines: [String] {
    let names = ElementNames(of: model)
    return model.parameters.filter { !$0.shape.sides.isEmpty }.map { parameter in
      let meanings = names.meanings(of: parameter)
      let sides = zip(["rows", "columns"].suffix(meanings.count), meanings).compactMap {
        side, names in
        names.map { "\(meanings.count == 1 ? "elements" : side): \(listed($0))" }
      }
      let suffix = sides.isEmpty ? "" : "; " + sides.joined(separator: "; ")
      return "\(parameter.name): \(parameter.shape)\(suffix)"
    }
  }

  /// Every element of the parameters, as CSV.
  static func parameterLines(of saved: SavedModel) -> String {
    let names = ElementNames(of: saved.model)
    var lines: [UInt8] = Array("parameter,value\n".utf8)
    for (index, value) in saved.values.doubles.enumerated() {
      lines += Array(csvField(names[index]).utf8)
      lines.append(UInt8(ascii: ","))
      lines.append(shortestDecimal: value)
      lines.append(UInt8(ascii: "\n"))
    }
    return String(decoding: lines, as: UTF8.self)
  }
}
