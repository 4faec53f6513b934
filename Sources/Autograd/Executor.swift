internal import CKernels

/// The memory that a ``Program`` runs in, and the runs themselves.
///
/// Made once, it allocates nothing later. Rows flow through in blocks of at most `blockRows`; how
/// they are cut into blocks changes no bit of any result.
public struct Executor<Scalar: Precision>: ~Copyable {
  private let program: Program
  private let kernels: Kernels
  private let blockRows: Int
  private let storage: UnsafeMutableBufferPointer<Scalar>
  private let slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>
  private let totals: UnsafeMutableBufferPointer<Double>

  /// Memory for a program in blocks of up to `blockRows` rows.
  ///
  /// The block is rounded up to whole chunks of 64 rows, except that a block of one row stays one
  /// and serves batches of one row only.
  public init(
    _ program: Program, blockRows: Int = 512, instructions: Instructions = .chosen
  ) {
    precondition(blockRows > 0, "a block has at least one row")
    self.program = program
    kernels = Scalar.kernels(instructions)
    self.blockRows = blockRows == 1 ? 1 : (blockRows + 63) / 64 * 64
    let ownSlots = program.slotCount - program.columns.count
    storage = .allocate(capacity: ownSlots * self.blockRows)
    storage.initialize(repeating: 0)
    slots = .allocate(capacity: program.slotCount)
    slots.initialize(repeating: nil)
    totals = .allocate(capacity: program.outputCount)
    totals.initialize(repeating: 0)
    if let base = storage.baseAddress {
      for slot in 0..<ownSlots {
        slots[program.columns.count + slot] = UnsafeMutableRawPointer(base + slot * self.blockRows)
      }
    }
    for (slot, constant) in zip(program.constantSlots, program.constants) {
      fill(slot, with: Scalar(constant))
    }
  }

  deinit {
    storage.deallocate()
    slots.deallocate()
    totals.deallocate()
  }

  /// The mean of every output over the rows of a batch.
  ///
  /// Sums are taken in the order that DESIGN calls rule 3: a tree within each chunk of 64 rows of
  /// the batch, chunks in row order in double; the division is done in double and rounded once.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func means(
    of rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: [Scalar],
    into results: inout [Scalar]
  ) {
    precondition(results.count == program.outputCount, "one result an output")
    precondition(!rows.isEmpty, "a batch has at least one row")
    precondition(blockRows > 1 || rows.count == 1, "blocks of one row are for batches of one row")
    begin(with: parameters, in: columns)
    totals.update(repeating: -0.0)
    var first = rows.lowerBound
    while first < rows.upperBound {
      let count = min(blockRows, rows.upperBound - first)
      runBlock(first: first, count: count, of: columns)
      for output in 0..<totals.count {
        totals[output] = kernels.sum(totals[output], slots[program.outputs[output]], count)
      }
      first += count
    }
    for output in 0..<totals.count {
      results[output] = Scalar(totals[output] / Double(rows.count))
    }
  }

  /// The outputs of one row.
  public mutating func values(
    ofRow row: Int, in columns: borrowing Columns<Scalar>, parameters: [Scalar]
  ) -> [Scalar] {
    begin(with: parameters, in: columns)
    runBlock(first: row, count: 1, of: columns)
    return program.outputs.map { values(in: $0)[0] }
  }

  /// Does the work of the step and copies what rows read of it to all lanes.
  private func begin(with parameters: [Scalar], in columns: borrowing Columns<Scalar>) {
    precondition(parameters.count == program.parameters.count, "one value a parameter")
    precondition(columns.columnCount == program.columns.count, "one column of data a column")
    let first = program.parameterSlots.lowerBound
    for index in 0..<parameters.count { values(in: first + index)[0] = parameters[index] }
    run(program.stepCode, rows: 1)
    if blockRows > 1 {
      for slot in program.sharedSlots where !program.constantSlots.contains(slot) {
        fill(slot, with: values(in: slot)[0])
      }
    }
  }

  private func runBlock(first: Int, count: Int, of columns: borrowing Columns<Scalar>) {
    for column in 0..<program.columns.count {
      slots[column] = columns.address(column: column, row: first)
    }
    run(program.rowCode, rows: count)
  }

  private func run(_ code: [bp_instruction], rows: Int) {
    code.withUnsafeBufferPointer { code in
      kernels.run(code.baseAddress, code.count, slots.baseAddress, rows)
    }
  }

  /// A slot of our own memory, as values.
  private func values(in slot: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(
      start: slots[slot]?.assumingMemoryBound(to: Scalar.self), count: blockRows)
  }

  private func fill(_ slot: Int, with value: Scalar) {
    values(in: slot).update(repeating: value)
  }
}
