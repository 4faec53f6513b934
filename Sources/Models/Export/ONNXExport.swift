internal import Autograd
internal import Glibc

/// Writes a model as a file of ONNX.
///
/// Each column is an input of N rows and one column. A value of the graph has a row for each of them, or a single one
/// if it is the same for all; matrices are parameters. float64 models use the operators alone that runtimes have for
/// doubles; the other functions are composed of them.
struct ONNXExport {
  private(set) var bytes: [UInt8] = []
  private let recipe: Recipe
  private var graph: ONNXGraph
  /// What the values of steps are called.
  private var values: [String] = []
  /// The steps that have a row for each row of the table.
  private var perRow: Set<Int> = []
  /// The indices of the levels of columns of texts.
  private var codes: [String: String] = [:]
  /// The number of rows and 1, if it was needed.
  private var sidesOfRows: String?

  private static let results = ["prediction", "label", "scores", "probabilities"]

  /// `header` is what the file says of the model, and `creator` the program and version that it comes from.
  init(_ recipe: Recipe, header: [String], creator: String) throws(ExportError) {
    self.recipe = recipe
    let names = recipe.fields.map(\.name)
    if let name = names.first(where: Self.results.contains) {
      throw ExportError("its column '\(name)' has the name of an output in ONNX")
    }
    graph = ONNXGraph(reserved: names + Self.results)
    for field in recipe.fields {
      graph.addInput(field.name, field.levels == nil ? element : .string, columns: 1)
    }
    for index in recipe.steps.indices {
      values.append(try value(of: index))
      if isPerRow(index) { perRow.insert(index) }
    }
    addOutputs()
    let words = creator.split(separator: " ", maxSplits: 1).map(String.init)
    bytes = graph.model(
      named: "backprop", producer: (words[0], words.count > 1 ? words[1] : ""),
      documentation: header.joined(separator: "\n"))
  }

  private var element: ONNXGraph.Element { recipe.isDouble ? .float64 : .float32 }
  private func count(_ step: Int) -> Int { recipe.shape(step).count }

  private func isPerRow(_ index: Int) -> Bool {
    switch recipe.steps[index].kind {
    case .constant, .parameter: false
    case .data: true
    case .operation(_, let operands, _): operands.contains(where: perRow.contains)
    }
  }

  // MARK: - Outputs

  private mutating func addOutputs() {
    let output = spread(recipe.prediction)
    let count = count(recipe.prediction)
    switch recipe.result {
    case .numbers:
      _ = graph.apply("Identity", [unscaled(output)], named: result("prediction"))
      graph.addOutput("prediction", element, columns: count)
    case .classes(let names, let decision):
      let index =
        switch decision {
        case .highest:
          graph.apply("ArgMax", [output], [("axis", .int(1)), ("keepdims", .int(0))])
        case .above(let threshold):
          graph.apply(
            "Reshape",
            [
              cast(graph.apply("Greater", [output, number(threshold)]), to: .int64),
              graph.constant([-1]),
            ])
        }
      _ = graph.apply(
        "LabelEncoder", [index],
        [("keys_int64s", .ints(Array(names.indices))), ("values_strings", .strings(names))],
        isClassic: true, named: result("label"))
      graph.addOutput("label", .string, columns: nil)
      if let probabilities = recipe.probabilities {
        _ = graph.apply("Identity", [spread(probabilities)], named: result("probabilities"))
        graph.addOutput("probabilities", element, columns: self.count(probabilities))
      }
      _ = graph.apply("Identity", [output], named: result("scores"))
      graph.addOutput("scores", element, columns: count)
    }
  }

  /// An output's name, which no other value has.
  private mutating func result(_ name: String) -> String {
    graph.release(name)
    return name
  }

  private mutating func unscaled(_ value: String) -> String {
    if recipe.units.allSatisfy({ $0.factor == 1 && $0.summand == 0 }) { return value }
    let factors = tensor(.float64, [1, recipe.units.count], recipe.units.map(\.factor))
    let summands = tensor(.float64, [1, recipe.units.count], recipe.units.map(\.summand))
    let product = graph.apply("Mul", [widened(value), factors])
    return narrowed(graph.apply("Add", [product, summands]))
  }

  /// A step's value with all rows.
  private mutating func spread(_ step: Int) -> String {
    if perRow.contains(step) { return values[step] }
    guard let sides = rowSides else { return values[step] }
    return graph.apply("Expand", [values[step], sides])
  }

  private var rowSides: String? {
    mutating get {
      if sidesOfRows == nil, let field = recipe.fields.first {
        sidesOfRows = graph.apply("Shape", [field.name])
      }
      return sidesOfRows
    }
  }

  // MARK: - Constants

