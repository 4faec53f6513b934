public import Autograd
public import Formula

/// A formula and its loss in one graph, with the meaning of every name in them.
///
/// All formulas are bound here, whether to the columns of a table or to names alone: for a ``Model``, a
/// ``Condition``, or the drawing of a graph. ``Roles`` say which names are data.
public struct Binding {
  /// The formula of the prediction; nil where a loss is bound alone.
  public let formula: Formula?
  /// The loss, if there is one.
  public let loss: ModelLoss?
  /// The names that are data, and the parts that they play.
  public let roles: Roles
  /// The columns that are read by their names, in the order of the schema.
  private let namedColumns: [DataColumn]
  /// What `inputs` is made of; nothing if the formula does not use it.
  private let inputElements: [DataColumn]
  /// The parameters in order of appearance.
  public let parameters: [Parameter]
  /// The parameters that are not trained but key the random numbers of each step.
  let noiseKeys: [String]
  /// The value of the formula for one row, when nothing is trained: without dropout.
  let prediction: Node
  /// What the loss compares with the prediction, where it is made of the target.
  let response: Node?
  /// The loss of one row times its weight, while training.
  let trainingLoss: Node?
  /// The loss of one row times its weight, when nothing is trained.
  let validationLoss: Node?

  /// Binds the formula of a prediction, and its loss if one is given.
  ///
  /// A loss with a name compares the prediction with the `response`, a formula in columns, if there is one, else with
  /// the target.
  /// Throws if a name is reserved for something else, if the loss names what is neither `prediction` nor
  /// data, or if the shapes of values do not fit.
  public init(
    _ formula: Formula, loss: ModelLoss? = nil, response: Formula? = nil, roles: Roles
  ) throws(FormulaError) {
    try roles.checkReservedNames(in: formula)
    try roles.checkIsNoEquation(formula)
    let graph = Graph()
    var scope = Scope(graph, rowNumber: graph.column(Self.rowNumberName)) {
      roles.meaning(of: $0, in: graph)
    }
    let trained: Node
    do { trained = try formula.node(in: &scope) } catch {
      throw error.explained(known: roles.schema.names)
    }
    var quiet = Scope(graph) { roles.meaning(of: $0, in: graph) }
    prediction = scope.noiseKeys.isEmpty ? trained : try formula.node(in: &quiet)
    let compared = try response.map { response throws(FormulaError) in
      try response.node(ofColumns: roles.schema, in: graph)
    }
    self.response = compared
    trainingLoss = try loss?.node(of: trained, compared, formula: formula, roles)
    validationLoss =
      scope.noiseKeys.isEmpty
      ? trainingLoss : try loss?.node(of: prediction, compared, formula: formula, roles)
    self.formula = formula
    self.loss = loss
    self.roles = roles
    parameters = scope.parameters
    noiseKeys = scope.noiseKeys
    let named = Set(
      (formula.names + (loss?.formula?.names ?? []) + (response?.names ?? [])).map(\.text)
        + [roles.target, roles.weights].compactMap(\.self))
    namedColumns = roles.schema.columns(named)
    inputElements = roles.inputElements(of: formula)
  }

  /// Binds a formula whose value is one number and whose names are all columns.
  ///
  /// Throws if it has another name or a layer, or if its value is a vector.
  public init(ofColumns formula: Formula, schema: Schema) throws(FormulaError) {
    roles = Roles(schema: schema)
    let graph = Graph()
    prediction = try formula.node(ofColumns: schema, in: graph)
    self.formula = formula
    namedColumns = schema.columns(Set(formula.names.map(\.text)))
    (loss, response, trainingLoss, validationLoss) = (nil, nil, nil, nil)
    (parameters, noiseKeys, inputElements) = ([], [], [])
  }

  /// Binds a loss alone, as a function of the prediction, which is data, and of the target.
  ///
  /// A loss of classes is bound for `classCount` of them; for one of a mean and a variance, the prediction is both.
  public init(loss: ModelLoss, classCount: Int) throws(ModelLoss.Fault) {
    let graph = Graph()
    let name = Formula.predictionName
    prediction =
      switch loss.named?.prediction {
      case .scores: graph.column(name, count: classCount)
      case .meanAndVariance: graph.column(name, count: 2)
      case .number, nil: graph.column(name)
      }
    roles = Roles(guessedFrom: loss)
    response = nil
    do throws(FormulaError) {
      trainingLoss = try loss.node(of: prediction, nil, formula: nil, roles)
    } catch {
      throw .formula(error)
    }
    validationLoss = trainingLoss
    self.loss = loss
    namedColumns = roles.schema.columns(Set(roles.schema.names))
    (formula, parameters, noiseKeys, inputElements) = (nil, [], [], [])
  }

