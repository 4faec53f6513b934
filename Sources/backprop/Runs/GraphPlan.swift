import ArgumentParser
import Autograd
import Formula
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
    switch result {
    case .text:
      if let flag = command.look.given.first {
        throw ValidationError(
          "\(flag) says how a picture looks, and DOT is text: give --output a picture's name")
      }
    case .picture(let file):
      try command.look.checkPixels(of: [file.format], placeOption: "--output")
    }
    if command.precision != nil, command.at == nil {
      throw ValidationError("--precision is that of the values, which --at asks for: give --at")
    }
    let model = try Formula(command.model ?? "w*x", flag: "--model")
    let isLesson = command.model == nil && command.loss == nil
    let loss = try (command.loss ?? (isLesson ? "(prediction - y)^2" : nil)).map {
      text throws(ValidationError) in try Formula(text, flag: "--loss")
    }
    let columns = try command.columns.map { names throws(ValidationError) in
      try FormulaGraph.columns(names, model: model, loss: loss)
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
}
