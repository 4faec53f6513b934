internal import CKernels

/// The memory that a ``Program`` runs in, and the runs themselves.
///
/// Made once, it allocates nothing later. Rows flow through in blocks; how they are cut into blocks,
/// and which of its threads takes which, changes no bit of any result.
public struct Executor<Scalar: Precision>: ~Copyable {
  private let program: Program
  private let kernels: Kernels
  private let batchRows: Int
  private let blockRows: Int
  /// The threads; nil if there is work for one.
  private let pool: OpaquePointer?
  private let storage: UnsafeMutableBufferPointer<Scalar>
  /// The places of all values, for one worker after the other.
  private let slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>
  private let slotTables:
    UnsafeMutableBufferPointer<UnsafeMutablePointer<UnsafeMutableRawPointer?>?>
  private let columnStarts: UnsafeMutableBufferPointer<UnsafeRawPointer?>
  private let chunkSums: UnsafeMutableBufferPointer<Scalar>
  private let shared: [UInt32]
  private let outputs: [UInt32]

  /// Memory for a program and batches of up to `batchRows` rows.
  ///
  /// `blockRows` is rounded up to whole chunks of 64 rows; batches of one row run in blocks of one.
  /// Work too small to be shared stays on one thread, whatever `threads` says.
  public init(
    _ program: Program, batchRows: Int, blockRows: Int = 512, threads: Int = 1,
    instructions: Instructions = .chosen
  ) {
    precondition(batchRows > 0 && blockRows > 0, "batches and blocks have at least one row")
    precondition(threads > 0, "somebody has to do the work")
    self.program = program
    self.batchRows = batchRows
    kernels = Scalar.kernels(instructions)
    let block = batchRows == 1 ? 1 : (min(blockRows, batchRows) + 63) / 64 * 64
    self.blockRows = block
    let isWorthSharing = batchRows * program.rowCode.count >= Self.leastWorkToShare
    let workers = isWorthSharing ? min(threads, (batchRows + block - 1) / block) : 1
    pool = workers > 1 ? bp_pool_create(workers) : nil
    let columnCount = program.columns.count
    let ownSlots = program.slotCount - columnCount
    storage = .allocate(capacity: workers * ownSlots * block)
    storage.initialize(repeating: 0)
    slots = .allocate(capacity: workers * program.slotCount)
    slots.initialize(repeating: nil)
    slotTables = .allocate(capacity: workers)
    slotTables.initialize(repeating: nil)
    columnStarts = .allocate(capacity: columnCount)
    columnStarts.initialize(repeating: nil)
    chunkSums = .allocate(capacity: program.outputCount * ((batchRows + 63) / 64))
    chunkSums.initialize(repeating: 0)
    shared = program.sharedSlots.map(UInt32.init)
    outputs = program.outputs.map(UInt32.init)
    for worker in 0..<workers {
      slotTables[worker] = slots.baseAddress.map { $0 + worker * program.slotCount }
      for slot in 0..<ownSlots {
        slots[worker * program.slotCount + columnCount + slot] = storage.baseAddress.map {
          UnsafeMutableRawPointer($0 + (worker * ownSlots + slot) * block)
        }
      }
    }
    for (slot, constant) in zip(program.constantSlots, program.constants) {
      values(in: slot)[0] = Scalar(constant)
    }
  }

  /// How many operations on single values a batch must have before threads are worth their start.
  private static var leastWorkToShare: Int { 200_000 }

  deinit {
    bp_pool_destroy(pool)
    storage.deallocate()
    slots.deallocate()
    slotTables.deallocate()
    columnStarts.deallocate()
    chunkSums.deallocate()
  }

