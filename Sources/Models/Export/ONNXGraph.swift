/// A graph of ONNX, to which nodes are appended; values are called by their names.
struct ONNXGraph {
  /// The types that tensors of a model have, with ONNX's numbers.
  enum Element: Int {
    case float32 = 1
    case int64 = 7
    case string = 8
    case bool = 9
    case float64 = 11
  }

  /// What a node is told besides its inputs.
  enum Attribute {
    case int(Int)
    case float(Float)
    case ints([Int])
    case floats([Float])
    case strings([String])
  }

  /// Versions that belong together: of the file's form, of ONNX's operators and of those for classic models.
  private static let (fileVersion, operators, classicOperators) = (8, 17, 3)
  private static let classicDomain = "ai.onnx.ml"

  private var graph = Protobuf()
  private var inputs: [Protobuf] = []
  private var outputs: [Protobuf] = []
  private var initializers: [Protobuf] = []
  private var taken: Set<String>
  private var usesClassic = false

  /// A graph in which no value made here is called by one of `reserved`.
  init(reserved: some Sequence<String>) { taken = Set(reserved) }

  /// A name that no value has.
  private mutating func name(_ text: String) -> String {
    var name = text
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(text)_\(number)"
      number += 1
    }
    return name
  }

  /// Lets the next value have a reserved name.
  mutating func release(_ name: String) { taken.remove(name) }

  /// The result of an operation.
  mutating func apply(
    _ op: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [],
    isClassic: Bool = false, named result: String = "v"
  ) -> String {
    let output = name(result)
    var node = Protobuf()
    for input in inputs { node.add(1, input) }
    node.add(2, output)
    node.add(3, "/" + output)
    node.add(4, op)
    for (name, value) in attributes { node.add(5, Self.attribute(name, value)) }
    if isClassic {
      node.add(7, Self.classicDomain)
      usesClassic = true
    }
    graph.add(1, node)
    return output
  }

  private static func attribute(_ name: String, _ value: Attribute) -> Protobuf {
    var attribute = Protobuf()
    attribute.add(1, name)
    switch value {
    case .float(let value):
      attribute.add(2, value)
      attribute.add(20, 1)
    case .int(let value):
      attribute.add(3, value)
      attribute.add(20, 2)
    case .floats(let values):
      for value in values { attribute.add(7, value) }
      attribute.add(20, 6)
    case .ints(let values):
      for value in values { attribute.add(8, value) }
      attribute.add(20, 7)
    case .strings(let values):
      for value in values { attribute.add(9, value) }
      attribute.add(20, 8)
    }
    return attribute
  }

  /// A tensor of constants, of which `bytes` are the elements, row by row, little-endian.
  mutating func constant(
    _ element: Element, _ sides: [Int], bytes: [UInt8], named text: String = "c"
  ) -> String {
    let name = name(text)
    var tensor = Protobuf()
    for side in sides { tensor.add(1, side) }
    tensor.add(2, element.rawValue)
    tensor.add(8, name)
    tensor.add(9, bytes)
    initializers.append(tensor)
    return name
  }

  /// A list of whole numbers.
  mutating func constant(_ values: [Int]) -> String {
    constant(.int64, [values.count], bytes: littleEndian(values.map { Int64($0) }))
  }

  /// A tensor that is given: its rows are one of each example.
  mutating func addInput(_ name: String, _ element: Element, columns: Int) {
    inputs.append(Self.value(name, element, [nil, columns]))
  }

  /// A tensor that is a result.
  mutating func addOutput(_ name: String, _ element: Element, columns: Int?) {
    outputs.append(Self.value(name, element, [nil] + (columns.map { [$0] } ?? [])))
  }

  private static func value(_ name: String, _ element: Element, _ sides: [Int?]) -> Protobuf {
    var shape = Protobuf()
    for side in sides {
      var dimension = Protobuf()
      if let side { dimension.add(1, side) } else { dimension.add(2, "N") }
      shape.add(1, dimension)
    }
    var tensor = Protobuf()
    tensor.add(1, element.rawValue)
    tensor.add(2, shape)
    var type = Protobuf()
    type.add(1, tensor)
    var value = Protobuf()
    value.add(1, name)
    value.add(2, type)
    return value
  }

  /// The file of a model.
  func model(
    named name: String, producer: (name: String, version: String), documentation: String
  ) -> [UInt8] {
    var graph = graph
    graph.add(2, name)
    for tensor in initializers { graph.add(5, tensor) }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }
    var model = Protobuf()
    model.add(1, Self.fileVersion)
    model.add(2, producer.name)
    model.add(3, producer.version)
    model.add(6, documentation)
    model.add(7, graph)
    var sets = [("", Self.operators)]
    if usesClassic { sets.append((Self.classicDomain, Self.classicOperators)) }
    for (domain, version) in sets {
      var set = Protobuf()
      set.add(1, domain)
      set.add(2, version)
      model.add(8, set)
    }
    return model.bytes
  }
}
