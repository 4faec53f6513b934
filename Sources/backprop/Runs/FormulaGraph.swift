import Autograd
import Formula
import Models

/// The graph of a model and its loss, and who is who in it.
struct FormulaGraph {
  let model: Formula
  let loss: Formula?
  /// The names that are data, in order of appearance; if the model uses `inputs`, all that were told.
  let columns: [String]
  /// For columns that are compared with texts, these texts.
  let texts: [String: [String]]
  let parameters: [Parameter]
  let prediction: Node
  /// The loss, or the prediction if there is none.
  let output: Node
  private let graph = Graph()
  private let usesInputs: Bool

  /// Joins the formulas; `columns` are the names that are data, if they are told.
  ///
  /// Else data are x, y and the like, names in backquotes, names that are compared with texts, and those
  /// that only the loss has. Throws if a name is reserved for something else, if the loss does not use
  /// the prediction, if the shapes of values do not fit, or if `inputs` is used and no columns are told.
  init(model: Formula, loss: Formula?, columns given: [String]?) throws(FormulaError) {
    try model.checkNames(allowing: Model.inputsName)
    try loss?.checkNames(allowing: Model.predictionName)
    if let loss, !loss.names.contains(where: { $0.text == Model.predictionName }) {
      throw FormulaError(.lossWithoutPrediction, in: loss.text, at: 0..<loss.text.utf8.count)
    }
    let modelNames = Set(model.names.map(\.text))
    usesInputs = modelNames.contains(Model.inputsName)
    let names = Self.names(model: model, loss: loss)
    let texts = model.comparedTexts.merging(loss?.comparedTexts ?? [:]) { own, others in
      own + others.filter { !own.contains($0) }
    }
    let quoted = Set(model.names.filter(\.isQuoted).map(\.text))
    func isData(_ name: String) -> Bool {
      given?.contains(name)
        ?? (looksLikeData(name) || quoted.contains(name) || texts[name] != nil
          || !modelNames.contains(name))
    }
    let graph = graph
    if let name = model.names.first(where: { $0.text == Model.inputsName }), given == nil {
      throw FormulaError(.inputsWithoutColumns, in: model.text, at: name.range)
    }
    func meaning(_ name: String) -> Scope.Meaning {
      if name == Model.inputsName { return .value(Self.inputs(graph, given ?? [])) }
      guard isData(name) else { return .parameter }
      return texts[name].map { .text(graph.column(name), levels: $0) } ?? .value(graph.column(name))
    }
    self.model = model
    self.loss = loss
    columns = usesInputs ? given ?? [] : names.filter(isData)
    self.texts = texts
    var scope = Scope(graph, meaning: meaning)
    let prediction = try model.node(in: &scope)
    self.prediction = prediction
    parameters = scope.parameters
    var lossScope = Scope(graph, allowsLayers: false) { name in
      name == Model.predictionName ? .value(prediction) : meaning(name)
    }
    let lossNode = try loss?.scalar(in: &lossScope)
    output = lossNode ?? prediction
  }

  private static func inputs(_ graph: Graph, _ columns: [String]) -> Node {
    columns.count == 1
      ? graph.column(Model.inputsName) : graph.column(Model.inputsName, count: columns.count)
  }

  /// All names of a model and its loss, in order of appearance.
  static func names(model: Formula, loss: Formula?) -> [String] {
    var known: Set = [Model.predictionName]
    // A name may stand there twice, in backquotes and without.
    return (model.names + (loss?.names ?? [])).map(\.text).filter { known.insert($0).inserted }
  }

  /// The columns that `--columns` lists, if the formulas have them.
  static func columns(
    _ columns: [String], model: Formula, loss: Formula?
  ) throws(Failure) -> [String] {
    let known = names(model: model, loss: loss)
    if known.contains(Model.inputsName) {
      guard !columns.contains(Model.inputsName) else {
        throw Failure(.usage, "--columns: 'inputs' stands for the columns, and is none itself")
      }
      return columns
    }
    for column in columns where !known.contains(column) {
      let whole = loss == nil ? "part of the formula" : "part of the formulas"
      throw Failure(.usage, "--columns: \(unknown(whole, column, among: known))")
    }
    return columns
  }

  /// What is wrong with a point at which the graph is to be computed; nil if it will do.
  func complaint(about point: Assignments) -> String? {
    let names = columns + parameters.map(\.name)
    if let complaint = point.complaint(notAmong: names, whatTheyAre: "part of the graph") {
      return complaint
    }
    // Layers have start values of their own.
    let needed = columns + parameters.filter { $0.shape == .scalar }.map(\.name)
    let missing = needed.filter { point[$0] == nil }.map { "'\($0)'" }
    switch missing.count {
    case 0: return nil
    case 1: return "a value for \(missing[0]) is missing"
    default: return "values for \(missing.joined(separator: ", ")) are missing"
    }
  }

  /// The program of some nodes of the graph.
  func program(of nodes: [Node]) -> Program {
    var inputs = usesInputs ? [Self.inputs(graph, columns)] : []
    let used = Set(Self.names(model: model, loss: loss))
    inputs += columns.filter(used.contains).map(graph.column)
    return Program(
      outputs: nodes, columns: inputs,
      parameters: parameters.map { graph.parameter($0.name, $0.shape) })
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
    var executor = Executor<Scalar>(program(of: nodes), batchRows: 1)
    let used = Set(Self.names(model: model, loss: loss))
    let data = (usesInputs ? columns : []) + columns.filter(used.contains)
    let row = Columns<Scalar>(data.map { [point[$0] ?? .nan] })
    let given = GivenValues(
      parameters.compactMap { parameter in
        point[parameter.name].map { (parameter.name, .all($0)) }
      })
    let start = (try? parameters.start(given)) ?? []
    var elements = executor.values(ofRow: 0, in: row, parameters: start.map { Scalar($0) })
      .map { Double($0) }[...]
    return nodes.map { node in
      defer { elements = elements.dropFirst(node.shape.count) }
      return Array(elements.prefix(node.shape.count))
    }
  }
}

extension Formula {
  /// Throws if a name is reserved, but for one of them; in backquotes they are columns.
  fileprivate func checkNames(allowing allowed: String) throws(FormulaError) {
    for name in names where Formula.reservedNames.contains(name.text) {
      // A column may have any name but that of the vector which it may be part of.
      guard name.isQuoted ? name.text == Model.inputsName : name.text != allowed else { continue }
      throw FormulaError(.reservedName(name.text), in: text, at: name.range)
    }
  }
}

/// Whether a name is data when nobody says otherwise: x or y, or one of them with digits after it.
private func looksLikeData(_ name: String) -> Bool {
  (name.first == "x" || name.first == "y")
    && name.dropFirst().allSatisfy { ("0"..."9").contains($0) }
}
