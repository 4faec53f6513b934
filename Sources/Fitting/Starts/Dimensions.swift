internal import Autograd
internal import Models

/// What the formula says of each parameter's scale and part before any row is looked at.
///
/// A formula of quantities adds only what has one unit, and takes exponentials and sines of what has none. With the
/// unit of each column its own, these are equations for the units of the parameters: in `a*exp(-b*x)`, b has that of
/// 1/x, and in `v*x^n/(k^n + x^n)` k that of x.
struct Dimensions {
  /// The part that a parameter plays beside its unit.
  enum Part {
    /// It is taken from a column, or added to one.
    case location(column: Int, isAdded: Bool)
    /// It multiplies or divides what a sine or cosine is taken of.
    case frequency
    /// It is added to what a sine or cosine is taken of.
    case phase
    /// Something is raised to it.
    case exponent
    case other
  }

  /// For each parameter the powers of the columns' units that its own is made of.
  private(set) var powers: [[Double]]
  private(set) var parts: [Part]

  init(of model: Model) {
    let columns = model.columnNodes
    let parameters = model.parameterNodes
    let nodes = model.prediction.graph.nodes(behind: [model.prediction])
    var forms: [Int: Form] = [:]
    var system = System(parameterCount: parameters.count, columnCount: columns.count)
    for node in nodes {
      if let parameter = parameters.firstIndex(where: { $0.index == node.index }) {
        forms[node.index] = Form([Unit(isParameter: true, number: parameter): 1])
      } else if let column = columns.firstIndex(where: { $0.index == node.index }) {
        forms[node.index] = Form([Unit(isParameter: false, number: column): 1])
      } else if let (op, operands) = node.operation {
        let found = operands.map { forms[$0.index] ?? Form() }
        forms[node.index] = Self.form(of: op, operands, found, &system)
      } else {
        forms[node.index] = Form()
      }
    }
    powers = system.solution
    parts = Self.parts(of: parameters, columns, nodes)
  }

  private static func form(
    of op: Op, _ operands: [Node], _ forms: [Form], _ system: inout System
  ) -> Form {
    switch op {
    case .add, .subtract, .maximum, .minimum, .hypot:
      // A zero has any unit.
      if operands[0].constantValue == 0 { return forms[1] }
      if operands[1].constantValue == 0 { return forms[0] }
      system.equate(forms[0], forms[1])
      return forms[0]
    case .multiply, .dot, .outer: return forms[0] + forms[1]
    case .divide: return forms[0] + forms[1] * -1
    case .negate, .abs, .stopGradient, .withSlope, .relu, .sum, .max: return forms[0]
    case .sqrt: return forms[0] * 0.5
    case .rsqrt: return forms[0] * -0.5
    case .power:
      if let exponent = operands[1].constantValue { return forms[0] * exponent }
      system.equate(forms[1], Form())
      return forms[0].raised(to: operands[1].index)
    case .select:
      system.equate(forms[1], forms[2])
      return forms[1]
    case .equal, .less, .lessOrEqual, .atan2:
      system.equate(forms[0], forms[1])
      return Form()
    default:
      for form in forms { system.equate(form, Form()) }
      return Form()
    }
  }

