internal import Autograd
internal import Models
internal import Synchronization

/// Rows of a table as a fit sees them.
///
/// Unchecked, as nothing changes once it is made.
final class Rows: @unchecked Sendable {
  /// Columns where several can share them.
  final class Shared {
    let columns: Columns<Double>
    init(_ columns: consuming Columns<Double>) { self.columns = columns }
  }

  let shared: Shared
  let response: [Double]
  /// The root of each row's weight; nil for 1.
  let rootWeights: [Double]?

  init(_ shared: Shared, response: [Double], rootWeights: [Double]?) {
    self.shared = shared
    self.response = response
    self.rootWeights = rootWeights
  }

  /// The rows of several, one after the other.
  convenience init(joining parts: [Rows]) {
    var columns = Columns<Double>.zeros(
      rowCount: parts.reduce(0) { $0 + $1.response.count },
      columnCount: parts.first?.shared.columns.columnCount ?? 0)
    var count = 0
    for part in parts {
      columns.copy(0..<part.response.count, of: part.shared.columns, to: count)
      count += part.response.count
    }
    let isWeighted = parts.contains { $0.rootWeights != nil }
    self.init(
      Shared(columns), response: parts.flatMap(\.response),
      rootWeights: isWeighted ? parts.flatMap { $0.rootWeights ?? [] } : nil)
  }

  /// Copies of some rows, their response changed.
  func taking(_ rows: [Int], response change: (Double) -> Double = { $0 }) -> Rows {
    var taken = Columns<Double>.zeros(rowCount: rows.count, columnCount: shared.columns.columnCount)
    taken.copy(rows[...], of: shared.columns)
    return Rows(
      Shared(taken), response: rows.map { change(response[$0]) },
      rootWeights: rootWeights.map { weights in rows.map { weights[$0] } })
  }

  /// The weight of a row.
  func weight(_ row: Int) -> Double { rootWeights.map { $0[row] * $0[row] } ?? 1 }
}

/// The programs of a formula and its derivatives, compiled when first asked for.
///
/// Unchecked: the graph, and what is compiled from it, are touched under the lock alone.
final class Programs: @unchecked Sendable {
  private let lock = Mutex(())
  private let columns: [Node]
  private let parameters: [Node]
  private let prediction: Node
  private let gradients: [Node]
  private var slopePrograms: [[Int]: Program] = [:]
  private var linear: [[Int]: [Int]] = [:]
  private var curvatureProgram: (pairs: [(Int, Int)], program: Program)?

  init(_ model: Model) {
    columns = model.columnNodes
    parameters = model.parameterNodes
    prediction = model.prediction
    gradients = prediction.graph.gradients(of: prediction, withRespectTo: parameters)
  }

  /// The prediction, and its slopes by some parameters.
  func slopes(by chosen: [Int]) -> Program {
    lock.withLock { _ in
      if let known = slopePrograms[chosen] { return known }
      let program = program(of: chosen.map { gradients[$0] })
      slopePrograms[chosen] = program
      return program
    }
  }

  /// Which second derivatives are not 0 everywhere, and their program, after the prediction and all slopes.
  var curvature: (pairs: [(Int, Int)], program: Program) {
    lock.withLock { _ in
      if let known = curvatureProgram { return known }
      var pairs: [(Int, Int)] = []
      var nodes: [Node] = []
      for (row, slope) in gradients.enumerated() {
        let second = prediction.graph.gradients(
          of: slope, withRespectTo: Array(parameters[...row]))
        for (column, node) in second.enumerated() where node.constantValue != 0 {
          pairs.append((row, column))
          nodes.append(node)
        }
      }
      let found = (pairs, program(of: gradients + nodes))
      curvatureProgram = found
      return found
    }
  }

  private func program(of nodes: [Node]) -> Program {
    Program(outputs: [prediction] + nodes, columns: columns, parameters: parameters)
  }

  /// Whether one of some parameters is added as it is.
  func hasConstant(among parameters: [Int]) -> Bool {
    lock.withLock { _ in parameters.contains { (gradients[$0].constantValue ?? 0) != 0 } }
  }

  /// The parameters in which the formula is linear, together: as many as can be found one after the other.
  ///
  /// The slope by each depends on none of them, so that their best values follow from the others'.
  func linearParameters(among candidates: [Int]) -> [Int] {
    lock.withLock { _ in
      if let known = linear[candidates] { return known }
      var linear: [Int] = []
      for candidate in candidates {
        let together = linear + [candidate]
        let indices = Set(together.map { parameters[$0].index })
        let isLinear = together.allSatisfy { parameter in
          prediction.graph.nodes(behind: [gradients[parameter]])
            .allSatisfy { !indices.contains($0.index) }
        }
        if isLinear { linear = together }
      }
      self.linear[candidates] = linear
      return linear
    }
  }
}

/// An executor of a program in a place where it can be kept.
final class Engine {
  var executor: Executor<Double>

  init(_ program: Program, rows: Int) {
    let block = Engine.blockRows
    executor = Executor(
      program, batchRows: min(max(1, rows), block), blockRows: block, sumsRows: false)
  }

  static var blockRows: Int { 256 }
}

/// The engines of one worker, made when first asked for, for rows of any number up to a limit.
final class Engines {
  let programs: Programs
  private let mostRows: Int
  private var bySlopes: [[Int]: Engine] = [:]
  private(set) lazy var curvature: Engine = Engine(programs.curvature.program, rows: mostRows)

  init(_ programs: Programs, mostRows: Int) {
    self.programs = programs
    self.mostRows = mostRows
  }

  /// The last of Student's quantiles: groups often have as many rows.
  private var quantile: (tail: Double, degreesOfFreedom: Int, value: Double)?

  func studentQuantile(tail: Double, degreesOfFreedom: Int) -> Double {
    if let quantile, quantile.tail == tail, quantile.degreesOfFreedom == degreesOfFreedom {
      return quantile.value
    }
    let value = Fitting.studentQuantile(tail: tail, degreesOfFreedom: Double(degreesOfFreedom))
    quantile = (tail, degreesOfFreedom, value)
    return value
  }

  /// The engine of the prediction and its slopes by some parameters.
  subscript(_ slopes: [Int]) -> Engine {
    if let known = bySlopes[slopes] { return known }
    let engine = Engine(programs.slopes(by: slopes), rows: mostRows)
    bySlopes[slopes] = engine
    return engine
  }
}

extension Engine {
  /// What the formula gives in some rows.
  func heights(
    of columns: borrowing Columns<Double>, _ parameters: [Double], in range: Range<Int>
  ) -> [Double] {
    var found: [Double] = []
    found.reserveCapacity(range.count)
    executor.forEachBlock(of: range, in: columns, parameters: parameters) { lines, values in
      for lane in 0..<lines.count { found.append(values[0][lane]) }
    }
    return found
  }
}

extension Rows {
  /// What the formula gives in some rows.
  func heights(_ engine: Engine, _ parameters: [Double], in range: Range<Int>) -> [Double] {
    engine.heights(of: shared.columns, parameters, in: range)
  }
}
