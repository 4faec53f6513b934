internal import CKernels

/// A graph compiled to run: it computes what its outputs need and nothing else, and each value has a slot.
///
/// Work that depends only on parameters and constants is done once per step, all other work once per row. Slots of
/// row values are reused as soon as their last reader has run. A program is immutable; an ``Executor`` holds the
/// memory to run it.
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
  private(set) var slotShapes: [Shape]
  let constants: [Double]
  let stepCode: [bp_instruction]
  let rowCode: [bp_instruction]
  let outputs: [bp_output]
  /// The values of the step that rows read element by element, and where their copies are.
  let shared: [bp_shared]
  /// The same for sums over blocks of rows; nil until ``withChains`` makes it.
  private(set) var blocks: Code?
  private let compiler: Compiler
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
    self.compiler = compiler
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

  /// What is done for rows, what they read of the step, and what is summed.
  struct Code: Sendable {
    let instructions: [bp_instruction]
    let shared: [bp_shared]
    let outputs: [bp_output]
  }

  /// The program with code for blocks whose arithmetic is done, and often summed, by chains, with the same results.
  ///
  /// Steps of one row need none, and would start later.
  var withChains: Program {
    var compiler = compiler
    compiler.compileBlocks()
    var program = self
    program.slotShapes = compiler.slotShapes
    program.blocks = Code(
      instructions: compiler.blockCode, shared: compiler.blockShared, outputs: compiler.blockSums)
    return program
  }
}