  private static func parts(of parameters: [Node], _ columns: [Node], _ nodes: [Node]) -> [Part] {
    let graph = nodes[0].graph
    let columnIndices = Set(columns.map(\.index))
    var isPeriodic: Set<Int> = []
    var hasData: Set<Int> = columnIndices
    for node in nodes {
      guard let (op, operands) = node.operation else { continue }
      if operands.contains(where: { hasData.contains($0.index) }) { hasData.insert(node.index) }
      if op == .sin || op == .cos {
        isPeriodic.formUnion(graph.nodes(behind: [operands[0]]).map(\.index))
      }
    }
    return parameters.map { parameter in
      var part = Part.other
      // The signs of a parameter count as itself.
      var own: Set = [parameter.index]
      for node in nodes {
        guard let (op, operands) = node.operation,
          let side = operands.firstIndex(where: { own.contains($0.index) })
        else { continue }
        let other = operands.count == 2 ? operands[1 - side] : nil
        switch op {
        case .negate: own.insert(node.index)
        case .multiply where isPeriodic.contains(node.index),
          .divide where isPeriodic.contains(node.index):
          part = .frequency
        case .add where isPeriodic.contains(node.index),
          .subtract where isPeriodic.contains(node.index):
          if case .frequency = part { break }
          part = .phase
        case .add, .subtract:
          guard case .other = part, let other, hasData.contains(other.index) else { break }
          let column = columns.firstIndex { $0.index == other.index }
          // What is added to a formula of one column counts as added to the column.
          guard let column else { break }
          part = .location(column: column, isAdded: op == .add)
        case .power where side == 1: part = .exponent
        case .divide where side == 1:
          // 1/b as an exponent.
          let isExponent = nodes.contains {
            guard let (op, operands) = $0.operation, op == .power else { return false }
            return operands[1].index == node.index
          }
          if isExponent { part = .exponent }
        default: break
        }
      }
      return part
    }
  }

  /// A unit of a column or a parameter, maybe raised to what a node gives.
  private struct Unit: Hashable {
    var isParameter: Bool
    var number: Int
    var exponent = -1
  }

  /// The unit of a value, as powers of others.
  private struct Form {
    var terms: [Unit: Double] = [:]
    init(_ terms: [Unit: Double] = [:]) { self.terms = terms }

    static func + (left: Form, right: Form) -> Form {
      Form(left.terms.merging(right.terms, uniquingKeysWith: +))
    }
    static func * (form: Form, factor: Double) -> Form {
      Form(form.terms.mapValues { $0 * factor })
    }

    /// To a power that only a node knows; the powers of powers are not followed.
    func raised(to node: Int) -> Form {
      var raised = Form()
      for (unit, power) in terms {
        raised.terms[
          Unit(isParameter: unit.isParameter, number: unit.number, exponent: node), default: 0] +=
          power
      }
      return raised
    }
  }

  /// Equations of the parameters' units, solved as they come; one that contradicts those before is passed over.
  private struct System {
    let parameterCount: Int
    let columnCount: Int
    /// Each with 1 at its pivot and 0 at the others': coefficients of parameters, then the columns' powers.
    private var rows: [(pivot: Int, values: [Double])] = []

    init(parameterCount: Int, columnCount: Int) {
      self.parameterCount = parameterCount
      self.columnCount = columnCount
    }

    mutating func equate(_ left: Form, _ right: Form) {
      let difference = (left + right * -1).terms
      for exponent in Set(difference.keys.map(\.exponent)).sorted() {
        var values = [Double](repeating: 0, count: parameterCount + columnCount)
        for (unit, power) in difference where unit.exponent == exponent {
          values[unit.isParameter ? unit.number : parameterCount + unit.number] += power
        }
        insert(values)
      }
    }

    private mutating func insert(_ equation: [Double]) {
      var values = equation
      for row in rows where values[row.pivot] != 0 {
        let factor = values[row.pivot]
        for index in values.indices { values[index] -= factor * row.values[index] }
      }
      guard let pivot = (0..<parameterCount).first(where: { values[$0].magnitude > 1e-9 }) else {
        return
      }
      let scale = values[pivot]
      for index in values.indices { values[index] /= scale }
      values[pivot] = 1
      for index in rows.indices where rows[index].values[pivot] != 0 {
        let factor = rows[index].values[pivot]
        for column in values.indices { rows[index].values[column] -= factor * values[column] }
      }
      rows.append((pivot, values))
    }

    /// Units that are not determined are taken for 1.
    var solution: [[Double]] {
      var solution = [[Double]](
        repeating: [Double](repeating: 0, count: columnCount), count: parameterCount)
      for row in rows {
        solution[row.pivot] = row.values[parameterCount...].map { -$0 }
      }
      return solution
    }
  }
}
