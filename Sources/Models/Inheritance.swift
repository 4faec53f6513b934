internal import Autograd
internal import Formula

/// The parameters that a model takes over from a saved model as its start.
public struct Inheritance: Sendable {
  /// Why values that are taken over may not mean what they did.
  public enum Doubt: Hashable, Sendable {
    /// Columns that are standardised in another way, or in one of the models alone.
    case scaling([String])
    /// Parameters whose elements belong to other columns or levels.
    case inputs([String])
    /// The classes are others, or in another order.
    case classes
  }

  /// The values of the parameters that both models have by name.
  public let values: GivenValues
  /// The names of both models' parameters.
  public let shared: [String]
  /// The names of parameters that the saved model lacks.
  public let missing: [String]
  /// The names of parameters that the saved model alone has.
  public let unused: [String]
  /// What has changed of that on which the values' meaning depends.
  public let doubts: [Doubt]
}

extension Model {
  /// What the model takes over of a saved one: the values of all parameters of the same names, whatever their shapes.
  public func inheritance(from saved: SavedModel) -> Inheritance {
    let own = Set(parameters.map(\.name))
    let others = Set(saved.model.parameters.map(\.name))
    var values: [(name: String, value: GivenValues.Value)] = []
    var next = saved.values.doubles[...]
    for parameter in saved.model.parameters {
      let elements = Array(next.prefix(parameter.shape.count))
      next = next.dropFirst(elements.count)
      guard own.contains(parameter.name) else { continue }
      values.append((parameter.name, .each(elements, parameter.shape)))
    }
    return Inheritance(
      values: GivenValues(values), shared: values.map(\.name),
      missing: parameters.map(\.name).filter { !others.contains($0) },
      unused: saved.model.parameters.map(\.name).filter { !own.contains($0) },
      doubts: doubts(of: own.intersection(others), from: saved.model))
  }

  /// What differs from another model of that on which the meaning of some parameters depends.
  private func doubts(of shared: Set<String>, from other: Model) -> [Inheritance.Doubt] {
    var doubts: [Inheritance.Doubt] = []
    let columns = Set(inputs + [target]).intersection(other.inputs + [other.target])
    let rescaled = columns.filter { scalings[$0] != other.scalings[$0] }.sorted()
    if !rescaled.isEmpty { doubts.append(.scaling(rescaled)) }
    let (names, otherNames) = (ElementNames(of: self), ElementNames(of: other))
    let moved = parameters.filter { parameter in
      shared.contains(parameter.name)
        && names.meanings(of: parameter) != otherNames.meanings(of: parameter)
    }
    if !moved.isEmpty { doubts.append(.inputs(moved.map(\.name))) }
    if let classes, let others = other.classes, classes != others { doubts.append(.classes) }
    return doubts
  }
}
