internal import Autograd
internal import Formula

extension Binding {
  /// The names that a point can give values for: all data and all parameters.
  public var names: [String] { roles.schema.names + parameters.map(\.name) }

  /// The names that a point must have values for; layers have their own start values.
  public var neededNames: [String] {
    roles.schema.names + parameters.filter { $0.shape == .scalar }.map(\.name)
  }

  /// The value of the output in double, if it depends on nothing.
  public var constantValue: [Double]? {
    guard roles.schema.names.isEmpty, parameters.isEmpty else { return nil }
    return values(of: [output], at: [:], parameters: [Double]())[0]
  }

  /// The elements of some nodes at a point, which names the columns.
  ///
  /// `parameters` has a value for each element of the parameters.
  func values<Scalar: Precision>(
    of nodes: [Node], at point: [String: Double], parameters: [Scalar]
  ) -> [[Scalar]] {
    let row = columns.map { column -> [Double] in
      let value = column.name.flatMap { point[$0] } ?? .nan
      switch column {
      case .number, .code: return [value]
      case .indicator(_, let level): return [value == Double(level) ? 1 : 0]
      case .rowNumber: return [0]
      }
    }
    var executor = Executor<Scalar>(program(of: nodes), batchRows: 1)
    let keys = [Scalar](repeating: 0, count: noiseKeys.count * NoiseKey.count)
    var elements = executor.values(ofRow: 0, in: Columns(row), parameters: parameters + keys)[...]
    return nodes.map { node in
      defer { elements = elements.dropFirst(node.shape.count) }
      return Array(elements.prefix(node.shape.count))
    }
  }

  /// What the output is differentiated by: the parameters, or the prediction of a loss alone.
  private var variables: [(name: String, node: Node)] {
    formula == nil
      ? [(Formula.predictionName, prediction)]
      : parameters.map { ($0.name, graph.parameter($0.name, $0.shape)) }
  }

  /// The output, or its sum if it is a vector that is differentiated.
  private var differentiated: Node {
    output.shape == .scalar || variables.isEmpty ? output : sum(output)
  }

  private var gradientNodes: [Node] {
    if variables.isEmpty { return [] }
    return graph.gradients(of: differentiated, withRespectTo: variables.map(\.node))
  }

  /// The gradient of the output, or of its sum, as formulas: by each parameter, or by the prediction
  /// where a loss is bound alone.
  public var gradients: [(name: String, formula: String)] {
    zip(variables, gradientNodes).map { ($0.name, $1.description) }
  }

  /// The listing of the program that computes the output and ``gradients``.
  public var listing: String {
    program(of: [differentiated] + gradientNodes).description
  }
}
