internal import Autograd
internal import Formula

/// What a saved model computes, from the fields of a row to what it says of the target, in steps that programs in
/// other languages and graphs of other tools are written from.
struct Recipe {
  /// One value on the way to the outputs.
  struct Step {
    enum Kind {
      case constant(Double)
      /// A parameter, by its index in ``Recipe/parameters``.
      case parameter(Int)
      /// Columns of numbers, made of the fields of a row.
      case data([DataColumn])
      /// An operation on earlier steps; `first` is the index of the first element that it takes or puts.
      case operation(Op, [Int], first: Int)
    }

    let kind: Kind
    let shape: Shape
  }

  /// A column that the prediction is computed from.
  struct Field {
    let name: String
    /// What the column can hold, if it holds texts.
    let levels: [String]?
    let scaling: Scaling?
  }

  /// A parameter with its trained numbers.
  struct Constant {
    let name: String
    let shape: Shape
    let values: [Double]
  }

  /// What the outputs say of the target.
  enum Result {
    /// The first output is the target, or its elements are the target's mean and variance.
    case numbers
    /// The first output is the classes' scores, or one score of the second class.
    case classes([String], decision: Decision)
  }

  /// How a class follows from scores.
  enum Decision {
    case highest
    case above(Double)
  }

  /// The column that is predicted.
  let target: String
  let fields: [Field]
  let parameters: [Constant]
  let steps: [Step]
  let result: Result
  /// The step of the prediction; of its exponential where it is a logarithm.
  let prediction: Int
  /// The step of the classes' probabilities, where the scores have some.
  let probabilities: Int?
  /// What brings the prediction's elements to the target's unit: a factor and a summand for each.
  let units: [(factor: Double, summand: Double)]
  let isDouble: Bool
  /// The steps that are written where they are read, as they are short and read once, by one number.
  let inlined: Set<Int>

  init(_ saved: SavedModel) {
    let model = saved.model
    let isDouble = if case .float64 = saved.values { true } else { false }
    let fields = model.inputs.map {
      Field(
        name: $0, levels: model.holdsText($0) ? model.levels(of: $0) : nil,
        scaling: model.scalings[$0])
    }
    var rest = saved.values.doubles[...]
    let parameters = model.parameters.map { parameter in
      defer { rest = rest.dropFirst(parameter.shape.count) }
      let values = Array(rest.prefix(parameter.shape.count))
      return Constant(name: parameter.name, shape: parameter.shape, values: values)
    }
    self.init(
      target: model.responseName, fields: fields, parameters: parameters,
      prediction: model.estimateNode, probabilities: model.probabilities,
      columns: (model.columns, model.columnNodes),
      result: model.recipeResult, units: model.units, isDouble: isDouble)
  }

  /// What nodes of a graph are computed from; of `columns` these are read by the nodes, in order.
  init(
    target: String, fields: [Field], parameters: [Constant], prediction: Node,
    probabilities: Node? = nil, columns: (all: [DataColumn], nodes: [Node]), result: Result,
    units: [(factor: Double, summand: Double)], isDouble: Bool
  ) {
    self.target = target
    self.fields = fields
    self.parameters = parameters
    self.result = result
    self.units = units
    self.isDouble = isDouble
    let graph = prediction.graph
    var kinds: [Int: Step.Kind] = [:]
    for (index, parameter) in parameters.enumerated() {
      kinds[graph.parameter(parameter.name, parameter.shape).index] = .parameter(index)
    }
    var next = 0
    for node in columns.nodes {
      kinds[node.index] = .data(Array(columns.all[next..<next + node.shape.count]))
      next += node.shape.count
    }
    let outputs = [prediction] + (probabilities.map { [$0] } ?? [])
    let indices: [Int]
    (steps, indices) = Self.steps(to: outputs, inputs: kinds)
    self.prediction = indices[0]
    self.probabilities = indices.count > 1 ? indices[1] : nil
    inlined = Self.inlined(steps, outputs: indices)
  }

  /// The shape of a step's value.
  func shape(_ step: Int) -> Shape { steps[step].shape }