  /// A column that no table can have: names of columns are not empty.
  private static let rowNumberName = ""

  var graph: Graph { prediction.graph }

  /// The loss if there is one, else the prediction.
  var output: Node { validationLoss ?? prediction }

  /// The shape of the output: of the loss if there is one, else of the prediction.
  public var shape: Shape { output.shape }
  /// The shape of the prediction.
  public var predictionShape: Shape { prediction.shape }

  /// How many elements the parameters have together.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.count } }

  /// The columns of numbers that are read.
  ///
  /// First columns by their names, in the order of the schema, then those that `inputs` joins, then the
  /// rows' numbers.
  public var columns: [DataColumn] {
    namedColumns + inputElements + (noiseKeys.isEmpty ? [] : [.rowNumber])
  }

  /// The nodes of ``columns``, of which `inputs` is one vector.
  var columnNodes: [Node] {
    namedColumns.map { graph.column($0.name ?? "") }
      + (inputElements.isEmpty ? [] : [roles.inputs(in: graph)])
      + (noiseKeys.isEmpty ? [] : [graph.column(Self.rowNumberName)])
      // A loss alone has its prediction for data.
      + (formula == nil ? [prediction] : [])
  }

  /// The nodes of ``parameters``, then those of the random numbers' keys.
  var parameterNodes: [Node] {
    parameters.map { graph.parameter($0.name, $0.shape) }
      + noiseKeys.map { graph.parameter($0, .vector(NoiseKey.count)) }
  }

  /// The program of some nodes of the graph.
  func program(of outputs: [Node]) -> Program {
    Program(outputs: outputs, columns: columnNodes, parameters: parameterNodes)
  }
}

extension ModelLoss {
  /// The loss of a prediction, which is that of a formula, times the row's weight.
  fileprivate func node(
    of prediction: Node, _ response: Node?, formula model: Formula?, _ roles: Roles
  ) throws(FormulaError) -> Node {
    let graph = prediction.graph
    let loss: Node
    switch self {
    case .named(let named, let settings):
      guard named.takes(prediction.shape) else {
        let text = model?.text ?? self.text
        throw FormulaError(
          .predictionShape(loss: named.name, wanted: named.prediction.words, prediction.shape),
          in: text, at: 0..<text.utf8.count)
      }
      guard let target = roles.target else {
        preconditionFailure("a loss with a name is one of a prediction and a target")
      }
      loss = named(prediction, response ?? graph.column(target), settings)
    case .formula(let formula):
      var scope = Scope(graph, allowsLayers: false) { name in
        if name == Formula.predictionName { return .value(prediction) }
        // Classes of texts are numbers to a loss.
        if name == roles.target { return .value(graph.column(name)) }
        return roles.schema.column(name, in: graph)
      }
      do {
        loss = try formula.scalar(in: &scope)
      } catch {
        throw error.explained(
          known: [Formula.predictionName] + roles.schema.names, parametersOf: model)
      }
    }
    return roles.weights.map { loss * graph.column($0) } ?? loss
  }
}

extension Formula {
  /// Appends the formula, whose value must be a scalar and whose names must be columns, to a graph.
  fileprivate func node(ofColumns schema: Schema, in graph: Graph) throws(FormulaError) -> Node {
    var scope = Scope(graph, allowsLayers: false) { schema.column($0, in: graph) }
    do {
      return try scalar(in: &scope)
    } catch {
      throw error.explained(known: schema.names)
    }
  }
}

extension FormulaError {
  /// The same error; of an unknown name or column it says that it is a parameter, or which known one is near.
  fileprivate func explained(known: [String], parametersOf model: Formula? = nil) -> FormulaError {
    if case .unknownColumn(let name, _) = reason {
      let suggestion = closest(to: name, in: known)
      return FormulaError(.unknownColumn(name, suggestion: suggestion), in: formula, at: range)
    }
    guard case .unknownName(let name, _) = reason else { return self }
    let isParameter = model?.names.contains { $0.text == name } == true
    let reason: Reason =
      isParameter
      ? .parameterInLoss(name) : .unknownName(name, suggestion: closest(to: name, in: known))
    return FormulaError(reason, in: formula, at: range)
  }
}

extension Loss.PredictionKind {
  /// What the loss takes, in words.
  fileprivate var words: String {
    switch self {
    case .number: "one number"
    case .scores: "a vector of scores, one per class"
    case .meanAndVariance: "a vector of two, mean and variance"
    }
  }
}
