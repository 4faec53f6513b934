internal import CKernels

/// Gives every live node a slot and every operation an instruction, or several operations one.
struct Compiler {
  private(set) var slotShapes: [Shape] = []
  private(set) var constants: [Double] = []
  private(set) var stepCode: [bp_instruction] = []
  private(set) var rowCode: [bp_instruction] = []
  private(set) var sums: [bp_output] = []
  private(set) var shared: [bp_shared] = []
  private(set) var blockCode: [bp_instruction] = []
  private(set) var blockSums: [bp_output] = []
  private(set) var blockShared: [bp_shared] = []
  private(set) var firstSharedSlot = 0
  private(set) var firstRowSlot = 0

  private let shapes: [Shape]
  /// The first element that each node takes of its operand, or puts, if it is a slice or a pad; else 0.
  private let firstElements: [Int]
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
    let graph = outputs.first?.graph ?? Graph()
    shapes = graph.shapes
    firstElements = graph.shapes.indices.map(graph.firstElement)
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

  /// Makes the code of the step and of its rows.
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
      for result in results(of: index) { slots[result] = newSlot(shapes[result]) }
      stepCode.append(instruction(opcode, operands, slots: operands.map { slots[$0] }, for: index))
    }
    firstSharedSlot = slotShapes.count
    shareStepValues()
    firstRowSlot = slotShapes.count
    rowCode = code(for: rowWorks.map { .work($0) })
    sums = outputs.map { sum($0.node, of: $0.factors) }
  }

  /// What is done for each row, in order.
  private var rowWorks: [Int] {
    works.indices.filter { isLive[$0] && isPerRow[$0] && works[$0] != nil }
  }

  private func sum(_ node: Int, of factors: [Int]) -> bp_output {
    let count = UInt32(shapes[node].count)
    let columns = factors == [node] ? 0 : UInt32(shapes[factors[1]].count)
    let summed = factors.map { UInt32(rowSlot(of: $0)) }
    return bp_output(a: summed[0], b: summed.last ?? summed[0], count: count, columns: columns)
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
      let copy = newSlot(shapes[node])
      sharedSlots[node] = copy
      let count = UInt32(shapes[node].count)
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
    if isPerRow[operand] || shapes[operand] == .scalar { return false }
    switch opcode {
    case .operation(.matvec), .operation(.dot): return position == 0
    case .operation(.vecmat): return position == 1
    case .operation(.linear): return position != 1
    default: return false
    }
  }

  private func rowSlot(of node: Int) -> Int { sharedSlots[node] ?? slots[node] }

  /// What is done for each row.
  private enum Item {
    /// A node's own work.
    case work(Int)
    /// So many steps of a chain follow.
    case chain(count: Int)
    case action(Chain.Action)
  }

  /// The instructions for some items; slots are reused as soon as the last reader has run.
  private mutating func code(for items: [Item], summedByChains: Set<Int> = []) -> [bp_instruction] {
    var lastRead = [Int](repeating: -1, count: works.count)
    for (position, item) in items.enumerated() {
      switch item {
      case .work(let node):
        for operand in works[node]?.operands ?? [] { lastRead[operand] = position }
      case .action(let action): if let node = action.node { lastRead[node] = position }
      case .chain: break
      }
    }
    for factor in outputs.flatMap(\.factors) where !summedByChains.contains(factor) {
      lastRead[factor] = .max
    }

    for (node, work) in works.enumerated() where work != nil && isPerRow[node] { slots[node] = -1 }
    /// Slots that are not needed, or no longer, by the number of their elements.
    var free: [Int: [Int]] = [:]
    for slot in (firstRowSlot..<slotShapes.count).reversed() {
      free[slotShapes[slot].count, default: []].append(slot)
    }
    func slot(for shape: Shape) -> Int { free[shape.count]?.popLast() ?? newSlot(shape) }
    func release(_ nodes: some Sequence<Int>, at position: Int) {
      for node in nodes where lastRead[node] == position && slots[node] >= firstRowSlot {
        free[slotShapes[slots[node]].count, default: []].append(slots[node])
      }
    }
    var code: [bp_instruction] = []
    for (position, item) in items.enumerated() {
      switch item {
      case .work(let node):
        guard let (opcode, operands) = works[node] else { continue }
        let read = Set(operands).sorted()
        if opcode.isElementwise { release(read, at: position) }
        defer { if !opcode.isElementwise { release(read, at: position) } }
        guard slots[node] < 0 else { continue }
        for result in results(of: node) { slots[result] = slot(for: shapes[result]) }
        let arranged = arranged(opcode, operands)
        let places = arranged.enumerated().map { place, operand in
          isForAllRows(opcode, place, operand) ? slots[operand] : rowSlot(of: operand)
        }
        code.append(instruction(opcode, arranged, slots: places, for: node))
      case .chain(let count):
        code.append(bp_instruction(chainOf: count))
      case .action(let action):
        if action.step == .store, let node = action.node { slots[node] = slot(for: .scalar) }
        code.append(bp_instruction(action, slot: action.node.map { slots[$0] } ?? 0))
        if action.step != .store, let node = action.node { release([node], at: position) }
      }
    }
    return code
  }

  /// Makes the code of blocks of rows, with chains in place of arithmetic on single values.
  ///
  /// It waits until something else reads its results, for the longer a chain, the more stays in registers.
  mutating func compileBlocks() {
    let rowWorks = rowWorks
    let chained = Set(rowWorks.filter(isForChains))
    var readers: [Int: [Int]] = [:]
    for node in rowWorks {
      for operand in works[node]?.operands ?? [] { readers[operand, default: []].append(node) }
    }
    let (sums, readAsOutputs) = sumsForChains(chained)

    var items: [Item] = []
    var waiting: [Int] = []
    func run(_ nodes: Set<Int>) {
      let operations = waiting.filter(nodes.contains).compactMap { node -> Chain.Operation? in
        guard case (.operation(let op), let operands)? = works[node] else { return nil }
        let isReadOutside =
          readAsOutputs.contains(node) || (readers[node] ?? []).contains { !nodes.contains($0) }
        return Chain.Operation(
          node: node, op: op, operands: operands, output: sums[node], isReadOutside: isReadOutside)
      }
      waiting.removeAll(where: nodes.contains)
      let scalars = operations.flatMap(\.operands).filter { !isPerRow[$0] }
      let chain = Chain(operations, scalars: Set(scalars))
      items.append(.chain(count: chain.actions.count))
      items += chain.actions.map { .action($0) }
    }
    for node in rowWorks {
      if chained.contains(node) {
        waiting.append(node)
        if waiting.count == Chain.mostOperations { run(Set(waiting)) }
        continue
      }
      var needed = Set(works[node]?.operands ?? [])
      for node in waiting.reversed() where needed.contains(node) {
        needed.formUnion(works[node]?.operands ?? [])
      }
      needed.formIntersection(waiting)
      if !needed.isEmpty { run(needed) }
      items.append(.work(node))
    }
    if !waiting.isEmpty { run(Set(waiting)) }

    let summedByChains = Set(sums.keys)
    blockCode = code(for: items, summedByChains: summedByChains)
    blockSums = outputs.map { node, factors in
      summedByChains.contains(node)
        ? bp_output(a: UInt32(bp_no_slot), b: UInt32(bp_no_slot), count: 1, columns: 0)
        : sum(node, of: factors)
    }
    shareForBlocks(items)
  }

  /// Whether a node is arithmetic on single values.
  private func isForChains(_ node: Int) -> Bool {
    guard case (.operation(let op), let operands)? = works[node] else { return false }
    return Chain.operations.contains(op)
      && (operands + [node]).allSatisfy { shapes[$0].count == 1 }
  }

  /// Where among the results the sums go that chains take, by node, and the nodes that outputs read otherwise.
  private func sumsForChains(_ chained: Set<Int>) -> (places: [Int: Int], others: Set<Int>) {
    var (places, others) = ([Int: Int](), Set<Int>())
    var next = 0
    for (node, factors) in outputs {
      if factors == [node], chained.contains(node), places[node] == nil {
        places[node] = next
      } else {
        others.formUnion(factors)
      }
      next += shapes[node].count
    }
    for node in others { places[node] = nil }
    return (places, others)
  }

  /// Keeps of the shared values those that something reads that is not a chain.
  private mutating func shareForBlocks(_ items: [Item]) {
    var read = Set(blockSums.flatMap { [$0.a, $0.b] })
    for case .work(let node) in items {
      guard let (opcode, operands) = works[node] else { continue }
      for (place, operand) in arranged(opcode, operands).enumerated()
      where !isForAllRows(opcode, place, operand) {
        read.insert(UInt32(rowSlot(of: operand)))
      }
    }
    blockShared = shared.filter { read.contains($0.to) }
  }

  private func instruction(
    _ opcode: Opcode, _ operands: [Int], slots read: [Int], for node: Int
  ) -> bp_instruction {
    func slot(_ position: Int) -> UInt32 {
      UInt32(position < read.count ? read[position] : read[0])
    }
    func count(_ position: Int) -> Int { shapes[operands[position]].count }
    let elements = shapes[node].count
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
      first: UInt32(firstElements[node]))
  }
}
