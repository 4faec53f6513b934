public import Autograd

/// A parameter that a formula adds to a graph.
public struct Parameter: Hashable, Sendable {
  /// What a parameter's elements are before training.
  public enum Start: Hashable, Sendable {
    /// All the same.
    case value(Double)
    /// Evenly distributed between −bound and bound.
    case uniform(bound: Double)
  }

  /// The name by which it is given a value, as `w` or `dense1.weight`.
  public let name: String
  /// How many elements it has.
  public let shape: Shape
  /// What it is before training, unless somebody says otherwise.
  public let start: Start
}

/// The meaning of the names in a formula, and the parameters that it adds.
public struct Scope {
  /// The meaning of a name.
  public enum Meaning {
    /// A node of the graph: a column, the prediction, a constant.
    case value(Node)
    /// A column of text, whose node is each row's index in `levels`.
    case text(Node, levels: [String])
    /// A parameter to train. It is a scalar unless the formula's first use of it is in a `dot`
    /// with a vector.
    case parameter
  }

  /// The graph that formulas are appended to.
  public let graph: Graph
  let meaning: (String) -> Meaning?
  /// Each row's number, where layers that act while training only, as dropout does, are in force.
  private let rowNumber: Node?
  /// Whether the formula may have layers and so parameters of its own.
  let allowsLayers: Bool
  private var found: [String: (parameter: Parameter, stepIndex: Int, rank: Int)] = [:]
  /// How many elements the parameters have together.
  private(set) var weightCount = 0
  /// The parameters that are not trained but key the random numbers of each step.
  public private(set) var noiseKeys: [String] = []
  /// How many layers of each kind there are.
  private var layerCounts: [String: Int] = [:]

  /// A scope in which `meaning` gives the meaning of each name, nil for an unknown name.
  ///
  /// `rowNumber` is a column with the numbers of the rows, for a formula as training sees it.
  public init(
    _ graph: Graph, rowNumber: Node? = nil, allowsLayers: Bool = true,
    meaning: @escaping (String) -> Meaning?
  ) {
    self.graph = graph
    self.rowNumber = rowNumber
    self.allowsLayers = allowsLayers
    self.meaning = meaning
  }

  /// The parameters that formulas have brought, in order of appearance.
  public var parameters: [Parameter] {
    found.values.sorted { ($0.stepIndex, $0.rank) < ($1.stepIndex, $1.rank) }.map(\.parameter)
  }

  /// A parameter of the graph, which is noted down if it is new.
  ///
  /// Parameters are ordered by `stepIndex`, the step of the formula that asks for them. One that is known
  /// keeps its shape.
  mutating func parameter(
    _ name: String, _ shape: Shape = .scalar, start: Parameter.Start = .value(1), at stepIndex: Int
  ) -> Node {
    if let known = found[name]?.parameter { return graph.parameter(name, known.shape) }
    let parameter = Parameter(name: name, shape: shape, start: start)
    found[name] = (parameter: parameter, stepIndex: stepIndex, rank: found.count)
    weightCount += shape.count
    return graph.parameter(name, shape)
  }

  /// The name of the next layer of a kind: `dense1`, `dense2`, ….
  mutating func nextLayer(_ kind: String) -> String {
    layerCounts[kind, default: 0] += 1
    return "\(kind)\(layerCounts[kind] ?? 0)"
  }

  /// Random numbers from 0 to 1, other ones each row and step; nil unless training.
  mutating func uniform(_ shape: Shape) -> Node? {
    guard let rowNumber else { return nil }
    // No formula can name a parameter with a point in it.
    noiseKeys.append("dropout\(noiseKeys.count + 1).noise")
    let key = graph.parameter(noiseKeys[noiseKeys.count - 1], .vector(NoiseKey.count))
    let draw = Autograd.uniform(row: rowNumber, key: key, count: shape.count)
    return shape == .scalar ? sum(draw) : draw
  }
}
