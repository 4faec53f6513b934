public import Autograd
public import Formula
internal import Tables

/// Values that a user has given for parameters, by name.
public struct GivenValues: Sendable {
  /// One number for all elements of a parameter, or a number for each, row by row.
  public enum Value: Hashable, Sendable {
    case all(Double)
    case each([Double], Shape)
  }

  /// The values, in the order in which they were given.
  public private(set) var values: [(name: String, value: Value)]

  /// Values by name, each name once.
  public init(_ values: [(name: String, value: Value)]) { self.values = values }

  /// What a parameter cannot be given.
  public enum Fault: Error, Hashable {
    case unknownParameter(String)
    case shape(String, Shape, given: Shape)

    /// One sentence; `known` are the names of the model's parameters.
    public func sentence(known: [String]) -> String {
      switch self {
      case .unknownParameter(let name):
        unknown("parameter of the model", name, among: known)
      case .shape(let name, let shape, let given):
        "\(excerpt(name)) is \(shape), but \(given) is given"
      }
    }
  }
}

extension Sequence<Parameter> {
  /// The values of the parameters before training: given values, else 1 for parameters of the formula and the start
  /// values of layers.
  ///
  /// All elements are in one array; matrices row by row. Throws if a given name is not a parameter, or a given
  /// value does not fit it.
  public func start(
    _ given: GivenValues? = nil, seed: UInt64 = 0
  ) throws(GivenValues.Fault) -> [Double] {
    let names = Set(map(\.name))
    for (name, _) in given?.values ?? [] where !names.contains(name) {
      throw .unknownParameter(name)
    }
    let given = Dictionary(given?.values ?? []) { first, _ in first }
    let random = RandomNumbers(seed: seed, for: .weights)
    var start: [Double] = []
    for parameter in self {
      let count = parameter.shape.count
      switch (given[parameter.name], parameter.start) {
      case (.all(let value)?, _), (nil, .value(let value)):
        start += [Double](repeating: value, count: count)
      case (.each(let values, let shape)?, _):
        guard shape == parameter.shape else {
          throw .shape(parameter.name, parameter.shape, given: shape)
        }
        start += values
      case (nil, .uniform(let bound)):
        start += (0..<count).map { bound * (2 * random.uniform(at: start.count + $0) - 1) }
      }
    }
    return start
  }
}
