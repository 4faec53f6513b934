public import Autograd
public import Formula

/// A formula bound to the columns of a table: what is data, what is a parameter, what is the loss.
///
/// A name in the formula that is a column is data; any other name is a parameter.
public struct Model {
  /// The name that stands for the formula's value in a loss.
  public static let predictionName = Formula.predictionName
  /// The name that stands for the vector of all features.
  public static let inputsName = Formula.inputsName
  /// The name that stands for the number of the target's classes.
  public static let classesName = Formula.classesName

  /// What the model was made of.
  public let specification: Specification
  /// The columns that the prediction uses, in table order.
  public let inputs: [String]
  /// All columns of numbers that a step reads.
  ///
  /// First columns by their names, in table order, then those that `inputs` joins, then the rows' numbers.
  public let columns: [DataColumn]
  /// The parameters in order of appearance.
  public let parameters: [Parameter]
  /// The classes of the target, where it is one of texts or the loss is one of classes.
  public let classes: [String]?
  /// What brings columns to mean 0 and standard deviation 1 before the model sees them.
  public var scalings: [String: Scaling] = [:]

  /// The loss of one row times its weight, then its gradients in the order of the parameters.
  public let stepOutputs: [Node]
  /// The loss of one row times its weight, when nothing is trained: without dropout.
  public let validationLoss: Node
  /// The value of the formula for one row, when nothing is trained.
  public let prediction: Node
  /// How many random numbers' keys follow the parameters in a step.
  public let noiseKeyCount: Int
  private let names: Names
  private let noiseKeys: [String]
  let schema: Schema

  /// The column to predict.
  public var target: String { specification.target }

  /// Binds a formula to columns.
  ///
  /// The target and the other columns that `specification` names must be columns of the schema.
  /// `classCount` is how many classes a target of numbers has. Throws if the formula has no parameter or
  /// uses a reserved name, if the loss names what is neither `prediction` nor a column, or if the shapes of
  /// values do not fit.
  public init(
    _ specification: Specification, schema: Schema, classCount: Int? = nil
  ) throws(FormulaError) {
    precondition(schema.names.contains(specification.target), "the target must be a column")
    self.specification = specification
    self.schema = schema
    let levels = schema.levels(of: specification.target)
    classes = levels ?? classCount.map { (0..<$0).map { "\($0)" } }
    let names = Names(specification, schema: schema, classCount: classes?.count)
    let formula = specification.formula
    try names.check(formula)

    self.names = names
    let graph = names.graph
    let rowNumber = graph.column(Names.rowNumber)
    var scope = Scope(graph, rowNumber: rowNumber, meaning: names.meaningInModel)
    let trained = try formula.node(in: &scope)
    parameters = scope.parameters
    noiseKeys = scope.noiseKeys
    noiseKeyCount = noiseKeys.count
    if parameters.isEmpty {
      throw FormulaError(.noParameters, in: formula.text, at: 0..<formula.text.utf8.count)
    }
    var quiet = Scope(graph, meaning: names.meaningInModel)
    prediction = noiseKeys.isEmpty ? trained : try formula.node(in: &quiet)
    let loss = try names.loss(of: trained)
    validationLoss = noiseKeys.isEmpty ? loss : try names.loss(of: prediction)
    stepOutputs =
      [loss]
      + graph.gradients(
        of: loss, withRespectTo: parameters.map { graph.parameter($0.name, $0.shape) })

    let read = specification.columnsRead(among: schema.names)
    let used = Set(formula.names.map(\.text)).union(names.features)
    inputs = schema.names.filter(used.contains)
    let namedInFormulas = Set(
      formula.names.map(\.text) + (specification.loss.formula?.names.map(\.text) ?? [])
        + [specification.target] + (specification.weights.map { [$0] } ?? []))
    columns =
      schema.names.filter { read.contains($0) && namedInFormulas.contains($0) }.map {
        schema.levels(of: $0) == nil ? .number($0) : .code($0)
      } + names.inputElements + (noiseKeys.isEmpty ? [] : [.rowNumber])
  }

  /// Binds a formula to columns of numbers.
  public init(
    formula: Formula, loss: Formula? = nil, target: String, tableColumns: [String]
  ) throws(FormulaError) {
    let specification = Specification(
      formula: formula, loss: loss.map(ModelLoss.formula) ?? .squaredError, target: target)
    try self.init(specification, schema: Schema(names: tableColumns))
  }

  /// Whether a column holds texts.
  public func holdsText(_ name: String) -> Bool { schema.levels(of: name) != nil }

  /// The texts that a column of texts held when the model was made; none if it holds numbers.
  func levels(of name: String) -> [String] { schema.levels(of: name) ?? [] }

  /// How many elements the parameters have together.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.count } }

  /// What an element of a parameter is called in messages: `w`, or `dense1.weight[2,0]`.
  public func parameterElement(_ index: Int) -> String {
    var index = index
    for parameter in parameters {
      if index < parameter.shape.count {
        return switch parameter.shape {
        case .scalar: parameter.name
        case .vector: "\(parameter.name)[\(index)]"
        case .matrix(_, let columns): "\(parameter.name)[\(index / columns),\(index % columns)]"
        }
      }
      index -= parameter.shape.count
    }
    preconditionFailure("the model has fewer elements of parameters")
  }

  /// The nodes of ``columns``, of which `inputs` is one vector.
  public var columnNodes: [Node] {
    let inputCount = names.inputElements.count
    let named = columns.dropLast(inputCount + (noiseKeys.isEmpty ? 0 : 1))
    return named.map { names.graph.column($0.name ?? "") } + (inputCount > 0 ? [names.inputs] : [])
      + (noiseKeys.isEmpty ? [] : [names.graph.column(Names.rowNumber)])
  }

  /// The nodes of ``parameters``, then those of the random numbers' keys.
  public var parameterNodes: [Node] {
    parameters.map { names.graph.parameter($0.name, $0.shape) }
      + noiseKeys.map { names.graph.parameter($0, .vector(NoiseKey.count)) }
  }

  /// The program of one step: the loss, then its gradients.
  public var stepProgram: Program { program(of: stepOutputs) }
  /// The program of the loss alone, without dropout.
  public var validationProgram: Program { program(of: [validationLoss]) }
  /// The program of the prediction.
  public var predictionProgram: Program { program(of: [prediction]) }

  func program(of outputs: [Node]) -> Program {
    Program(outputs: outputs, columns: columnNodes, parameters: parameterNodes)
  }

  /// Parameters whose names are one edit from a column's, with that column: probably misspelt.
  ///
  /// Names of fewer than three letters are left out: `w` and `x` are one edit apart by nature.
  public func suspectParameters() -> [(parameter: String, column: String)] {
    func isWordy(_ name: String) -> Bool { name.count(where: \.isLetter) >= 3 }
    return parameters.map(\.name).filter(isWordy).compactMap { parameter in
      closest(to: parameter, in: schema.names.filter(isWordy), within: 1).map { (parameter, $0) }
    }
  }
}
