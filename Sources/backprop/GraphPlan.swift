import ArgumentParser
import Autograd
import Formula
import Models
import Plotting

/// What `graph` can write.
enum GraphFormat: String, CaseIterable {
  case png, svg, pdf, dot
}

/// What `graph` is to do, with every flag checked.
struct GraphPlan {
  /// What is made, and where it goes.
  enum Result {
    case text(Destination)
    case picture(PictureFile)
  }

  let graph: FormulaGraph
  let result: Result

  init(_ command: GraphCommand) throws(ValidationError) {
    result = try Self.result(command.output, format: command.format)
    let model = try Formula(command.model ?? "w*x", flag: "--model")
    let isLesson = command.model == nil && command.loss == nil
    let loss = try (command.loss ?? (isLesson ? "(prediction - y)^2" : nil)).map {
      text throws(ValidationError) in try Formula(text, flag: "--loss")
    }
    try Self.checkNames(of: model, loss: loss)
    let columns = try command.columns.map { text throws(ValidationError) in
      try Self.columns(text, model: model, loss: loss)
    }
    do throws(FormulaError) {
      graph = try FormulaGraph(model: model, loss: loss, columns: columns)
    } catch {
      throw ValidationError(Failure.text(of: error, flag: error.flag(model: model)))
    }
    if let complaint = command.at.flatMap(graph.complaint) {
      throw ValidationError("--at: \(complaint)")
    }
  }

  /// Finds out, before any work is done, whether the result can be put in its place.
  func check() throws(Failure) {
    switch result {
    case .text(let place): try place.checkCanCreate()
    case .picture(let file): try file.check()
    }
  }

  private static func result(
    _ output: String?, format: GraphFormat?
  ) throws(ValidationError) -> Result {
    guard let output else {
      guard format == nil || format == .dot else {
        throw ValidationError("--format says how to draw, but no --output says where")
      }
      return .text(.standardOutput)
    }
    if format == .dot || format == nil && output.lowercased().hasSuffix(".dot") {
      return .text(Destination(output))
    }
    let picture = format.flatMap { PictureFormat(rawValue: $0.rawValue) }
    guard let picture = picture ?? PictureFormat(path: output) else {
      throw ValidationError(
        noFormat: output, among: GraphFormat.allCases, option: "--output", formatOption: "--format")
    }
    return .picture(
      try PictureFile(
        output, format: picture, option: "--output", formatOption: "--format"))
  }

  private static func checkNames(
    of model: Formula, loss: Formula?
  ) throws(ValidationError) {
    let isReserved = Set(Formula.reservedNames)
    var strangers = model.names.filter {
      isReserved.contains($0.text) && $0.text != Model.inputsName
    }.map {
      (model, $0, "--model")
    }
    if let loss {
      strangers += loss.names.filter {
        isReserved.contains($0.text) && $0.text != Model.predictionName
      }.map { (loss, $0, "--loss") }
      if !loss.names.contains(where: { $0.text == Model.predictionName }) {
        let error = FormulaError(
          .lossWithoutPrediction, in: loss.text, at: 0..<loss.text.utf8.count)
        throw ValidationError(Failure.text(of: error, flag: "--loss"))
      }
    }
    if let (formula, name, flag) = strangers.first {
      let error = FormulaError(.reservedName(name.text), in: formula.text, at: name.range)
      throw ValidationError(Failure.text(of: error, flag: flag))
    }
  }

  private static func columns(
    _ text: String, model: Formula, loss: Formula?
  ) throws(ValidationError) -> [String] {
    let columns = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    let known = FormulaGraph.names(model: model, loss: loss)
    if known.contains(Model.inputsName) { return columns }
    for column in columns where !known.contains(column) {
      throw ValidationError("--columns: \(unknown("part of the formulas", column, among: known))")
    }
    return columns
  }
}