  private mutating func tensor(
    _ element: ONNXGraph.Element, _ sides: [Int], _ values: [Double], named name: String = "c"
  ) -> String {
    let bytes =
      element == .float64 ? littleEndian(values) : littleEndian(values.map { Float($0) })
    return graph.constant(element, sides, bytes: bytes, named: name)
  }

  private mutating func number(_ value: Double) -> String { tensor(element, [1, 1], [value]) }

  private mutating func cast(_ value: String, to element: ONNXGraph.Element) -> String {
    graph.apply("Cast", [value], [("to", .int(element.rawValue))])
  }

  private mutating func widened(_ value: String) -> String {
    recipe.isDouble ? value : cast(value, to: .float64)
  }

  private mutating func narrowed(_ value: String) -> String {
    recipe.isDouble ? value : cast(value, to: element)
  }

  // MARK: - Steps

  private mutating func value(of index: Int) throws(ExportError) -> String {
    let shape = recipe.shape(index)
    switch recipe.steps[index].kind {
    case .constant(let value): return number(value)
    case .parameter(let index):
      let parameter = recipe.parameters[index]
      let sides = [Int](repeating: 1, count: 2 - shape.sides.count) + shape.sides
      return tensor(element, sides, parameter.values, named: parameter.name)
    case .data(let columns): return data(columns)
    case .operation(let op, let operands, let first):
      if op.isElementwise { return try elementwise(op, operands.map { values[$0] }) }
      return try array(index, op, operands, first)
    }
  }

  /// Columns as a vector; indicators of one column follow each other.
  private mutating func data(_ columns: [DataColumn]) -> String {
    var parts: [String] = []
    var position = 0
    while position < columns.count {
      switch columns[position] {
      case .number(let name):
        parts.append(scaled(name))
        position += 1
      case .code(let name):
        parts.append(code(name))
        position += 1
      case .rowNumber:
        parts.append(number(0))
        position += 1
      case .indicator(let name, _):
        let levels = columns[position...].prefix { $0.name == name }.count
        let all = tensor(element, [1, levels], (0..<levels).map(Double.init))
        parts.append(cast(graph.apply("Equal", [code(name), all]), to: element))
        position += levels
      }
    }
    return parts.count == 1 ? parts[0] : graph.apply("Concat", parts, [("axis", .int(1))])
  }

  private mutating func scaled(_ name: String) -> String {
    guard let scaling = recipe.fields.first(where: { $0.name == name })?.scaling else {
      return name
    }
    let center = tensor(.float64, [1, 1], [scaling.center])
    let scale = tensor(.float64, [1, 1], [scaling.scale])
    let difference = graph.apply("Sub", [widened(name), center])
    return narrowed(graph.apply("Div", [difference, scale]))
  }

  /// The index of each text among the levels; −1 for one that is none.
  private mutating func code(_ name: String) -> String {
    if let known = codes[name] { return known }
    let levels = recipe.fields.first { $0.name == name }?.levels ?? []
    var code = graph.apply(
      "LabelEncoder", [name],
      [
        ("keys_strings", .strings(levels)),
        ("values_floats", .floats(levels.indices.map { Float($0) })), ("default_float", .float(-1)),
      ], isClassic: true)
    if recipe.isDouble { code = cast(code, to: .float64) }
    codes[name] = code
    return code
  }

