public import Autograd
public import Formula

/// A formula bound to the columns of a table: what is data, what is a parameter, what is the loss.
///
/// A name in the formula that is a column is data; any other name is a parameter. The loss of one row
/// is the squared error unless a formula says otherwise.
public struct Model {
  /// The name that stands for the formula's value in a loss.
  public static let predictionName = "prediction"

  /// The columns that the prediction uses, in table order.
  public let inputs: [String]
  /// The column to predict.
  public let target: String
  /// All columns that a step reads, in table order: inputs, target, and others that the loss names.
  public let columns: [String]
  /// The parameters in order of appearance.
  public let parameters: [String]

  /// The loss of one row, then its gradients in the order of the parameters.
  public let stepOutputs: [Node]
  /// The value of the formula for one row.
  public let prediction: Node
  private let graph: Graph

  /// Binds a formula.
  ///
  /// `tableColumns` are the table's columns in order; `target` must be one of them. Throws if the
  /// formula has no parameter or uses a reserved name, if the loss names something that is neither
  /// `prediction` nor a column, or if the shapes of values do not fit.
  public init(
    formula: Formula, loss: Formula?, target: String, tableColumns: [String]
  ) throws(FormulaError) {
    precondition(tableColumns.contains(target), "the target must be a column of the table")
    let isColumn = Set(tableColumns)
    for name in formula.names
    where Formula.reservedNames.contains(name.text) && !isColumn.contains(name.text) {
      throw FormulaError(.reservedName(name.text), in: formula.text, at: name.range)
    }
    parameters = formula.names.map(\.text).filter { !isColumn.contains($0) }
    if parameters.isEmpty {
      throw FormulaError(.noParameters, in: formula.text, at: 0..<formula.text.utf8.count)
    }
    let lossNames = try loss.map { loss throws(FormulaError) in
      try Self.columnNames(in: loss, tableColumns: tableColumns)
    }
    let used = Set(formula.names.map(\.text))
    inputs = tableColumns.filter(used.contains)
    let read = used.union(lossNames ?? []).union([target])
    columns = tableColumns.filter(read.contains)
    self.target = target

    let graph = Graph()
    let prediction = try formula.node(in: graph) { name in
      isColumn.contains(name) ? graph.column(name) : graph.parameter(name)
    }
    let givenLoss = try loss?.node(in: graph) { name in
      name == Self.predictionName ? prediction : graph.column(name)
    }
    let rowLoss = givenLoss ?? pow(prediction - graph.column(target), 2)
    let gradients = graph.gradients(
      of: rowLoss, withRespectTo: parameters.map { graph.parameter($0) })
    self.graph = graph
    self.prediction = prediction
    stepOutputs = [rowLoss] + gradients
  }

  /// The nodes of ``columns``.
  public var columnNodes: [Node] { columns.map { graph.column($0) } }
  /// The nodes of ``inputs``.
  public var inputNodes: [Node] { inputs.map { graph.column($0) } }
  /// The nodes of ``parameters``.
  public var parameterNodes: [Node] { parameters.map { graph.parameter($0) } }

  /// The program of one step: the mean loss, then its gradients.
  public var stepProgram: Program {
    Program(outputs: stepOutputs, columns: columnNodes, parameters: parameterNodes)
  }

  /// The value of the formula at one point.
  ///
  /// `point` has a value for each of ``inputs``, `values` one for each of ``parameters``.
  public func predict<Scalar: Precision>(at point: [Double], with values: [Scalar]) -> Scalar {
    let program = Program(outputs: [prediction], columns: inputNodes, parameters: parameterNodes)
    var executor = Executor<Scalar>(program, batchRows: 1)
    return executor.values(ofRow: 0, in: Columns(point.map { [$0] }), parameters: values)[0]
  }

  /// Parameters whose names are one edit from a column's, with that column: probably misspelt.
  ///
  /// Names of fewer than three letters are left out: `w` and `x` are one edit apart by nature.
  public func suspectParameters(among tableColumns: [String]) -> [(
    parameter: String, column: String
  )] {
    func isWordy(_ name: String) -> Bool { name.count(where: \.isLetter) >= 3 }
    return parameters.filter(isWordy).compactMap { parameter in
      closest(to: parameter, in: tableColumns.filter(isWordy), within: 1).map { (parameter, $0) }
    }
  }

  /// Throws if a loss does not use the prediction, and so has nothing to train.
  public static func checkUsesPrediction(_ loss: Formula) throws(FormulaError) {
    guard loss.names.contains(where: { $0.text == predictionName }) else {
      throw FormulaError(.lossWithoutPrediction, in: loss.text, at: 0..<loss.text.utf8.count)
    }
  }

  private static func columnNames(
    in loss: Formula, tableColumns: [String]
  ) throws(FormulaError) -> [String] {
    let names = loss.names.filter { $0.text != predictionName }
    for name in names where !tableColumns.contains(name.text) {
      let suggestion = closest(to: name.text, in: [predictionName] + tableColumns)
      throw FormulaError(
        .unknownName(name.text, suggestion: suggestion), in: loss.text, at: name.range)
    }
    try checkUsesPrediction(loss)
    return names.map(\.text)
  }
}
