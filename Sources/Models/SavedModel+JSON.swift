internal import Autograd
internal import Formula

extension SavedModel {
  /// The precision of the run that found the values: `float32` or `float64`.
  public var precision: String {
    switch values {
    case .float32: "float32"
    case .float64: "float64"
    }
  }

  /// The settings by name, as in `lr=0.01`, without the formula, the loss and the target.
  public var settingWords: [String] {
    settings.filter { !["model", "loss", "target"].contains($0.key) }.sorted { $0.key < $1.key }.map
    { "\($0.key)=\($0.value.text ?? $0.value.line)" }
  }

  /// All that the file holds, by names as in the metrics; a formula that is longer than 100 kB is left out.
  public var json: [String: JSON] {
    let specification = model.specification
    var object: [String: JSON] = [
      "model": .text(specification.formula.text), "loss_function": .text(specification.loss.text),
      "target": .text(model.target), "precision": .text(precision),
      "inputs": .list(model.inputs.map(JSON.text)),
      "columns": .list(model.schema.names.map(JSON.text)),
      "levels": .object(model.schema.allLevels.mapValues { .list($0.map(JSON.text)) }),
      "scaling": .object(
        model.scalings.mapValues {
          .object(["mean": .number($0.center), "deviation": .number($0.scale)])
        }),
      "settings": .object(settings), "result": .object(result),
      "parameters": .count(model.parameterCount),
      "parameter_values": .object(model.json(of: values.doubles)),
    ]
    object["classes"] = model.classes.map { .list($0.map(JSON.text)) }
    object["weights"] = specification.weights.map(JSON.text)
    object["response"] = specification.response.map { .text($0.text) }
    object["fit"] = uncertainty.map { .object($0.json) }
    object["version"] = version.map(JSON.text)
    object["equations"] = equations(mostBytes: 100_000).map { equations in
      .object(Dictionary(equations.map { ($0.name, .text($0.formula)) }) { first, _ in first })
    }
    object["progress"] = progress.map {
      .object(["epochs": .count($0.epochs), "steps": .count($0.steps)])
    }
    return object
  }
}

extension Model {
  /// Each parameter's number, list of numbers, or list of rows, of a value for each element.
  public func json(of values: [Double]) -> [String: JSON] {
    var next = values[...]
    var object: [String: JSON] = [:]
    for parameter in parameters {
      let own = next.prefix(parameter.shape.count).map(JSON.number)
      next = next.dropFirst(parameter.shape.count)
      object[parameter.name] =
        switch parameter.shape {
        case .scalar: own[0]
        case .vector: .list(own)
        case .matrix(let rows, let columns):
          .list((0..<rows).map { .list(Array(own[$0 * columns..<($0 + 1) * columns])) })
        }
    }
    return object
  }
}