  /// The mean of every output over the rows of a batch.
  ///
  /// Sums are taken in one order, whatever runs them: a tree within each chunk of 64 rows of the
  /// batch, chunks in row order in double. The division is done in double and rounded once.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func means(
    of rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: [Scalar],
    into results: inout [Scalar]
  ) {
    precondition(results.count == program.outputCount, "one result an output")
    precondition(!rows.isEmpty, "a batch has at least one row")
    precondition(rows.count <= batchRows, "a batch has at most the rows that were announced")
    begin(with: parameters, in: columns)
    for column in 0..<program.columns.count {
      columnStarts[column] = UnsafeRawPointer(
        columns.address(column: column, row: rows.lowerBound))
    }
    program.rowCode.withUnsafeBufferPointer { code in
      shared.withUnsafeBufferPointer { shared in
        outputs.withUnsafeBufferPointer { outputs in
          var batch = bp_batch(
            code: code.baseAddress, count: code.count, slots: slotTables.baseAddress,
            columns: columnStarts.baseAddress, column_count: columnStarts.count,
            shared: shared.baseAddress, shared_count: shared.count,
            outputs: outputs.baseAddress, output_count: outputs.count, rows: rows.count,
            block_rows: blockRows, chunk_sums: chunkSums.baseAddress, next_block: 0)
          if let pool {
            bp_pool_run(pool, kernels.share, &batch)
          } else {
            kernels.share(&batch, 0)
          }
          for output in 0..<outputs.count {
            results[output] = Scalar(kernels.fold(&batch, output) / Double(rows.count))
          }
        }
      }
    }
  }

  /// Gradient descent, a row a step, without leaving the kernels between rows.
  ///
  /// The program's outputs are the loss of a row and its gradients, one for each parameter, and its
  /// block has one row. `parameters` are moved by p = p − learningRate·g, as two rounded operations.
  /// It stops before a step whose loss or parameters would not be finite. Returns how many steps were
  /// done and the loss of the last, and adds all their losses to `total`.
  public mutating func descend(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double
  ) -> (steps: Int, loss: Scalar) {
    precondition(batchRows == 1, "descent by rows has batches of one row")
    precondition(program.outputCount == 1 + parameters.count, "one gradient a parameter")
    begin(with: parameters, in: columns)
    aimColumns(at: rows.lowerBound, in: columns)
    let first = program.parameterSlots.lowerBound
    let steps = withUnsafeTemporaryAllocation(of: Scalar.self, capacity: parameters.count) {
      candidates in
      program.stepCode.withUnsafeBufferPointer { stepCode in
        program.rowCode.withUnsafeBufferPointer { rowCode in
          outputs.withUnsafeBufferPointer { outputs in
            var descent = bp_descent(
              step_code: stepCode.baseAddress, row_code: rowCode.baseAddress,
              step_count: stepCode.count, row_count: rowCode.count, slots: slots.baseAddress,
              column_count: program.columns.count, outputs: outputs.baseAddress,
              parameters: slots[first], candidates: candidates.baseAddress,
              parameter_count: parameters.count, learning_rate: learningRate)
            return kernels.descend(&descent, rows.count, &total)
          }
        }
      }
    }
    for index in parameters.indices { parameters[index] = values(in: first + index)[0] }
    return (steps, values(in: program.outputs[0])[0])
  }

  /// The outputs of one row.
  public mutating func values(
    ofRow row: Int, in columns: borrowing Columns<Scalar>, parameters: [Scalar]
  ) -> [Scalar] {
    begin(with: parameters, in: columns)
    aimColumns(at: row, in: columns)
    run(program.rowCode)
    return program.outputs.map { values(in: $0)[0] }
  }

  /// Does the work of the step.
  private func begin(with parameters: [Scalar], in columns: borrowing Columns<Scalar>) {
    precondition(parameters.count == program.parameters.count, "one value a parameter")
    precondition(columns.columnCount == program.columns.count, "one column of data a column")
    let first = program.parameterSlots.lowerBound
    for index in 0..<parameters.count { values(in: first + index)[0] = parameters[index] }
    run(program.stepCode)
  }

  private func aimColumns(at row: Int, in columns: borrowing Columns<Scalar>) {
    for column in 0..<program.columns.count {
      slots[column] = columns.address(column: column, row: row)
    }
  }

  /// Runs instructions over one row.
  private func run(_ code: [bp_instruction]) {
    code.withUnsafeBufferPointer { code in
      kernels.run(code.baseAddress, code.count, slots.baseAddress, 1)
    }
  }

  /// A place of the first worker's, as values.
  private func values(in slot: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(
      start: slots[slot]?.assumingMemoryBound(to: Scalar.self), count: blockRows)
  }
}
