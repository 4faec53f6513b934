internal import CKernels

/// A graph made ready to run: what its outputs need and nothing else, each value with a place.
///
/// Work that depends on parameters and constants alone is done once a step, the rest once a row.
/// Places of row values are reused as soon as the last reader has run. A program is immutable; an
/// ``Executor`` holds the memory to run it.
public struct Program: Sendable {
  /// The columns it reads, in the order that the executor expects.
  public let columns: [String]
  /// The parameters it reads, in the order that the executor expects.
  public let parameters: [String]
  /// How many values it computes.
  public var outputCount: Int { outputs.count }

  // Slots, in this order: columns, parameters, constants, values of the step, values of a row.
  let constants: [Double]
  let stepCode: [bp_instruction]
  let rowCode: [bp_instruction]
  let outputs: [Int]
  let slotCount: Int
  /// Values of the step that every row reads: they are copied to all lanes once a step.
  let sharedSlots: [Int]

  var parameterSlots: Range<Int> { columns.count..<columns.count + parameters.count }
  var constantSlots: Range<Int> {
    parameterSlots.upperBound..<parameterSlots.upperBound + constants.count
  }

  /// Compiles what `outputs` need.
  ///
  /// `columns` and `parameters` are all the inputs that the outputs may depend on, in the order in
  /// which values will be given; inputs that nothing depends on are allowed.
  public init(outputs: [Node], columns: [Node], parameters: [Node]) {
    var compiler = Compiler(outputs: outputs, columns: columns, parameters: parameters)
    compiler.compile()
    self.columns = columns.map(\.description)
    self.parameters = parameters.map(\.description)
    constants = compiler.constants
    stepCode = compiler.stepCode
    rowCode = compiler.rowCode
    self.outputs = compiler.outputs.map { compiler.slots[$0] }
    slotCount = compiler.slotCount
    let read = Set(rowCode.flatMap(\.operands) + self.outputs)
    let firstRowSlot = compiler.firstRowSlot
    sharedSlots = read.filter { $0 >= columns.count && $0 < firstRowSlot }.sorted()
  }
}

extension bp_instruction {
  /// The slots that the operation reads.
  var operands: [Int] {
    [a, b, c].prefix(operation.arity).map(Int.init)
  }

  var operation: Op {
    guard let operation = Op(rawValue: UInt8(op)) else {
      preconditionFailure("instructions hold opcodes of operations")
    }
    return operation
  }
}

/// Gives every live node a slot and every operation an instruction.
private struct Compiler {
  var slots: [Int]
  var constants: [Double] = []
  var stepCode: [bp_instruction] = []
  var rowCode: [bp_instruction] = []
  var firstRowSlot = 0
  var slotCount = 0

  /// The nodes of the outputs.
  let outputs: [Int]
  private let definitions: [Graph.Definition]
  private let isLive: [Bool]
  private var isPerRow: [Bool]

  init(outputs: [Node], columns: [Node], parameters: [Node]) {
    let graph = outputs.first?.graph
    definitions = graph?.computedDefinitions ?? []
    self.outputs = outputs.map { $0.graph.computed($0.index) }
    slots = [Int](repeating: -1, count: definitions.count)
    isLive = Graph.ancestors(of: self.outputs, in: definitions)
    isPerRow = [Bool](repeating: false, count: definitions.count)
    for (slot, input) in (columns + parameters).enumerated() { slots[input.index] = slot }
    slotCount = columns.count + parameters.count
  }

  mutating func compile() {
    for (index, definition) in definitions.enumerated() where isLive[index] {
      switch definition {
      case .constant(let bits):
        slots[index] = slotCount
        slotCount += 1
        constants.append(Double(bitPattern: bits))
      case .column, .parameter:
        precondition(slots[index] >= 0, "every input of a program must be listed")
        if case .column = definition { isPerRow[index] = true }
      case .apply(_, let operands):
        isPerRow[index] = operands.contains { isPerRow[$0] }
      }
    }
    for (index, definition) in definitions.enumerated() where isLive[index] && !isPerRow[index] {
      guard case .apply(let op, let operands) = definition else { continue }
      slots[index] = slotCount
      slotCount += 1
      stepCode.append(instruction(op, operands, into: slots[index]))
    }
    firstRowSlot = slotCount
    compileRows()
  }

  private mutating func compileRows() {
    var lastReader = [Int](repeating: -1, count: definitions.count)
    for (index, definition) in definitions.enumerated() where isLive[index] {
      if case .apply(_, let operands) = definition {
        for operand in operands { lastReader[operand] = index }
      }
    }
    for output in outputs { lastReader[output] = .max }

    var free: [Int] = []
    for (index, definition) in definitions.enumerated() where isLive[index] && isPerRow[index] {
      guard case .apply(let op, let operands) = definition else { continue }
      for operand in Set(operands).sorted()
      where lastReader[operand] == index && slots[operand] >= firstRowSlot {
        free.append(slots[operand])
      }
      if let slot = free.popLast() {
        slots[index] = slot
      } else {
        slots[index] = slotCount
        slotCount += 1
      }
      rowCode.append(instruction(op, operands, into: slots[index]))
    }
  }

  private func instruction(_ op: Op, _ operands: [Int], into slot: Int) -> bp_instruction {
    func operand(_ position: Int) -> UInt32 {
      position < operands.count ? UInt32(slots[operands[position]]) : 0
    }
    return bp_instruction(
      op: UInt32(op.rawValue), out: UInt32(slot), a: operand(0), b: operand(1), c: operand(2))
  }
}