  /// The names of the classes, if the target is one.
  var classes: [String]? {
    if case .classes(let names, _) = result { names } else { nil }
  }

  /// The indices of the parameters that the outputs are computed from.
  var usedParameters: [Int] {
    steps.compactMap { if case .parameter(let index) = $0.kind { index } else { nil } }.sorted()
  }

  /// The steps to nodes, and the indices of these; `inputs` are known by the nodes' indices.
  private static func steps(
    to outputs: [Node], inputs: [Int: Step.Kind]
  ) -> ([Step], [Int]) {
    var found: [Int: (node: Node, values: [Node])] = [:]
    var rest = outputs.map(\.computed)
    while let node = rest.popLast() {
      guard found[node.index] == nil else { continue }
      let values = node.operation.map { op, operands in
        operands.prefix(op.takenValues).map(\.computed)
      }
      found[node.index] = (node, values ?? [])
      rest += values ?? []
    }
    var steps: [Step] = []
    var indices: [Int: Int] = [:]
    // Operands come before what is computed from them, and so do the nodes that are computed for others.
    for (_, (node, values)) in found.sorted(by: { $0.key < $1.key }) {
      let kind: Step.Kind
      if let value = node.constantValue {
        kind = .constant(value)
      } else if let (op, operands) = node.operation {
        let first = op == .slice || op == .pad ? operands[1].constantValue ?? 0 : 0
        kind = .operation(op, values.compactMap { indices[$0.index] }, first: Int(first))
      } else if let known = inputs[node.index] {
        kind = known
      } else {
        preconditionFailure("a prediction is computed from columns and parameters")
      }
      indices[node.index] = steps.count
      steps.append(Step(kind: kind, shape: node.shape))
    }
    return (steps, outputs.compactMap { indices[$0.computed.index] })
  }

  private static func inlined(_ steps: [Step], outputs: [Int]) -> Set<Int> {
    var readers: [Int: [Int]] = [:]
    for (index, step) in steps.enumerated() {
      guard case .operation(_, let operands, _) = step.kind else { continue }
      for operand in operands { readers[operand, default: []].append(index) }
    }
    let mostOperations = 6
    var sizes: [Int: Int] = [:]
    var inlined: Set<Int> = []
    for (index, step) in steps.enumerated() {
      guard case .operation(let op, let operands, _) = step.kind, op.isElementwise,
        step.shape == .scalar
      else { continue }
      let size = 1 + operands.reduce(0) { $0 + (inlined.contains($1) ? sizes[$1] ?? 0 : 0) }
      sizes[index] = size
      guard size <= mostOperations, !outputs.contains(index), let reader = readers[index],
        reader.count == 1, case .operation(let op, _, _) = steps[reader[0]].kind,
        op.isElementwise, steps[reader[0]].shape == .scalar
      else { continue }
      inlined.insert(index)
    }
    return inlined
  }
}

extension Op {
  /// How many of the operands are values; the others are known by the result's shape, or are where its elements are.
  fileprivate var takenValues: Int {
    switch self {
    case .slice, .pad, .fill: 1
    case .place, .uniform: 2
    default: arity
    }
  }
}

extension Model {
  fileprivate var recipeResult: Recipe.Result {
    switch estimator.estimate {
    case .highest: .classes(classNames, decision: .highest)
    case .upper(let threshold): .classes(classNames, decision: .above(threshold))
    case .value, .logarithm: .numbers
    }
  }

  /// What brings the prediction's elements to the target's unit: a factor and a summand for each.
  var units: [(factor: Double, summand: Double)] {
    let count = prediction.shape.count
    guard let scaling = scalings[target] else {
      return [(factor: Double, summand: Double)](repeating: (1, 0), count: count)
    }
    let isOfVariance = specification.loss.named?.prediction == .meanAndVariance
    return (0..<count).map {
      isOfVariance && $0 == 1
        ? (scaling.scale * scaling.scale, 0) : (scaling.scale, scaling.center)
    }
  }
}
