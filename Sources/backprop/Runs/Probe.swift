import Models
import Tables

/// The point at which the trace predicts, as it was given.
struct Probe {
  enum Point {
    /// The value of the only input.
    case single(Double)
    case named(Assignments)
  }
  let text: String
  let point: Point

  init(_ text: String) throws(Failure) {
    self.text = text
    if let value = finiteNumber(text) {
      point = .single(value)
    } else if let assignments = Assignments(text) {
      point = .named(assignments)
    } else {
      throw Failure(
        .usage,
        "--predict \(shortened(text, limit: 100)): give a number, or name each input once, as in x1=0.5,x2=-1.25"
      )
    }
  }

  /// The values of a model's inputs, in order.
  func values(for model: Model) throws(Failure) -> [Double] {
    let inputs = model.inputs
    if let text = inputs.first(where: model.holdsText) {
      throw Failure(
        .usage,
        "--predict \(shortened(self.text, limit: 100)): column \(excerpt(text)) holds text, not numbers"
      )
    }
    switch point {
    case .single(let value):
      guard inputs.count == 1 else {
        throw Failure(
          .usage,
          "--predict \(shortened(text, limit: 100)): the model has \(inputs.count) inputs"
            + (inputs.isEmpty ? "" : "; name each, as in ")
            + inputs.prefix(5).map { "\(shortened($0))=\(text)" }.joined(separator: ",")
            + (inputs.count > 5 ? ",…" : ""))
      }
      return [value]
    case .named(let assignments):
      if let complaint = assignments.complaint(notAmong: inputs, whatTheyAre: "input of the model")
      {
        throw Failure(.usage, "--predict \(shortened(text, limit: 100)): \(complaint)")
      }
      var values: [Double] = []
      for input in inputs {
        guard let value = assignments[input] else {
          throw Failure(
            .usage,
            "--predict \(shortened(text, limit: 100)): a value for \(excerpt(input)) is missing")
        }
        values.append(value)
      }
      return values
    }
  }
}
