internal import Autograd
public import Formula

/// Names of the elements of a model's parameters by the features that they belong to.
///
/// A weight of the first layer is `dense1.weight[2,speed]`, or `dense1.weight[2,species=setosa]` for a level of a
/// column of text. Elsewhere indices are used, as in ``Model/parameterElement(_:)``.
public struct ElementNames {
  private let parameters: [Parameter]
  /// What the indices along each side of a parameter mean, where they mean something.
  private var meanings: [String: [[String?]]] = [:]

  /// The names for a model, whose formula is looked through for where parameters meet data.
  public init(of model: Model) {
    parameters = model.parameters
    let graph = model.binding.graph
    let indices = parameters.map { (graph.parameter($0.name, $0.shape).index, $0) }
    let parameters = Dictionary(indices) { first, _ in first }
    var elements = model.columnElements
    for node in graph.nodes(behind: [model.prediction]) {
      guard let (op, operands) = node.operation else { continue }
      let known = operands.map { elements[$0.index] }
      func note(_ operand: Int, side: Int, _ names: [String?]?) {
        guard let names, let parameter = parameters[operands[operand].index] else { return }
        self.note(names, side: side, of: parameter)
      }
      switch op {
      case .linear, .matvec: note(0, side: 1, known[1])
      case .vecmat: note(1, side: 0, known[0])
      case .dot:
        note(0, side: 0, known[1])
        note(1, side: 0, known[0])
      case .concat:
        elements[node.index] = zip(operands, known).flatMap { operand, names in
          names ?? [String?](repeating: nil, count: operand.shape.count)
        }
      case _ where op.isElementwise:
        let ones = operands.indices.filter { operands[$0].shape == node.shape }
        let named = Set(ones.compactMap { known[$0] })
        guard named.count == 1, let names = named.first else { continue }
        elements[node.index] = names
        for operand in ones { note(operand, side: 0, names) }
      default: break
      }
    }
  }

  private mutating func note(_ names: [String?], side: Int, of parameter: Parameter) {
    let sides = parameter.shape.sides
    guard side < sides.count, sides[side] == names.count else { return }
    // What several have, and what could be taken for an index, stays an index.
    var uses: [String: Int] = [:]
    for name in names { if let name { uses[name, default: 0] += 1 } }
    let names = names.map { name in
      name.flatMap { uses[$0] == 1 && Int($0) == nil ? $0 : nil }
    }
    meanings[parameter.name, default: sides.map { [String?](repeating: nil, count: $0) }][side] =
      names
  }

  /// Whether a name could be taken for two within the brackets of an element.
  private static func breaksBrackets(_ name: String) -> Bool {
    name.utf8.contains { "[],".utf8.contains($0) }
  }

  /// The name of an element, by its index among those of all parameters.
  public subscript(index: Int) -> String {
    var index = index
    for parameter in parameters {
      guard index >= parameter.shape.count else { return name(index, of: parameter) }
      index -= parameter.shape.count
    }
    preconditionFailure("the model has fewer elements of parameters")
  }

  /// What the indices along each side of a parameter belong to; nil for a side of numbers alone.
  public func meanings(of parameter: Parameter) -> [[String]?] {
    guard let meanings = meanings[parameter.name] else {
      return parameter.shape.sides.map { _ in nil }
    }
    return meanings.map { side in
      side.allSatisfy { $0 == nil }
        ? nil : side.enumerated().map { index, name in name ?? "\(index)" }
    }
  }

  private func name(_ index: Int, of parameter: Parameter) -> String {
    let position =
      switch parameter.shape {
      case .scalar: [Int]()
      case .vector: [index]
      case .matrix(_, let columns): [index / columns, index % columns]
      }
    if position.isEmpty { return parameter.name }
    let words = position.enumerated().map { side, index in
      guard let name = meanings[parameter.name]?[side][index], !Self.breaksBrackets(name) else {
        return "\(index)"
      }
      return name
    }
    return "\(parameter.name)[\(words.joined(separator: ","))]"
  }
}

extension Model {
  /// What the elements of the columns' nodes are called.
  fileprivate var columnElements: [Int: [String?]] {
    let nodes = columnNodes
    var elements: [Int: [String?]] = [:]
    var next = 0
    for node in nodes {
      let own = columns[next..<next + node.shape.count]
      elements[node.index] = own.map { column in
        switch column {
        case .number(let name), .code(let name): name
        case .indicator(let name, let level): "\(name)=\(levels(of: name)[level])"
        case .rowNumber: nil
        }
      }
      next += node.shape.count
    }
    return elements
  }
}
