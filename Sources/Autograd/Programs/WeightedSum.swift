internal import CKernels

/// Gradient descent, one row per step, on parameters that enter by one weighted sum.
///
/// The sum is ±w₀·x₀ ± w₁·x₁ …, a term for each parameter, where the x do not depend on parameters; the
/// gradient of each parameter is then ±slope·x, with one slope for all. That is linear regression with any
/// loss, logistic regression and their like, with any functions of the columns for x. A kernel of its own
/// does these steps several times as fast, and rounds each operation as the program would.
struct WeightedSum: Sendable {
  // Slots, in this order: columns, features, constants, values of a row.
  let slotCount: Int
  let featureSlots: Range<Int>
  let constantSlots: Range<Int>
  let constants: [Double]
  let featureCode: [bp_instruction]
  let lossCode: [bp_instruction]
  /// The columns and features that the loss reads.
  let readSlots: [UInt32]
  let terms: [bp_term]
  let sum: UInt32
  let loss: UInt32
  let slope: UInt32
  /// The slot of y where the loss is (sum − y)², whose code need not be run; else the largest number.
  private(set) var target = UInt32.max

  /// Nil unless `outputs` are a loss and its gradients by `parameters` of that kind.
  init?(outputs: [Node], columns: [Node], parameters: [Node]) {
    guard outputs.count == 1 + parameters.count, columns.allSatisfy({ $0.shape == .scalar }),
      let match = Match(outputs: outputs, parameters: parameters)
    else { return nil }
    var slots: [Int: Int] = [:]
    for (slot, column) in columns.enumerated() { slots[column.index] = slot }

    let isFeature = match.needed.filter { !match.dependsOnParameters[$0] && match.isApplied($0) }
    for node in isFeature { slots[node] = slots.count }
    featureSlots = columns.count..<slots.count
    var constants = match.needed.compactMap { match.constant($0) }
    for node in match.needed where match.constant(node) != nil { slots[node] = slots.count }
    let one = slots.count
    constants.append(1)
    self.constants = constants
    let constantSlots = featureSlots.upperBound..<featureSlots.upperBound + constants.count
    self.constantSlots = constantSlots
    let isRow = match.needed.filter { match.dependsOnParameters[$0] }
    for (position, node) in isRow.enumerated() { slots[node] = one + 1 + position }
    slotCount = one + 1 + isRow.count

    func slot(_ node: Int) -> UInt32 { UInt32(slots[node] ?? one) }
    func code(_ nodes: [Int]) -> [bp_instruction] {
      nodes.compactMap { node in
        guard node != match.sum, let (op, operands) = match.operation(node) else { return nil }
        let read = operands.map(slot)
        return bp_instruction(
          op: UInt32(op.rawValue), out: slot(node), a: read[0],
          b: read.count > 1 ? read[1] : read[0], c: read.count > 2 ? read[2] : read[0],
          count: 1, inner: 1, first: 0)
      }
    }
    featureCode = code(isFeature)
    lossCode = code(isRow)
    let order = Dictionary(
      parameters.enumerated().map { ($1.index, $0) }, uniquingKeysWith: { first, _ in first })
    terms = match.terms.map { term in
      bp_term(
        slot: term.feature.map(slot) ?? UInt32(one), parameter: UInt32(order[term.parameter] ?? 0),
        sign: term.isNegative ? -1 : 1)
    }
    sum = slot(match.sum)
    loss = slot(match.loss)
    slope = slot(match.slope)
    let read = Set(lossCode.flatMap(\.operands) + [Int(slope)])
    readSlots = read.filter { $0 < one }.subtracting(constantSlots).sorted().map { UInt32($0) }
    target = squaredErrorTarget ?? .max
  }

  private var squaredErrorTarget: UInt32? {
    guard lossCode.count == 3, lossCode[0].opcode == .operation(.subtract), lossCode[0].a == sum
    else {
      return nil
    }
    let error = lossCode[0].out
    func isProduct(_ x: UInt32, by y: UInt32, for out: UInt32) -> Bool {
      lossCode.contains {
        $0.opcode == .operation(.multiply) && $0.out == out && $0.a == x && $0.b == y
      }
    }
    guard isProduct(error, by: error, for: loss), let two = constants.firstIndex(of: 2),
      isProduct(UInt32(constantSlots.lowerBound + two), by: error, for: slope)
    else { return nil }
    return lossCode[0].b
  }
}

/// Finds the sum in a graph.
private struct Match {
  struct Term {
    let parameter: Int
    /// What the parameter is multiplied by, if anything.
    let feature: Int?
    var isNegative = false
  }

  private(set) var terms: [Term] = []
  private(set) var sum = -1
  let loss: Int
  private(set) var slope = -1
  private(set) var dependsOnParameters: [Bool]
  /// The nodes to compute, operands first; the sum is one of them, what it is made of is not.
  private(set) var needed: [Int] = []