  private mutating func array(
    _ index: Int, _ op: Op, _ operands: [Int], _ first: Int
  ) throws(ExportError) -> String {
    let x = operands.map { values[$0] }
    let count = count(index)
    let shape = recipe.shape(index)
    func isMatrix(_ step: Int) -> Bool { recipe.shape(step).sides.count == 2 }
    let isOfMatrixPerRow =
      operands.contains { isMatrix($0) && perRow.contains($0) }
      || isMatrix(index) && operands.contains(where: perRow.contains)
    if isOfMatrixPerRow {
      throw ExportError("its '\(op.spelling)' makes a matrix of every row, which ONNX cannot")
    }
    switch op {
    case .sum: return sum(x[0])
    case .max: return graph.apply("ReduceMax", [x[0]], [("axes", .ints([1]))])
    case .argmax: return cast(graph.apply("ArgMax", [x[0]], [("axis", .int(1))]), to: element)
    case .dot: return sum(graph.apply("Mul", x))
    case .outer:
      let isProduct = operands.contains { recipe.shape($0) == .scalar }
      if isProduct { return graph.apply("Mul", x) }
      return graph.apply("MatMul", [graph.apply("Transpose", [x[0]]), x[1]])
    case .matvec: return graph.apply("Gemm", [x[1], x[0]], [("transB", .int(1))])
    case .linear:
      if perRow.contains(operands[2]) {
        let product = graph.apply("Gemm", [x[1], x[0]], [("transB", .int(1))])
        return graph.apply("Add", [product, x[2]])
      }
      return graph.apply("Gemm", [x[1], x[0], x[2]], [("transB", .int(1))])
    case .vecmat: return graph.apply("MatMul", x)
    case .pick:
      let length = self.count(operands[0])
      if case .constant(let position) = recipe.steps[operands[1]].kind {
        return graph.apply(
          "Gather", [x[0], graph.constant([Int(position)])], [("axis", .int(1))])
      }
      let found = sum(graph.apply("Where", [isAt(x[1], of: length), x[0], number(0)]))
      let isKnown = graph.apply(
        "And",
        [
          graph.apply("GreaterOrEqual", [x[1], number(0)]),
          graph.apply("Less", [x[1], number(Double(length))]),
        ])
      return graph.apply("Where", [isKnown, found, number(.nan)])
    case .place: return graph.apply("Where", [isAt(x[1], of: count), x[0], number(0)])
    case .fill:
      let sides = shape.sides.count == 2 ? shape.sides : [1, count]
      return graph.apply("Expand", [x[0], graph.constant(sides)])
    case .concat:
      let parts = operands.contains(where: perRow.contains) ? operands.map { spread($0) } : x
      return graph.apply("Concat", parts, [("axis", .int(1))])
    case .slice:
      let bounds = [[first], [first + count], [1]].map { graph.constant($0) }
      return graph.apply("Slice", [x[0]] + bounds)
    case .pad:
      let after = count - first - self.count(operands[0])
      return graph.apply("Pad", [x[0], graph.constant([0, first, 0, after])])
    case .uniform: throw ExportError("it draws random numbers, which ONNX does otherwise")
    default: preconditionFailure("\(op) is elementwise")
    }
  }

  private mutating func sum(_ x: String) -> String {
    graph.apply("ReduceSum", [x, graph.constant([1])])
  }

  /// Where the element of a vector is that an index means.
  private mutating func isAt(_ index: String, of count: Int) -> String {
    let all = tensor(element, [1, count], (0..<count).map(Double.init))
    return graph.apply("Equal", [all, graph.apply("Floor", [index])])
  }

  // MARK: - Functions

  private mutating func elementwise(_ op: Op, _ x: [String]) throws(ExportError) -> String {
    func single(_ name: String) -> String { graph.apply(name, x) }
    switch op {
    case .add: return single("Add")
    case .subtract: return single("Sub")
    case .multiply: return single("Mul")
    case .divide: return single("Div")
    case .power: return single("Pow")
    case .negate: return single("Neg")
    case .exp: return single("Exp")
    case .log: return single("Log")
    case .sqrt: return single("Sqrt")
    case .sin: return single("Sin")
    case .cos: return single("Cos")
    case .tanh: return single("Tanh")
    case .sigmoid: return single("Sigmoid")
    case .relu: return single("Relu")
    case .abs: return single("Abs")
    case .sign: return single("Sign")
    case .maximum: return single("Max")
    case .minimum: return single("Min")
    case .equal: return cast(single("Equal"), to: element)
    case .less: return cast(single("Less"), to: element)
    case .lessOrEqual: return cast(single("LessOrEqual"), to: element)
    case .select:
      let isZero = graph.apply("Equal", [x[0], number(0)])
      return graph.apply("Where", [isZero, x[2], x[1]])
    case .erf:
      if recipe.isDouble {
        throw ExportError("its 'erf' is in float64, but ONNX runtimes have it only in float32")
      }
      return single("Erf")
    case .tan: return graph.apply("Div", [single("Sin"), single("Cos")])
    case .rsqrt: return graph.apply("Reciprocal", [single("Sqrt")])
    case .log2: return graph.apply("Div", [single("Log"), number(Glibc.log(2))])
    case .log10: return graph.apply("Div", [single("Log"), number(Glibc.log(10))])
    case .expm1:
      // tanh(x/2)·(exp(x) + 1) keeps the digits near 0.
      let half = graph.apply("Tanh", [graph.apply("Mul", [x[0], number(0.5)])])
      return graph.apply("Mul", [half, graph.apply("Add", [single("Exp"), number(1)])])
    case .log1p: return log1p(x[0])
    case .hypot: return hypot(x)
    case .atan2: return angle(x[0], x[1])
    case .atan: return arctangent(x[0])
    case .asin: return recipe.isDouble ? arcsine(x[0]) : single("Asin")
    case .acos:
      return recipe.isDouble
        ? graph.apply("Sub", [number(.pi / 2), arcsine(x[0])]) : single("Acos")
    case .sinh: return recipe.isDouble ? exponentials("Sub", x[0]) : single("Sinh")
    case .cosh: return recipe.isDouble ? exponentials("Add", x[0]) : single("Cosh")
    case .asinh:
      if !recipe.isDouble { return single("Asinh") }
      let size = single("Abs")
      let square = graph.apply("Add", [graph.apply("Mul", [x[0], x[0]]), number(1)])
      // log1p(s + s²/(1 + √(s² + 1))) keeps the digits near 0.
      let root = graph.apply("Add", [graph.apply("Sqrt", [square]), number(1)])
      let share = graph.apply("Div", [graph.apply("Mul", [x[0], x[0]]), root])
      let logarithm = log1p(graph.apply("Add", [size, share]))
      return graph.apply("Mul", [single("Sign"), logarithm])
    case .acosh:
      if !recipe.isDouble { return single("Acosh") }
      let roots = [-1.0, 1].map { graph.apply("Sqrt", [graph.apply("Add", [x[0], number($0)])]) }
      return graph.apply("Log", [graph.apply("Add", [x[0], graph.apply("Mul", roots)])])
    case .atanh:
      if !recipe.isDouble { return single("Atanh") }
      let twice = graph.apply("Add", [x[0], x[0]])
      let ratio = graph.apply("Div", [twice, graph.apply("Sub", [number(1), x[0]])])
      return graph.apply("Mul", [number(0.5), log1p(ratio)])
    case .sum, .max, .argmax, .dot, .outer, .matvec, .vecmat, .linear, .pick, .place, .fill,
      .concat, .slice, .pad, .uniform, .stopGradient, .withSlope:
      preconditionFailure("\(op) is not elementwise, or is computed as its operand")
    }
  }

