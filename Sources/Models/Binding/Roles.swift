internal import Autograd
internal import Formula

/// Which names are data when a formula is bound, and what role each plays.
///
/// A ``Specification`` and the schema of a table determine the roles, or they are guessed from the formulas alone.
public struct Roles: Sendable {
  /// The columns there are.
  public let schema: Schema
  /// The column to predict; nil if there is none.
  public let target: String?
  /// The columns that `inputs` joins.
  public let features: [String]
  /// The column with the weight of each row.
  public let weights: String?
  /// How many classes the target has, if that is known.
  public let classCount: Int?

  /// Columns that play no parts, or only some.
  init(
    schema: Schema, target: String? = nil, features: [String] = [], weights: String? = nil,
    classCount: Int? = nil
  ) {
    self.schema = schema
    self.target = target
    self.features = features
    self.weights = weights
    self.classCount = classCount
  }

  /// The parts that a specification gives the columns of a schema.
  init(_ specification: Specification, schema: Schema, classCount: Int?) {
    self.init(
      schema: schema, target: specification.target,
      features: specification.features(among: schema.names), weights: specification.weights,
      classCount: classCount)
  }

  /// What a name stands for in the formula of a prediction.
  func meaning(of name: String, in graph: Graph) -> Scope.Meaning {
    if let column = schema.column(name, in: graph) { return column }
    switch (name, classCount) {
    case (Formula.inputsName, _): return .value(inputs(in: graph))
    case (Formula.classesName, let count?): return .value(graph.constant(Double(count)))
    default: return .parameter
    }
  }

  /// What `inputs` is made of; nothing if the formula does not use it.
  func inputElements(of formula: Formula) -> [DataColumn] {
    formula.usesInputs(in: schema) ? elements : []
  }

  /// The features as numbers: numbers as they are, texts one-hot encoded.
  private var elements: [DataColumn] {
    features.flatMap { name -> [DataColumn] in
      guard let levels = schema.levels(of: name) else { return [.number(name)] }
      return levels.indices.map { .indicator(name, level: $0) }
    }
  }

  /// The vector of all features, which is a scalar if there is one.
  func inputs(in graph: Graph) -> Node {
    let count = elements.count
    return count == 1
      ? graph.column(Formula.inputsName) : graph.column(Formula.inputsName, count: count)
  }

  /// Throws if the formula of a prediction is an equation of the target.
  func checkIsNoEquation(_ formula: Formula) throws(FormulaError) {
    guard let target, let (right, range) = formula.equated(to: target) else { return }
    throw FormulaError(.equationOfTarget(target, right: right), in: formula.text, at: range)
  }

  /// Throws if the formula of a prediction uses a name that is reserved for something else.
  func checkReservedNames(in formula: Formula) throws(FormulaError) {
    for name in formula.names where !schema.contains(name.text) {
      let isReserved =
        switch name.text {
        case Formula.inputsName: elements.isEmpty
        case Formula.classesName: classCount == nil
        default: Formula.reservedNames.contains(name.text)
        }
      guard isReserved else { continue }
      throw FormulaError(.reservedName(name.text), in: formula.text, at: name.range)
    }
  }
}

extension Formula {
  /// Whether the formula has `inputs`, and means all features by it.
  func usesInputs(in schema: Schema) -> Bool {
    !schema.contains(Formula.inputsName) && namesInputs
  }

  /// The same for a table of the given columns.
  func usesInputs(among columns: [String]) -> Bool {
    namesInputs && !columns.contains(Formula.inputsName)
  }

  private var namesInputs: Bool { names.contains { $0.text == Formula.inputsName } }
}

extension Schema {
  /// What a name stands for that is a column; nil if it is none.
  func column(_ name: String, in graph: Graph) -> Scope.Meaning? {
    guard contains(name) else { return nil }
    let node = graph.column(name)
    return levels(of: name).map { .text(node, levels: $0) } ?? .value(node)
  }

  /// Those of some names that are columns, in order, as formulas that name them read them.
  func columns(_ names: Set<String>) -> [DataColumn] {
    self.names.filter(names.contains).map { levels(of: $0) == nil ? .number($0) : .code($0) }
  }
}
