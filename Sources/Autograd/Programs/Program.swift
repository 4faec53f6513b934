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
  /// The same for blocks of rows, whose arithmetic is done, and often summed, by chains: what is then left to
  /// share and to sum.
  let blockCode: [bp_instruction]
  let blockOutputs: [bp_output]
  let blockShared: [bp_shared]
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
    self.init(outputs: outputs, columns: columns, parameters: parameters, makesChains: true)
  }

  /// As above; without chains each operation is a pass of its own over the rows, with the same results.
  init(outputs: [Node], columns: [Node], parameters: [Node], makesChains: Bool) {
    var compiler = Compiler(outputs: outputs, columns: columns, parameters: parameters)
    compiler.compile(makesChains: makesChains)
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
    blockCode = compiler.blockCode
    blockOutputs = compiler.blockSums
    blockShared = compiler.blockShared
    firstSharedSlot = compiler.firstSharedSlot
    firstRowSlot = compiler.firstRowSlot
    weightedSum = WeightedSum(outputs: outputs, columns: columns, parameters: parameters)
  }
}
