import Autograd
import Formula
import Models

/// The graph of a model and its loss, and who is who in it.
struct FormulaGraph {
  let model: Formula
  let loss: Formula?
  /// The names that are data, and those that are not, each in order of appearance.
  let columns: [String]
  let parameters: [String]
  let prediction: Node
  /// The loss, or the prediction if there is none.
  let output: Node
  private let graph = Graph()

  /// Joins the formulas; `columns` are the names that are data, if they are told.
  ///
  /// Throws if the shapes of values do not fit.
  init(model: Formula, loss: Formula?, columns given: [String]?) throws(FormulaError) {
    let modelNames = Set(model.names.map(\.text))
    let names = Self.names(model: model, loss: loss)
    let isData = { name in
      given?.contains(name) ?? (looksLikeData(name) || !modelNames.contains(name))
    }
    let graph = graph
    func input(_ name: String) -> Node {
      isData(name) ? graph.column(name) : graph.parameter(name)
    }
    self.model = model
    self.loss = loss
    columns = names.filter(isData)
    parameters = names.filter { !isData($0) }
    let prediction = try model.node(in: graph, resolve: input)
    self.prediction = prediction
    let lossNode = try loss?.node(in: graph) {
      $0 == Model.predictionName ? prediction : input($0)
    }
    output = lossNode ?? prediction
  }

  /// All names of a model and its loss, in order of appearance.
  static func names(model: Formula, loss: Formula?) -> [String] {
    let own = model.names.map(\.text)
    let others = loss?.names.map(\.text) ?? []
    return own + others.filter { $0 != Model.predictionName && !own.contains($0) }
  }

  /// What is wrong with a point at which the graph is to be computed; nil if it will do.
  func complaint(about point: Assignments) -> String? {
    let names = Self.names(model: model, loss: loss)
    if let complaint = point.complaint(notAmong: names, whatTheyAre: "part of the graph") {
      return complaint
    }
    let missing = names.filter { point[$0] == nil }.map { "'\($0)'" }
    switch missing.count {
    case 0: return nil
    case 1: return "a value for \(missing[0]) is missing"
    default: return "values for \(missing.joined(separator: ", ")) are missing"
    }
  }

  /// The elements of some nodes at a point.
  func values(
    of nodes: [Node], at point: Assignments, precision: PrecisionName
  ) -> [[Double]] {
    switch precision {
    case .float32: values(of: nodes, at: point, as: Float.self)
    case .float64: values(of: nodes, at: point, as: Double.self)
    }
  }

  private func values<Scalar: Precision>(
    of nodes: [Node], at point: Assignments, as _: Scalar.Type
  ) -> [[Double]] {
    let program = Program(
      outputs: nodes, columns: columns.map(graph.column),
      parameters: parameters.map { graph.parameter($0) })
    var executor = Executor<Scalar>(program, batchRows: 1)
    let row = Columns<Scalar>(columns.map { [point[$0] ?? .nan] })
    var elements = executor.values(
      ofRow: 0, in: row, parameters: parameters.map { Scalar(point[$0] ?? .nan) }
    ).map { Double($0) }[...]
    return nodes.map { node in
      defer { elements = elements.dropFirst(node.shape.count) }
      return Array(elements.prefix(node.shape.count))
    }
  }
}

/// Whether a name is data when nobody says otherwise: x or y, or one of them with digits after it.
private func looksLikeData(_ name: String) -> Bool {
  (name.first == "x" || name.first == "y")
    && name.dropFirst().allSatisfy { ("0"..."9").contains($0) }
}
