internal import CKernels

/// Arithmetic on single values of a row in an order that keeps each result in registers for who reads it next.
///
/// A block's rows pass through all steps a few at a time: what one operation alone reads is never written to
/// memory, and what is only summed, with the product that it may be, is not either. Each operation rounds as it
/// does alone, so that the bits are the same.
struct Chain {
  /// What changes the chain's own values, in the order of the C kernels' steps.
  enum Step: UInt32, CaseIterable {
    case load, store
    case add, addScalar, subtract, subtractScalar, subtractFrom, subtractFromScalar
    case multiply, multiplyScalar, divide, divideScalar, divideInto, divideIntoScalar
    case negate, square
    case sum, sumOfSquares, sumOfProducts
  }

  /// A step with the node whose values it reads or stores, or with the output that it sums.
  struct Action {
    let step: Step
    var node: Int?
    var output = 0
  }

  /// An operation on one or two values, one for each row.
  struct Operation {
    let node: Int
    let op: Op
    let operands: [Int]
    /// The output that is the sum of its results.
    let output: Int?
    /// Whether something reads its results that is not of the chain.
    let isReadOutside: Bool
  }

  /// The operations that chains are made of.
  static let operations: Set<Op> = [.add, .subtract, .multiply, .divide, .negate]

  /// How many operations a chain has at most, and so how many sums.
  static let mostOperations = Int(bp_most_chain_sums)

  private(set) var actions: [Action] = []
  private let operations: [Int: Operation]
  private let readers: [Int: [Int]]
  private let scalars: Set<Int>
  /// Those that are not done yet.
  private var left: Set<Int>
  /// Results that are in memory.
  private var stored: Set<Int> = []

  /// Orders operations, which come after those whose results they read; `scalars` are nodes with one value for
  /// all rows.
  init(_ list: [Operation], scalars: Set<Int>) {
    operations = Dictionary(uniqueKeysWithValues: list.map { ($0.node, $0) })
    var readers: [Int: [Int]] = [:]
    for operation in list {
      for operand in Set(operation.operands) {
        readers[operand, default: []].append(operation.node)
      }
    }
    self.readers = readers
    self.scalars = scalars
    left = Set(list.map(\.node))
    for operation in list {
      // Its operands are in memory: it is the first that is left.
      guard let first = operation.operands.first(where: { !scalars.contains($0) }) else {
        preconditionFailure("a chain's operations read values of the row")
      }
      while left.contains(operation.node) {
        actions.append(Action(step: .load, node: first))
        var own = first
        while let next = goOn(from: own) { own = next }
      }
    }
  }

  /// Does what can be done with the chain's own values, those of a node, and gives the node whose values they then
  /// are, if any reader can take them.
  private mutating func goOn(from own: Int) -> Int? {
    let waiting = (readers[own] ?? []).filter(left.contains)
    for reader in waiting {
      guard let step = sum(reader, of: own), let operation = operations[reader] else { continue }
      let other = operation.operands.first { $0 != own }
      actions.append(Action(step: step, node: other, output: operation.output ?? 0))
      left.remove(reader)
    }
    let others = waiting.filter(left.contains)
    var next: (reader: Int, action: Action)?
    for reader in others where next == nil {
      next = step(reader, on: own).map { (reader, $0) }
    }
    // Whoever cannot have them now finds them in memory.
    if others.count > (next == nil ? 0 : 1) || operations[own]?.isReadOutside == true { store(own) }
    guard let (reader, action) = next, let operation = operations[reader] else { return nil }
    actions.append(action)
    left.remove(reader)
    if let output = operation.output { actions.append(Action(step: .sum, output: output)) }
    return reader
  }

  private mutating func store(_ node: Int) {
    if operations[node] != nil, stored.insert(node).inserted {
      actions.append(Action(step: .store, node: node))
    }
  }

  private func isInMemory(_ node: Int) -> Bool { operations[node] == nil || stored.contains(node) }

  /// The step that sums an operation which nothing else reads, and leaves the chain's own values as they are.
  private func sum(_ reader: Int, of own: Int) -> Step? {
    guard let operation = operations[reader], operation.op == .multiply, operation.output != nil,
      !operation.isReadOutside, readers[reader] == nil
    else { return nil }
    guard let other = operation.operands.first(where: { $0 != own }) else { return .sumOfSquares }
    return isInMemory(other) && !scalars.contains(other) ? .sumOfProducts : nil
  }

  /// The step that does an operation on the chain's own values, if what else it reads is in memory.
  private func step(_ reader: Int, on own: Int) -> Action? {
    guard let operation = operations[reader] else { return nil }
    guard operation.operands.count > 1 else { return Action(step: .negate) }
    let (x, y) = (operation.operands[0], operation.operands[1])
    if x == y, operation.op == .multiply { return Action(step: .square) }
    let other = x == own ? y : x
    guard isInMemory(other) else { return nil }
    let isSecond = x != own
    let steps: (Step, Step)
    switch operation.op {
    case .add: steps = (.add, .addScalar)
    case .multiply: steps = (.multiply, .multiplyScalar)
    case .subtract:
      steps = isSecond ? (.subtractFrom, .subtractFromScalar) : (.subtract, .subtractScalar)
    case .divide: steps = isSecond ? (.divideInto, .divideIntoScalar) : (.divide, .divideScalar)
    default: preconditionFailure("chains are made of arithmetic")
    }
    return Action(step: scalars.contains(other) ? steps.1 : steps.0, node: other)
  }
}

extension bp_instruction {
  /// What comes before so many steps of a chain.
  init(chainOf count: Int) {
    self.init(
      op: UInt32(bp_op_chain), out: 0, a: 0, b: 0, c: 0, count: UInt32(count), inner: 1, first: 0)
  }

  /// A step on the values in a slot, or into it.
  init(_ action: Chain.Action, slot: Int) {
    let isStore = action.step == .store
    self.init(
      op: action.step.rawValue, out: UInt32(isStore ? slot : action.output), a: UInt32(slot), b: 0,
      c: 0,
      count: 1, inner: 1, first: 0)
  }
}
