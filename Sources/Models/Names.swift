internal import Autograd
internal import Formula

/// What the names in a model's formulas stand for.
struct Names {
  /// A column that no table can have: names of columns are not empty.
  static let rowNumber = ""

  let graph = Graph()
  /// The columns that `inputs` joins; none if the formula does not use it.
  let features: [String]
  /// What `inputs` is made of.
  let inputElements: [DataColumn]
  private let specification: Specification
  private let schema: Schema
  private let classCount: Int?
  private let isColumn: Set<String>

  init(_ specification: Specification, schema: Schema, classCount: Int?) {
    self.specification = specification
    self.schema = schema
    self.classCount = classCount
    isColumn = Set(schema.names)
    let isUsed = specification.usesInputs(columns: schema.names)
    features = isUsed ? specification.features(among: schema.names) : []
    inputElements = Self.elements(of: features, schema)
  }

  /// Numbers as they are, texts as one indicator a level.
  private static func elements(of features: [String], _ schema: Schema) -> [DataColumn] {
    features.flatMap { name -> [DataColumn] in
      guard let levels = schema.levels(of: name) else { return [.number(name)] }
      return levels.indices.map { .indicator(name, level: $0) }
    }
  }

  /// The vector of all features, which is a scalar if there is one.
  var inputs: Node {
    let count = inputElements.count
    return count == 1
      ? graph.column(Model.inputsName) : graph.column(Model.inputsName, count: count)
  }

  /// Throws if the formula uses a name that is reserved for something else.
  func check(_ formula: Formula) throws(FormulaError) {
    for name in formula.names where !isColumn.contains(name.text) {
      let isReserved =
        switch name.text {
        case Model.inputsName: inputElements.isEmpty
        case Model.classesName: classCount == nil
        default: Formula.reservedNames.contains(name.text)
        }
      guard isReserved else { continue }
      throw FormulaError(.reservedName(name.text), in: formula.text, at: name.range)
    }
  }

  func meaningInModel(_ name: String) -> Scope.Meaning? {
    if isColumn.contains(name) { return column(name) }
    switch name {
    case Model.inputsName: return .value(inputs)
    case Model.classesName: return classCount.map { .value(graph.constant(Double($0))) }
    default: return .parameter
    }
  }

  private func column(_ name: String) -> Scope.Meaning {
    let node = graph.column(name)
    return schema.levels(of: name).map { .text(node, levels: $0) } ?? .value(node)
  }

  /// The loss of a prediction, times the row's weight.
  func loss(of prediction: Node) throws(FormulaError) -> Node {
    let loss: Node
    switch specification.loss {
    case .named(let named, let settings):
      guard named.takes(prediction.shape) else {
        throw FormulaError(
          .predictionShape(loss: named.name, wanted: named.prediction.words, prediction.shape),
          in: specification.formula.text, at: 0..<specification.formula.text.utf8.count)
      }
      loss = named(prediction, graph.column(specification.target), settings)
    case .formula(let formula):
      var scope = Scope(graph, allowsLayers: false) { name in
        if name == Model.predictionName { return .value(prediction) }
        if name == specification.target { return .value(graph.column(name)) }
        return isColumn.contains(name) ? column(name) : nil
      }
      do {
        loss = try formula.scalar(in: &scope)
      } catch {
        guard case .unknownName(let name, _) = error.reason else { throw error }
        let suggestion = closest(to: name, in: [Model.predictionName] + schema.names)
        throw FormulaError(
          .unknownName(name, suggestion: suggestion), in: formula.text, at: error.range)
      }
    }
    guard let weights = specification.weights else { return loss }
    return loss * graph.column(weights)
  }
}

extension Loss.PredictionKind {
  /// What the loss takes, in words.
  fileprivate var words: String {
    switch self {
    case .number: "one number"
    case .scores: "a vector of scores, one a class"
    case .meanAndVariance: "a vector of two, mean and variance"
    }
  }
}
