internal import CKernels

/// A graph made ready to run: what its outputs need and nothing else, each value with a slot.
///
/// Work that depends on parameters and constants alone is done once a step, the rest once a row.
/// Slots of row values are reused as soon as the last reader has run. A program is immutable; an
/// ``Executor`` holds the memory to run it.
public struct Program: Sendable {
  /// The columns it reads, in the order that the executor expects.
  public let columns: [String]
  /// The parameters it reads, in the order that the executor expects.
  public let parameters: [String]
  /// How many elements the parameters have together.
  public let parameterCount: Int
  /// How many values it computes: the elements of all outputs together.
  public let outputCount: Int

  // Slots, in this order: columns, parameters, constants, values of the step, those of them that rows
  // read, values of a row.
  let slotShapes: [Shape]
  let constants: [Double]
  let stepCode: [bp_instruction]
  let rowCode: [bp_instruction]
  let outputs: [bp_output]
  /// The values of the step that rows read element by element, and where their copies are.
  let shared: [bp_shared]
  let firstSharedSlot: Int
  let firstRowSlot: Int
  /// The same work for one row per step, if the parameters enter by one weighted sum.
  let weightedSum: WeightedSum?

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
    parameterCount = parameters.reduce(0) { $0 + $1.shape.count }
    outputCount = outputs.reduce(0) { $0 + $1.shape.count }
    slotShapes = compiler.slotShapes
    constants = compiler.constants
    stepCode = compiler.stepCode
    rowCode = compiler.rowCode
    self.outputs = compiler.sums
    shared = compiler.shared
    firstSharedSlot = compiler.firstSharedSlot
    firstRowSlot = compiler.firstRowSlot
    weightedSum = WeightedSum(outputs: outputs, columns: columns, parameters: parameters)
  }
}

/// Gives every live node a slot and every operation an instruction, or several operations one.
private struct Compiler {
  var slotShapes: [Shape] = []
  var constants: [Double] = []
  var stepCode: [bp_instruction] = []
  var rowCode: [bp_instruction] = []
  var sums: [bp_output] = []
  var shared: [bp_shared] = []
  var firstSharedSlot = 0
  var firstRowSlot = 0

  private let graph: Graph
  private let definitions: [Graph.Definition]
  /// The nodes whose sums are asked for, and those that they are made of.
  private let outputs: [(node: Int, factors: [Int])]
  private let isLive: [Bool]
  /// What computes each node, and the nodes it reads; nil for inputs.
  private var works: [(opcode: Opcode, operands: [Int])?]
  /// The sine and the cosine, live both, of each value that has them.
  private var sincosPairs: [Int: (sine: Int, cosine: Int)] = [:]
  private var isPerRow: [Bool]
  private var slots: [Int]
  /// The slots of copies that rows read.
  private var sharedSlots: [Int: Int] = [:]

  init(outputs: [Node], columns: [Node], parameters: [Node]) {
    graph = outputs.first?.graph ?? Graph()
    let definitions = graph.computedDefinitions
    self.definitions = definitions
    self.outputs = outputs.map { output in
      let node = output.graph.computed(output.index)
      // The sum of outer products is a matrix product: none of them is written down.
      if case .apply(.outer, let factors) = definitions[node], output.shape != .scalar {
        return (node, factors)
      }
      return (node, [node])
    }
    works = definitions.map { Self.work(of: $0, among: definitions) }
    isLive = Graph.ancestors(
      of: self.outputs.flatMap(\.factors), operands: works.map { $0?.operands ?? [] })
    isPerRow = [Bool](repeating: false, count: definitions.count)
    slots = [Int](repeating: -1, count: definitions.count)
    for input in columns + parameters {
      slots[input.index] = slotShapes.count
      slotShapes.append(input.shape)
    }
  }

  /// A node's own operation, or one in place of it and what it reads: where(x <= 0, 0, y) needs no comparison.
  private static func work(
    of definition: Graph.Definition, among definitions: [Graph.Definition]
  ) -> (Opcode, [Int])? {
    guard case .apply(let op, let operands) = definition else { return nil }
    let zero = Graph.Definition.constant(bitPattern: 0)
    if op == .select, definitions[operands[1]] == zero,
      case .apply(.lessOrEqual, let sides) = definitions[operands[0]],
      definitions[sides[1]] == zero
    {
      return (.fused(.reluSlope), [sides[0], operands[2]])
    }
    return (.operation(op), operands)
  }

  mutating func compile() {
    fuseSinesAndCosines()
    for (index, definition) in definitions.enumerated() where isLive[index] {
      switch definition {
      case .constant(let bits):
        slots[index] = newSlot(.scalar)
        constants.append(Double(bitPattern: bits))
      case .column, .parameter:
        precondition(slots[index] >= 0, "every input of a program must be listed")
        if case .column = definition { isPerRow[index] = true }
      case .apply:
        isPerRow[index] = works[index]?.operands.contains { isPerRow[$0] } ?? false
      }
    }
    for (index, work) in works.enumerated() where isLive[index] && !isPerRow[index] {
      guard let (opcode, operands) = work, slots[index] < 0 else { continue }
      for result in results(of: index) { slots[result] = newSlot(graph.shapes[result]) }
      stepCode.append(instruction(opcode, operands, slots: operands.map { slots[$0] }, for: index))
    }
    firstSharedSlot = slotShapes.count
    shareStepValues()
    firstRowSlot = slotShapes.count
    compileRows()
    sums = outputs.map { node, factors in
      let count = UInt32(graph.shapes[node].count)
      let columns = factors == [node] ? 0 : UInt32(graph.shapes[factors[1]].count)
      let summed = factors.map { UInt32(rowSlot(of: $0)) }
      return bp_output(a: summed[0], b: summed.last ?? summed[0], count: count, columns: columns)
    }
  }