  private let definitions: [Graph.Definition]
  private var readers: [Int: [Int]] = [:]

  init?(outputs: [Node], parameters: [Node]) {
    guard let first = parameters.first, parameters.count <= Int(bp_most_terms) else { return nil }
    let graph = first.graph
    definitions = graph.computedDefinitions
    dependsOnParameters = [Bool](repeating: false, count: definitions.count)
    let indices = outputs.map { graph.computed($0.index) }
    loss = indices[0]
    let isLive = Graph.ancestors(of: indices, operands: definitions.map(\.operands))
    for parameter in parameters { dependsOnParameters[parameter.index] = true }
    for index in definitions.indices where isLive[index] {
      guard case .apply(let op, let operands) = definitions[index] else { continue }
      guard op.isElementwise, graph.shapes[index] == .scalar else { return nil }
      for operand in Set(operands) { readers[operand, default: []].append(index) }
      dependsOnParameters[index] = operands.contains { dependsOnParameters[$0] }
    }
    sum = top(from: first.index)
    guard dependsOnParameters[loss], let terms = terms(of: sum),
      Set(terms.map(\.parameter)) == Set(parameters.map(\.index)),
      terms.count == parameters.count
    else { return nil }
    self.terms = terms
    let gradients = Dictionary(
      zip(parameters.map(\.index), indices.dropFirst()), uniquingKeysWith: { first, _ in first })
    guard let slope = slope(from: gradients) else { return nil }
    self.slope = slope
    guard findNeeded() else { return nil }
  }

  func operation(_ node: Int) -> (Op, [Int])? {
    guard case .apply(let op, let operands) = definitions[node] else { return nil }
    return (op, operands)
  }

  func isApplied(_ node: Int) -> Bool { operation(node) != nil }

  func constant(_ node: Int) -> Double? {
    guard case .constant(let bits) = definitions[node] else { return nil }
    return Double(bitPattern: bits)
  }

  /// The last of the additions that a parameter takes part in, as far as they add nothing but terms.
  private func top(from parameter: Int) -> Int {
    var node = parameter
    while let readers = readers[node], readers.count == 1 {
      guard terms(of: readers[0]) != nil else { break }
      node = readers[0]
    }
    return node
  }

  private func term(_ node: Int) -> Term? {
    if case .parameter = definitions[node] { return Term(parameter: node, feature: nil) }
    guard case .apply(.multiply, let operands) = definitions[node] else { return nil }
    for (one, other) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      if case .parameter = definitions[one], !dependsOnParameters[other] {
        return Term(parameter: one, feature: other)
      }
    }
    return nil
  }

  /// The terms that a node adds up from the left; nil if it is anything else, or if another reads a part.
  private func terms(of node: Int) -> [Term]? {
    var node = node
    var found: [Term] = []
    while true {
      guard found.count < Int(bp_most_terms) else { return nil }
      if let first = term(node) {
        found.append(first)
        break
      }
      guard let (op, operands) = operation(node), op == .add || op == .subtract,
        operands[0] != operands[1]
      else { return nil }
      if var last = term(operands[1]) {
        last.isNegative = op == .subtract
        found.append(last)
        node = operands[0]
      } else if op == .add, let last = term(operands[0]) {
        found.append(last)
        node = operands[1]
      } else {
        return nil
      }
    }
    let isReadElsewhere = found.contains { term in readers[term.parameter]?.count != 1 }
    return isReadElsewhere ? nil : found.reversed()
  }

  /// The slope of the loss by the sum, of which every gradient must be made in one way.
  private func slope(from gradients: [Int: Int]) -> Int? {
    var found: Int?
    for term in terms {
      guard var node = gradients[term.parameter] else { return nil }
      if let feature = term.feature {
        guard case .apply(.multiply, let operands) = definitions[node], operands[1] == feature
        else { return nil }
        node = operands[0]
      }
      if term.isNegative {
        guard case .apply(.negate, let operands) = definitions[node] else { return nil }
        node = operands[0]
      }
      guard found == nil || found == node else { return nil }
      found = node
    }
    return found
  }

  /// Everything behind the loss, the slope and the features, with the sum as an input.
  private mutating func findNeeded() -> Bool {
    var isNeeded = [Bool](repeating: false, count: definitions.count)
    for node in [loss, slope] + terms.compactMap(\.feature) { isNeeded[node] = true }
    for node in definitions.indices.reversed() where isNeeded[node] && node != sum {
      if case .parameter = definitions[node] { return false }
      for operand in operation(node)?.1 ?? [] { isNeeded[operand] = true }
    }
    isNeeded[sum] = true
    needed = isNeeded.indices.filter { node in
      if case .column = definitions[node] { return false }
      return isNeeded[node]
    }
    return true
  }
}
