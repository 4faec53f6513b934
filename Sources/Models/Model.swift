public import Autograd
public import Formula
internal import Synchronization

/// A formula that is bound to the columns of a table and can be trained and predict.
///
/// A name in the formula that is a column is data; any other name is a parameter.
public struct Model {
  /// What the model was made of.
  public let specification: Specification
  /// The formula and the loss in one graph.
  public let binding: Binding
  /// The columns that the prediction uses, in table order.
  public let inputs: [String]
  /// The classes of the target in order of value, where it is one of texts or each class has a score.
  public let classes: [String]?
  /// What brings columns to mean 0 and standard deviation 1 before the model sees them.
  public var scalings: [String: Scaling] = [:]
  /// The loss of one row times its weight, then its gradients in the order of the parameters.
  public let stepOutputs: [Node]
  /// The loss of one row times its weight, when nothing is trained.
  public let validationLoss: Node

  private let step = CompiledOnce()
  private let validation = CompiledOnce()

  /// Binds a formula to columns.
  ///
  /// The target and the other columns that `specification` names must be columns of the schema. Throws
  /// if the formula has no parameter or uses a reserved name, if the loss names what is neither
  /// `prediction` nor a column, or if the shapes of values do not fit.
  public init(_ specification: Specification, schema: Schema) throws(FormulaError) {
    precondition(schema.contains(specification.target), "the target must be a column")
    self.specification = specification
    let formula = specification.formula
    classes = schema.levels(of: specification.target)
    let roles = Roles(specification, schema: schema, classCount: classes?.count)
    binding = try Binding(
      formula, loss: specification.loss, response: specification.response, roles: roles)
    if binding.parameters.isEmpty {
      throw FormulaError(.noParameters, in: formula.text, at: 0..<formula.text.utf8.count)
    }
    guard let loss = binding.trainingLoss, let validationLoss = binding.validationLoss else {
      preconditionFailure("a specification has a loss")
    }
    self.validationLoss = validationLoss
    let graph = binding.graph
    stepOutputs =
      [loss]
      + graph.gradients(
        of: loss, withRespectTo: binding.parameters.map { graph.parameter($0.name, $0.shape) })
    let features = formula.usesInputs(in: schema) ? roles.features : []
    let used = Set(formula.names.map(\.text) + features)
    inputs = schema.names.filter(used.contains)
  }

  /// Binds a formula to columns of numbers.
  public init(
    formula: Formula, loss: Formula? = nil, target: String, tableColumns: [String]
  ) throws(FormulaError) {
    let specification = Specification(
      formula: formula, loss: loss.map(ModelLoss.formula) ?? .squaredError, target: target)
    try self.init(specification, schema: Schema(names: tableColumns))
  }

  /// What is predicted, in a word: the target, or the formula of it, as `log(y)`.
  public var responseName: String { specification.response?.text ?? target }
  /// The column to predict.
  public var target: String { specification.target }
  /// What the columns of the table hold.
  var schema: Schema { binding.roles.schema }
  /// All columns of numbers that a step reads, as ``Binding/columns``.
  public var columns: [DataColumn] { binding.columns }
  /// The index of the rows' weights among the columns, where they have some.
  public var weightColumn: Int? {
    specification.weights.flatMap { columns.firstIndex(of: .number($0)) }
  }
  /// The parameters in order of appearance.
  public var parameters: [Parameter] { binding.parameters }
  /// How many elements the parameters have together.
  public var parameterCount: Int { binding.parameterCount }
  /// How many random numbers' keys follow the parameters in a step.
  public var noiseKeyCount: Int { binding.noiseKeys.count }
  /// The value of the formula for one row, when nothing is trained.
  public var prediction: Node { binding.prediction }

  /// Whether a column holds texts.
  public func holdsText(_ name: String) -> Bool { schema.levels(of: name) != nil }

  /// The texts that a column of texts held when the model was made; none if it holds numbers.
  public func levels(of name: String) -> [String] { schema.levels(of: name) ?? [] }

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
  public var columnNodes: [Node] { binding.columnNodes }
  /// The nodes of ``parameters``, then those of the random numbers' keys.
  public var parameterNodes: [Node] { binding.parameterNodes }

  /// The program of one step: the loss, then its gradients.
  ///
  /// It is compiled once for all copies of the model.
  public var stepProgram: Program { step.value { binding.program(of: stepOutputs) } }
  /// The program of the loss alone, without dropout.
  ///
  /// It is compiled once for all copies of the model.
  public var validationProgram: Program {
    validation.value { binding.program(of: [validationLoss]) }
  }
  /// The program of the loss without dropout, then its gradients in the order of the parameters.
  public var gradientProgram: Program {
    let parameters = parameters.map { binding.graph.parameter($0.name, $0.shape) }
    return binding.program(
      of: [validationLoss]
        + binding.graph.gradients(of: validationLoss, withRespectTo: parameters))
  }
  /// The program of the prediction.
  public var predictionProgram: Program { binding.program(of: [prediction]) }
}

/// A program that is compiled when somebody first asks for it.
private final class CompiledOnce: Sendable {
  private let program = Mutex<Program?>(nil)

  func value(_ compile: () -> Program) -> Program {
    program.withLock { program in
      if let program { return program }
      let compiled = compile()
      program = compiled
      return compiled
    }
  }
}
