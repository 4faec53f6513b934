import Autograd
import Formula
import Models
import Tables
import Training

/// A column of the CSV of epochs.
enum LogColumn: Hashable {
  case epoch, loss, validationLoss, learningRate, gradientNorm, parameterNorm
  /// An element of a parameter, by its index among those that are recorded.
  case element(name: String, index: Int)

  /// The columns that every run can have, by their names.
  static let named: [(name: String, column: LogColumn)] = [
    ("epoch", .epoch), ("loss", .loss), ("validation_loss", .validationLoss),
    ("lr", .learningRate), ("gradient_norm", .gradientNorm), ("parameter_norm", .parameterNorm),
  ]

  /// What stands above it.
  var name: String {
    if case .element(let name, _) = self { return name }
    return Self.named.first { $0.column == self }?.name ?? ""
  }

  /// The value of an epoch, nil if there is none.
  private func value(of epoch: Epoch) -> Double? {
    switch self {
    case .epoch: Double(epoch.number)
    case .loss: epoch.loss
    case .validationLoss: epoch.validationLoss
    case .learningRate: epoch.learningRate
    case .gradientNorm: epoch.gradientNorm
    case .parameterNorm: epoch.parameterNorm
    case .element(_, let index): epoch.elements[index]
    }
  }

  /// Adds the field of an epoch to a line.
  func append(_ epoch: Epoch, to line: inout [UInt8]) {
    if self == .epoch {
      line.append(contentsOf: "\(epoch.number)".utf8)
    } else if let value = value(of: epoch) {
      line.append(shortestDecimal: value)
    }
  }
}

/// The columns of the CSV of epochs, and what must be recorded for them.
struct LogColumns {
  let columns: [LogColumn]
  let recording: Recording

  /// The columns of the given names; nil stands for the usual ones.
  ///
  /// Throws if a name is neither that of a column nor a parameter's.
  init(_ names: [String]?, of model: Model, hasValidation: Bool) throws(Failure) {
    let usual = ["epoch", "loss"] + (hasValidation ? ["validation_loss"] : [])
    var recording = Recording()
    var columns: [LogColumn] = []
    for name in names ?? usual {
      guard let column = LogColumn.named.first(where: { $0.name == name })?.column else {
        let elements = try Self.elements(name, of: model)
        for (element, index) in zip(elements, recording.elements.count...) {
          columns.append(.element(name: model.parameterElement(element), index: index))
        }
        recording.elements += elements
        continue
      }
      if column == .validationLoss, !hasValidation {
        throw Failure(.usage, "--columns: there is no validation_loss without --validation")
      }
      if column == .gradientNorm { recording.gradientNorm = true }
      if column == .parameterNorm { recording.parameterNorm = true }
      columns.append(column)
    }
    self.columns = columns
    self.recording = recording
  }

  /// The indices of the elements that a name stands for: one, or all of a parameter.
  private static func elements(_ name: String, of model: Model) throws(Failure) -> [Int] {
    var first = 0
    for parameter in model.parameters {
      let all = first..<first + parameter.shape.count
      if parameter.name == name { return Array(all) }
      if name.hasPrefix("\(parameter.name)["),
        let element = all.first(where: { model.parameterElement($0) == name })
      {
        return [element]
      }
      first = all.upperBound
    }
    let known = LogColumn.named.map(\.name) + model.parameters.map(\.name)
    throw Failure(.usage, "--columns: \(unknown("column", name, among: known))")
  }

  /// The first line.
  var header: String { columns.map { csvField($0.name) }.joined(separator: ",") + "\n" }

  /// Adds the line of an epoch.
  func append(_ epoch: Epoch, to line: inout [UInt8]) {
    for (index, column) in columns.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      column.append(epoch, to: &line)
    }
    line.append(UInt8(ascii: "\n"))
  }
}