  /// Has the sine and the cosine of one value computed together.
  private mutating func fuseSinesAndCosines() {
    var sines: [Int: Int] = [:]
    var cosines: [Int: Int] = [:]
    for case (let index, (.operation(let op), let operands)?) in zip(works.indices, works)
    where isLive[index] {
      if op == .sin { sines[operands[0]] = index }
      if op == .cos { cosines[operands[0]] = index }
    }
    for (angle, sine) in sines {
      guard let cosine = cosines[angle] else { continue }
      for node in [sine, cosine] {
        works[node] = (.fused(.sincos), [angle])
        sincosPairs[node] = (sine, cosine)
      }
    }
  }

  /// The nodes that are computed with one, and itself.
  private func results(of node: Int) -> [Int] {
    sincosPairs[node].map { [$0.sine, $0.cosine] } ?? [node]
  }

  private mutating func newSlot(_ shape: Shape) -> Int {
    slotShapes.append(shape)
    return slotShapes.count - 1
  }

  /// Finds the values of the step that rows read as if each row had its own.
  private mutating func shareStepValues() {
    func share(_ node: Int) {
      guard !isPerRow[node], sharedSlots[node] == nil else { return }
      let copy = newSlot(graph.shapes[node])
      sharedSlots[node] = copy
      let count = UInt32(graph.shapes[node].count)
      shared.append(bp_shared(from: UInt32(slots[node]), to: UInt32(copy), count: count))
    }
    for (index, work) in works.enumerated() where isLive[index] && isPerRow[index] {
      guard let (opcode, operands) = work else { continue }
      for (position, operand) in arranged(opcode, operands).enumerated()
      where !isForAllRows(opcode, position, operand) {
        share(operand)
      }
    }
    for factor in outputs.flatMap(\.factors) { share(factor) }
  }

  /// The operands of a row's operation; of a scalar product the one that is for all rows comes first.
  private func arranged(_ opcode: Opcode, _ operands: [Int]) -> [Int] {
    opcode == .operation(.dot) && !isPerRow[operands[1]] ? operands.reversed() : operands
  }

  /// Whether a kernel takes one value for all rows in that position, as matrix products do.
  private func isForAllRows(_ opcode: Opcode, _ position: Int, _ operand: Int) -> Bool {
    if isPerRow[operand] || graph.shapes[operand] == .scalar { return false }
    switch opcode {
    case .operation(.matvec), .operation(.dot): return position == 0
    case .operation(.vecmat): return position == 1
    case .operation(.linear): return position != 1
    default: return false
    }
  }

  private func rowSlot(of node: Int) -> Int { sharedSlots[node] ?? slots[node] }

  private mutating func compileRows() {
    var lastReader = [Int](repeating: -1, count: works.count)
    for (index, work) in works.enumerated() where isLive[index] {
      for operand in work?.operands ?? [] { lastReader[operand] = index }
    }
    for factor in outputs.flatMap(\.factors) { lastReader[factor] = .max }

    /// Slots that are no longer needed, by the number of their elements.
    var free: [Int: [Int]] = [:]
    func slot(for shape: Shape) -> Int { free[shape.count]?.popLast() ?? newSlot(shape) }
    for (index, work) in works.enumerated() where isLive[index] && isPerRow[index] {
      guard let (opcode, operands) = work else { continue }
      func release() {
        for operand in Set(operands).sorted()
        where lastReader[operand] == index && slots[operand] >= firstRowSlot {
          free[slotShapes[slots[operand]].count, default: []].append(slots[operand])
        }
      }
      if opcode.isElementwise { release() }
      defer { if !opcode.isElementwise { release() } }
      guard slots[index] < 0 else { continue }
      for result in results(of: index) { slots[result] = slot(for: graph.shapes[result]) }
      let arranged = arranged(opcode, operands)
      let read = arranged.enumerated().map { position, operand in
        isForAllRows(opcode, position, operand) ? slots[operand] : rowSlot(of: operand)
      }
      rowCode.append(instruction(opcode, arranged, slots: read, for: index))
    }
  }

  private func instruction(
    _ opcode: Opcode, _ operands: [Int], slots read: [Int], for node: Int
  ) -> bp_instruction {
    func slot(_ position: Int) -> UInt32 {
      UInt32(position < read.count ? read[position] : read[0])
    }
    func count(_ position: Int) -> Int { graph.shapes[operands[position]].count }
    let elements = graph.shapes[node].count
    let inner =
      switch opcode {
      case .operation(.sum), .operation(.max), .operation(.argmax), .operation(.dot),
        .operation(.pick), .operation(.concat), .operation(.pad), .operation(.vecmat):
        count(0)
      case .operation(.outer), .operation(.matvec), .operation(.linear): count(1)
      default: 1
      }
    let results = results(of: node).map { UInt32(slots[$0]) }
    return bp_instruction(
      op: opcode.number, out: results[0], a: slot(0),
      b: results.count > 1 ? results[1] : slot(1), c: slot(2),
      count: UInt32(elements), inner: UInt32(inner),
      first: UInt32(graph.firstElement(of: node)))
  }
}
