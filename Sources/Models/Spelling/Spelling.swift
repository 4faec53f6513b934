internal import Autograd
internal import Formula
internal import Tables

/// Spells a model's prediction in the columns of its table, with the parameters' numbers put in and standardised
/// columns as they were before: what is linear is gathered, and constants are worked out in double.
struct Spelling {
  private let model: Model
  private let graph: Graph
  /// What nodes are, element by element.
  private var forms: [Int: [LinearForm]] = [:]
  /// How many bytes of terms may still be made.
  private var room: Int

  /// The formula would be too long, or has an operation that the language cannot spell.
  private struct NotSpelled: Error {}

  private init(_ model: Model, _ values: [Double], room: Int) {
    self.model = model
    self.room = room
    graph = model.binding.graph
    var next = 0
    for parameter in model.parameters {
      let own = values[next..<next + parameter.shape.count]
      forms[graph.parameter(parameter.name, parameter.shape).index] = own.map { LinearForm($0) }
      next += own.count
    }
    next = 0
    for node in model.columnNodes {
      let own = model.columns[next..<next + node.shape.count]
      forms[node.index] = own.map { form(of: $0) }
      next += node.shape.count
    }
  }

  /// The elements of the prediction as formulas; nil if they would be longer than `mostBytes`, or cannot be spelled.
  static func formulas(
    of model: Model, _ values: [Double], mostBytes: Int
  ) -> [LinearForm]? {
    // Parts are written again in what they are parts of.
    var spelling = Spelling(model, values, room: 8 * mostBytes)
    for node in spelling.graph.nodes(behind: [model.prediction])
    where spelling.forms[node.index] == nil {
      do { spelling.forms[node.index] = try spelling.form(of: node) } catch { return nil }
    }
    guard let found = spelling.forms[model.prediction.index] else { return nil }
    return zip(found, model.units).map { $1.factor * $0 + LinearForm($1.summand) }
  }

  private func form(of column: DataColumn) -> LinearForm {
    switch column {
    case .number(let name):
      let term = LinearForm(term: quoted(name))
      guard let scaling = model.scalings[name] else { return term }
      return (1 / scaling.scale) * term + LinearForm(-scaling.center / scaling.scale)
    case .indicator(let name, let level):
      return LinearForm(term: Self.comparison(quoted(name), model.levels(of: name)[level]))
    // A column of texts is compared with texts alone, and none of these has a number for its value.
    case .code(let name): return LinearForm(term: quoted(name))
    case .rowNumber: return LinearForm(0)
    }
  }

  /// A column's name as formulas have it.
  private func quoted(_ name: String) -> String { model.formulaName(of: name) }

  private static func comparison(_ column: String, _ level: String) -> String {
    let text = level.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    return "(\(column) == '\(text)')"
  }

  private mutating func form(of node: Node) throws(NotSpelled) -> [LinearForm] {
    if let value = node.constantValue { return [LinearForm(value)] }
    guard let (op, operands) = node.operation else { preconditionFailure("inputs have forms") }
    func elements(_ operand: Int) -> [LinearForm] { forms[operands[operand].index] ?? [] }
    let count = node.shape.count
    switch op {
    case .stopGradient, .withSlope: return elements(0)
    case .fill: return [LinearForm](repeating: elements(0)[0], count: count)
    case .concat: return elements(0) + elements(1)
    case .slice, .pad, .pick, .place:
      guard let first = elements(1)[0].value.flatMap({ Int(exactly: $0) }) else {
        throw NotSpelled()
      }
      switch op {
      case .slice: return Array(elements(0)[first..<first + count])
      case .pick: return [elements(0)[first]]
      default:
        let zeros = [LinearForm](repeating: LinearForm(0), count: count)
        return zeros.replacing(from: first, with: elements(0))
      }
    case .sum: return [LinearForm(sumOf: elements(0))]
    case .max:
      let all = elements(0)
      if all.count == 1 { return all }
      return [try term("max(\(all.map(\.text).joined(separator: ", ")))")]
    case .argmax: throw NotSpelled()
    case .dot: return [try sum(of: elements(0), times: elements(1))]
    case .outer:
      var products: [LinearForm] = []
      for row in elements(0) {
        for column in elements(1) { products.append(try product(row, column)) }
      }
      return products
    case .matvec, .linear:
      let (matrix, vector) = (elements(0), elements(1))
      let bias = op == .linear ? elements(2) : []
      var rows: [LinearForm] = []
      for row in 0..<count {
        let own = Array(matrix[row * vector.count..<(row + 1) * vector.count])
        let product = try sum(of: own, times: vector)
        rows.append(bias.isEmpty ? product : product + bias[row])
      }
      return rows
    case .vecmat:
      let (vector, matrix) = (elements(0), elements(1))
      var columns: [LinearForm] = []
      for column in 0..<count {
        let own = vector.indices.map { matrix[$0 * count + column] }
        columns.append(try sum(of: vector, times: own))
      }
      return columns
    case .uniform: throw NotSpelled()
    default:
      let lists = operands.indices.map(elements)
      var results: [LinearForm] = []
      for index in 0..<count {
        results.append(try apply(op, lists.map { $0.count == 1 ? $0[0] : $0[index] }, operands))
      }
      return results
    }
  }

