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

  init(_ command: GraphCommand) throws(Failure) {
    result = try Self.result(command.output, format: command.format)
    switch result {
    case .text:
      if let flag = command.look.given.first {
        throw Failure(
          .usage,
          "\(flag) says how a picture looks, and DOT is text: give --output a picture's name")
      }
    case .picture(let file):
      try command.look.checkPixels(of: [file.format], placeOption: "--output")
    }
    if command.precision != nil, command.at == nil {
      throw Failure(.usage, "--precision is that of the values, which --at asks for: give --at")
    }
    let model = try Formula(command.model ?? "w*x", flag: "--model")
    let isLesson = command.model == nil && command.loss == nil
    let loss = try (command.loss ?? (isLesson ? "(prediction - y)^2" : nil)).map {
      text throws(Failure) in try Formula(text, flag: "--loss")
    }
    let columns = try command.columns.map { names throws(Failure) in
      try FormulaGraph.columns(names, model: model, loss: loss)
    }
    do throws(FormulaError) {
      graph = try FormulaGraph(model: model, loss: loss, columns: columns)
    } catch {
      throw Failure(error, flag: error.flag(model: model))
    }
    if let complaint = command.at.flatMap(graph.complaint) {
      throw Failure(.usage, "--at: \(complaint)")
    }
  }

  /// Creates the result's file, so that it is told before any work is done where it cannot be.
  func create() throws(Failure) -> WholeFile {
    switch result {
    case .text(let destination): try WholeFile(destination)
    case .picture(let picture): try picture.create()
    }
  }

  private static func result(
    _ output: String?, format: GraphFormat?
  ) throws(Failure) -> Result {
    guard let output else {
      guard format == nil || format == .dot else {
        throw Failure(.usage, "--format says how to draw, but no --output says where")
      }
      return .text(.standardOutput)
    }
    if format == .dot || format == nil && output.lowercased().hasSuffix(".dot") {
      return .text(Destination(output))
    }
    let picture = format.flatMap { PictureFormat(rawValue: $0.rawValue) }
    guard let picture = picture ?? PictureFormat(path: output) else {
      throw Failure(
        noFormat: output, among: GraphFormat.allCases, option: "--output", formatOption: "--format")
    }
    return .picture(
      try PictureFile(
        output, format: picture, option: "--output", formatOption: "--format"))
  }
}