  /// log(1 + x), with the digits that 1 + x has lost put back.
  private mutating func log1p(_ x: String) -> String {
    let sum = graph.apply("Add", [x, number(1)])
    let logarithm = graph.apply("Log", [sum])
    let kept = graph.apply("Sub", [sum, number(1)])
    let ratio = graph.apply("Div", [graph.apply("Mul", [logarithm, x]), kept])
    let exact = graph.apply("Where", [graph.apply("Equal", [sum, number(1)]), x, ratio])
    return graph.apply("Where", [graph.apply("Greater", [x, number(1)]), logarithm, exact])
  }

  private mutating func hypot(_ x: [String]) -> String {
    let sizes = x.map { graph.apply("Abs", [$0]) }
    let larger = graph.apply("Max", sizes)
    let ratio = graph.apply("Div", [graph.apply("Min", sizes), larger])
    let square = graph.apply("Add", [graph.apply("Mul", [ratio, ratio]), number(1)])
    let length = graph.apply("Mul", [larger, graph.apply("Sqrt", [square])])
    return graph.apply("Where", [graph.apply("Equal", [larger, number(0)]), larger, length])
  }

  /// (exp(x) ± exp(−x))/2.
  private mutating func exponentials(_ op: String, _ x: String) -> String {
    let powers = [x, graph.apply("Neg", [x])].map { graph.apply("Exp", [$0]) }
    return graph.apply("Mul", [graph.apply(op, powers), number(0.5)])
  }

  private mutating func arcsine(_ x: String) -> String {
    let factors = ["Sub", "Add"].map { graph.apply($0, [number(1), x]) }
    let cosine = graph.apply("Sqrt", [graph.apply("Mul", factors)])
    return arctangent(graph.apply("Div", [x, cosine]))
  }

  /// The arc tangent; of a double that of the float, corrected by the angle between the two.
  ///
  /// For x = tan θ and an angle a near θ, tan(θ − a) is (x·cos a − sin a)/(cos a + x·sin a), and is its own angle.
  private mutating func arctangent(_ x: String) -> String {
    if !recipe.isDouble { return graph.apply("Atan", [x]) }
    let bounded = graph.apply("Max", [graph.apply("Min", [x, number(1e300)]), number(-1e300)])
    let near = cast(graph.apply("Atan", [cast(bounded, to: .float32)]), to: .float64)
    let (sine, cosine) = (graph.apply("Sin", [near]), graph.apply("Cos", [near]))
    let above = graph.apply("Sub", [graph.apply("Mul", [bounded, cosine]), sine])
    let below = graph.apply("Add", [graph.apply("Mul", [bounded, sine]), cosine])
    return graph.apply("Add", [near, graph.apply("Div", [above, below])])
  }

  /// The angle of the point (x, y).
  private mutating func angle(_ y: String, _ x: String) -> String {
    let zero = number(0)
    let isOrigin = graph.apply(
      "And", [graph.apply("Equal", [x, zero]), graph.apply("Equal", [y, zero])])
    let ratio = graph.apply("Where", [isOrigin, zero, graph.apply("Div", [y, x])])
    let half = graph.apply(
      "Where", [graph.apply("Less", [y, zero]), number(-.pi), number(.pi)])
    let turn = graph.apply("Where", [graph.apply("Less", [x, zero]), half, zero])
    return graph.apply("Add", [arctangent(ratio), turn])
  }
}