  private mutating func sum(
    of a: [LinearForm], times b: [LinearForm]
  ) throws(NotSpelled) -> LinearForm {
    var products: [LinearForm] = []
    for (x, y) in zip(a, b) {
      let product = try product(x, y)
      // Each of its terms has a number of some ten bytes, if not more.
      room -= 10 * product.terms.count
      if room < 0 { throw NotSpelled() }
      products.append(product)
    }
    return LinearForm(sumOf: products)
  }

  private mutating func product(_ a: LinearForm, _ b: LinearForm) throws(NotSpelled) -> LinearForm {
    if let factor = a.value { return factor * b }
    if let factor = b.value { return factor * a }
    return try term("\(a.factor)*\(b.factor)")
  }

  /// The result of an elementwise operation.
  private mutating func apply(
    _ op: Op, _ operands: [LinearForm], _ nodes: [Node]
  ) throws(NotSpelled) -> LinearForm {
    let values = operands.compactMap(\.value)
    if values.count == operands.count {
      let constants = Graph()
      if let value = constants.apply(op, values.map { constants.constant($0) }).constantValue {
        return LinearForm(value)
      }
    }
    switch op {
    case .add: return operands[0] + operands[1]
    case .subtract: return operands[0] + -1 * operands[1]
    case .negate: return -1 * operands[0]
    case .multiply: return try product(operands[0], operands[1])
    case .divide:
      if let divisor = operands[1].value { return (1 / divisor) * operands[0] }
      return try term("\(operands[0].factor)/(\(operands[1].text))")
    case .power: return try term("\(operands[0].atom)^\(operands[1].atom)")
    case .equal:
      if let (column, level) = comparedText(nodes) {
        return try term(Self.comparison(column, level))
      }
      return try term("(\(operands[0].text) == \(operands[1].text))")
    case _ where op.isFunction:
      return try term("\(op.spelling)(\(operands.map(\.text).joined(separator: ", ")))")
    default: return try term("(\(operands[0].text) \(op.spelling) \(operands[1].text))")
    }
  }

  /// The column of texts and the level that two nodes compare.
  private func comparedText(_ nodes: [Node]) -> (column: String, level: String)? {
    for (column, code) in [(nodes[0], nodes[1]), (nodes[1], nodes[0])] {
      let name = model.columns.compactMap { (column) -> String? in
        if case .code(let name) = column { name } else { nil }
      }.first { graph.column($0).index == column.index }
      guard let name, let code = code.constantValue.flatMap({ Int(exactly: $0) }) else { continue }
      let levels = model.levels(of: name)
      // A text that the table does not have is no level, and nothing equals it.
      return levels.indices.contains(code) ? (quoted(name), levels[code]) : nil
    }
    return nil
  }

  private mutating func term(_ text: String) throws(NotSpelled) -> LinearForm {
    room -= text.utf8.count
    if room < 0 { throw NotSpelled() }
    return LinearForm(term: text)
  }
}

extension Model {
  /// A column's name as formulas have it: in backquotes where it is no plain word.
  public func formulaName(of column: String) -> String {
    binding.graph.column(column).description
  }
}

extension Array {
  /// The same with other elements from an index on.
  fileprivate func replacing(from start: Int, with elements: [Element]) -> [Element] {
    var copy = self
    copy.replaceSubrange(start..<start + elements.count, with: elements)
    return copy
  }
}
