import Formula
import Models
import Plotting
import Tables

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

  let binding: Binding
  let result: Result

  init(_ command: GraphCommand) throws(Failure) {
    result = try Self.result(command.output, format: command.format)
    switch result {
    case .text:
      if let flag = command.look.given.first {
        throw Failure(
          .usage,
          "\(flag) has no effect on DOT, which is text: give --output the name of a picture")
      }
    case .picture(let file):
      try command.look.checkPixels(of: [file.format], placeOption: "--output")
    }
    if command.precision != nil, command.at == nil {
      throw Failure(.usage, "--precision has no effect without --at")
    }
    let isLesson = command.model == nil && command.loss == nil
    let request = try ModelRequest(
      model: command.model, loss: command.loss ?? (isLesson ? "(prediction - y)^2" : nil))
    if let target = command.target { try Self.check(target: target, of: request.givenLoss) }
    binding = try Binding(
      request, columns: command.columns, target: command.target, modelFlag: "--model")
    if let complaint = command.at.flatMap(binding.complaint) {
      throw Failure(.usage, "--at: \(complaint)")
    }
  }

  /// Whether the loss compares the prediction with the target.
  private static func check(target: String, of loss: ModelLoss?) throws(Failure) {
    guard let loss else {
      throw Failure(.usage, "--target is what a loss compares the prediction with: give --loss")
    }
    if target.isEmpty { throw Failure(.usage, "--target: give a name") }
    let names = loss.formula?.names.map(\.text) ?? [target]
    let known = names.filter { $0 != Formula.predictionName }
    if known.contains(target) { return }
    throw Failure(.usage, "--target: \(unknown("part of the loss", target, among: known))")
  }

  /// Creates the result's file, so that it is told before any work is done where it cannot be.
  func create() throws(Failure) -> WholeFile {
    switch result {
    case .text(let destination): try WholeFile(destination)
    case .picture(let picture): try picture.create()
    }
  }

  private static func result(
    _ output: Path?, format: GraphFormat?
  ) throws(Failure) -> Result {
    guard let output else {
      guard format == nil || format == .dot else {
        throw Failure(.usage, "--format has no effect without --output")
      }
      return .text(.standardOutput)
    }
    if format == .dot || format == nil && "\(output)".lowercased().hasSuffix(".dot") {
      return .text(Destination(output))
    }
    let picture = format.flatMap { PictureFormat(rawValue: $0.rawValue) }
    guard let picture = picture ?? PictureFormat(path: "\(output)") else {
      throw Failure(
        noFormat: output, among: GraphFormat.allCases, option: "--output", formatOption: "--format")
    }
    return .picture(
      try PictureFile(
        output, format: picture, option: "--output", formatOption: "--format"))
  }
}

extension Binding {
  /// What is wrong with a point at which the graph is to be computed; nil if it will do.
  fileprivate func complaint(about point: Assignments) -> String? {
    if let complaint = point.complaint(notAmong: names, whatTheyAre: "part of the graph") {
      return complaint
    }
    let missing = neededNames.filter { point[$0] == nil }.map { excerpt($0) }
    switch missing.count {
    case 0: return nil
    case 1: return "a value for \(missing[0]) is missing"
    default: return "values for \(missing.joined(separator: ", ")) are missing"
    }
  }
}
