import Autograd
import Formula
import Models
import Tables
import Training

/// A column of the CSV of epochs.
enum LogColumn: Hashable {
  case epoch, loss, validationLoss, accuracy, validationAccuracy
  case learningRate, gradientNorm, parameterNorm
  /// An element of a parameter, by its index among those that are recorded.
  case element(name: String, index: Int)

  /// The columns that every run can have, by their names.
  static let named: [(name: String, column: LogColumn)] = [
    ("epoch", .epoch), ("loss", .loss), ("validation_loss", .validationLoss),
    ("accuracy", .accuracy), ("validation_accuracy", .validationAccuracy), ("lr", .learningRate),
    ("gradient_norm", .gradientNorm), ("parameter_norm", .parameterNorm),
  ]
  /// The word for every element of every parameter.
  static let parameters = "parameters"

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
    case .accuracy: epoch.accuracy
    case .validationAccuracy: epoch.validationAccuracy
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
  /// Throws if a name is neither that of a column nor a parameter's, or if the run has no such column.
  init(_ names: [String]?, of model: Model, hasValidation: Bool) throws(Failure) {
    let usual = ["epoch", "loss"] + (hasValidation ? ["validation_loss"] : [])
    var recording = Recording()
    var columns: [LogColumn] = []
    // Few runs ask for elements, and looking up their names takes time.
    lazy var elements = ElementColumns(of: model)
    for name in names ?? usual {
      guard let column = LogColumn.named.first(where: { $0.name == name })?.column else {
        let found = try elements.named(name)
        for (element, index) in zip(found, recording.elements.count...) {
          columns.append(.element(name: elements.names[element], index: index))
        }
        recording.elements += found
        continue
      }
      if [.validationLoss, .validationAccuracy].contains(column), !hasValidation {
        throw Failure(.usage, "--columns: \(name) needs --validation")
      }
      if [.accuracy, .validationAccuracy].contains(column), !model.isOfClasses {
        throw Failure(
          .usage,
          "--columns: \(name) needs a loss of classes, such as bce or cross-entropy")
      }
      switch column {
      case .accuracy: recording.accuracy = true
      case .validationAccuracy: recording.validationAccuracy = true
      case .gradientNorm: recording.gradientNorm = true
      case .parameterNorm: recording.parameterNorm = true
      default: break
      }
      columns.append(column)
    }
    if Set(recording.elements).count < recording.elements.count {
      throw Failure(.usage, "--columns: give each parameter once, by its name or by 'parameters'")
    }
    self.columns = columns
    self.recording = recording
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

/// The elements of a model's parameters, as columns name them.
private struct ElementColumns {
  let names: ElementNames
  private let model: Model
  /// The elements of parameters whose single elements were asked for, by both of their names.
  private var elements: [String: [String: Int]] = [:]

  init(of model: Model) {
    self.model = model
    names = ElementNames(of: model)
  }

  /// The indices of the elements that a name stands for: one, all of a parameter, or all there are.
  mutating func named(_ name: String) throws(Failure) -> [Int] {
    var first = 0
    for parameter in model.parameters {
      let all = first..<first + parameter.shape.count
      if parameter.name == name { return Array(all) }
      if name.hasPrefix("\(parameter.name)[") {
        if elements[parameter.name] == nil {
          let both = all.map { (names[$0], $0) } + all.map { (model.parameterElement($0), $0) }
          elements[parameter.name] = Dictionary(both) { _, index in index }
        }
        if let element = elements[parameter.name]?[name] { return [element] }
      }
      first = all.upperBound
    }
    if name == LogColumn.parameters { return Array(0..<first) }
    let known =
      LogColumn.named.map(\.name) + model.parameters.map(\.name) + [LogColumn.parameters]
    throw Failure(.usage, "--columns: \(unknown("column", name, among: known))")
  }
}
