internal import CKernels
internal import CThreads

/// The memory that a ``Program`` runs in, and the functions that run it.
///
/// All memory is allocated when the executor is made. Rows are computed in blocks; neither the size of the blocks
/// nor the number of threads changes a bit of any result.
///
/// Parameters are one array with the elements of all of them in the program's order, and so are outputs. A matrix
/// is stored row by row.
public struct Executor<Scalar: Precision>: ~Copyable {
  private let program: Program
  private let kernels: Kernels
  private let batchRows: Int
  private let blockRows: Int
  /// How many rows are summed before others are looked at: see ``sums(ofRows:parameters:noise:into:find:)``.
  public let waveRows: Int
  /// The threads; nil if there is work for one.
  private let pool: OpaquePointer?
  /// Constants and values of the step, then each worker's values of a block of rows.
  private let storage: Storage<Scalar>
  /// The slots, for one worker after the other, and the strides of their elements.
  private let slots: Storage<UnsafeMutableRawPointer?>
  private let strides: Storage<Int>
  private let slotTables: Storage<UnsafeMutablePointer<UnsafeMutableRawPointer?>?>
  private let hasSpread: Storage<UInt8>
  private let columnStarts: Storage<UnsafeRawPointer?>
  private let scratch: Storage<Scalar>
  private let scratchStarts: Storage<UnsafeMutableRawPointer?>
  /// For steps of one row, where the program allows it.
  private let linearDescent: LinearDescent<Scalar>?
  /// For steps of one row, where the program and the machine allow it: written when the first are taken that are
  /// worth it.
  private var machineCode: MachineCode<Scalar>?
  private var shouldWriteMachineCode: Bool
  /// Whether an output is a column as it is.
  private let readsColumn: Bool
  private let chunkSums: Storage<Scalar>
  /// Sums of waves that wait for their neighbours.
  private let subtrees: Storage<Double>

  /// Memory for a program and batches of up to `batchRows` rows.
  ///
  /// `blockRows` is rounded up to whole chunks of 64 rows; by default it suits the program. Batches of one
  /// row run in blocks of one, in machine code where it can be and `writesMachineCode` allows it. Work too small
  /// to be shared stays on one thread, whatever `threads` says. Whoever asks for no sums but for the values of rows
  /// can say so: then nothing is made ready for sums, which work all the same. Where rows are given some at a time,
  /// they are `mostWaveRows`, or as many as all threads need.
  public init(
    _ program: Program, batchRows: Int, blockRows: Int? = nil, threads: Int = 1,
    simdLevel: SIMDLevel = .chosen, writesMachineCode: Bool = true, sumsRows: Bool = true,
    mostWaveRows: Int? = nil
  ) {
    self.init(
      program, batchRows: batchRows, blockRows: blockRows, threads: threads, simdLevel: simdLevel,
      mostChunkSums: Self.mostChunkSums, writesMachineCode: writesMachineCode,
      makesChains: sumsRows, mostWaveRows: mostWaveRows)
  }

  /// As above; keeps at most `mostChunkSums`, or what the blocks make that are at work at one time.
  ///
  /// Unless it `makesChains`, each operation is a pass of its own over the rows of a block, with the same results.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(
    _ program: Program, batchRows: Int, blockRows: Int?, threads: Int, simdLevel: SIMDLevel,
    mostChunkSums: Int, writesMachineCode: Bool = true, makesChains: Bool = true,
    mostWaveRows: Int? = nil
  ) {
    precondition(batchRows > 0 && blockRows ?? 1 > 0, "batches and blocks have at least one row")
    precondition(threads > 0, "somebody has to do the work")
    self.batchRows = batchRows
    readsColumn = program.outputs.contains { Int($0.a) < program.columns.count }
    kernels = Scalar.kernels(simdLevel)
    let wanted = min(blockRows ?? program.suitableBlockRows, batchRows)
    let block = batchRows == 1 ? 1 : (wanted + 63) / 64 * 64
    let program = block > 1 && makesChains ? program.withChains : program
    self.program = program
    self.blockRows = block
    let isWorthSharing = batchRows * program.workPerRow >= Self.leastWorkToShare
    let workers = isWorthSharing ? min(threads, (batchRows + block - 1) / block) : 1
    pool = workers > 1 ? bp_pool_create(workers) : nil

    // A wave is a subtree of the sum, so a power of two of chunks: as many as may be kept, and enough for all
    // workers.
    let chunksAtWork = (workers * block + 63) / 64
    let chunksKept = min(
      max(1, mostChunkSums / max(1, program.outputCount)), max(1, (mostWaveRows ?? .max) / 64))
    let waveChunks = max((2 * chunksAtWork - 1).powerOfTwo, chunksKept.powerOfTwo)
    waveRows = 64 * waveChunks
    chunkSums = Storage(count: program.outputCount * ((min(waveRows, batchRows) + 63) / 64), of: 0)
    let wavesBeforeLast = (batchRows - 1) / waveRows
    subtrees = Storage(
      count: program.outputCount * (Int.bitWidth - wavesBeforeLast.leadingZeroBitCount), of: 0)

    let layout = program.layout(blockRows: block)
    storage = Storage(count: layout.flatCount + workers * layout.rowCount, of: 0)
    strides = Storage(count: layout.strides.count, of: 0)
    for (slot, stride) in layout.strides.enumerated() { strides[slot] = stride }
    slots = Storage(count: workers * program.slotShapes.count, of: nil)
    slotTables = Storage(count: workers, of: nil)
    hasSpread = Storage(count: workers, of: 0)
    columnStarts = Storage(count: program.columns.count, of: nil)
    let transposed =
      program.outputs.map {
        $0.columns > 0 ? bp_outer_scratch(Int($0.columns)) : 0
      }.max() ?? 0
    scratch = Storage(count: workers * transposed, of: 0)
    scratchStarts = Storage(count: workers, of: nil)
    for worker in 0..<workers {
      let table = slots.address(worker * program.slotShapes.count)
      slotTables[worker] = table
      scratchStarts[worker] = UnsafeMutableRawPointer(scratch.address(worker * transposed))
      for (slot, offset) in layout.offsets.enumerated() where offset >= 0 {
        let own = slot >= layout.firstOwnSlot ? worker * layout.rowCount : 0
        table?[slot] = UnsafeMutableRawPointer(storage.address(offset + own))
      }
    }
    linearDescent = block == 1 ? program.weightedSum.map { LinearDescent($0) } : nil
    machineCode = nil
    shouldWriteMachineCode = writesMachineCode
    for (slot, constant) in zip(program.constantSlots, program.constants) {
      storage[layout.offsets[slot]] = Scalar(constant)
    }
  }

  /// How many operations on single values a batch must have before threads are worth their start.
  private static var leastWorkToShare: Int { 200_000 }
  /// How many sums of chunks are kept before they are added up.
  private static var mostChunkSums: Int { 4 << 20 }
  /// From how many outputs on it is worth to share the adding up.
  private static var leastOutputsToShare: Int { 4096 }

  deinit { bp_pool_destroy(pool) }

  /// The mean of every output over the rows of a batch.
  ///
  /// Sums are taken in one order, whatever runs them: a tree within each chunk of 64 rows of the
  /// batch, or a chain of fused multiply-adds for outer products, and a tree over the chunks in double, as in
  /// ``orderedSum(count:_:)``. The division is done in double and rounded once. The divisor is the number of
  /// rows unless one is given, such as the sum of the weights that the outputs contain; a divisor of 0 gives
  /// infinities or nan. `noise` has the values
  /// of the program's last parameters where they are kept apart, as keys of random numbers are.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func means(
    of rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: [Scalar],
    noise: [Scalar] = [], divisor: Double? = nil, into results: inout [Scalar]
  ) {
    precondition(results.count == program.outputCount, "one result for each element of an output")
    parameters.withUnsafeBufferPointer { parameters in
      results.withUnsafeMutableBufferPointer { results in
        run(
          rows, in: columns, parameters: parameters, noise: noise, divisor: divisor, into: results,
          update: nil, keepsMeans: true)
      }
    }
  }

  /// The mean loss of a batch, and a step of the parameters along its gradients, in one pass over the elements;
  /// whether the loss and all parameters end up finite.
  ///
  /// The program's outputs are the loss and its gradients, one for each element of the parameters; means and
  /// divisor are those of ``means(of:in:parameters:noise:divisor:into:)``. `moved` is where the parameters go.
  /// The first of `results` is the loss, and where `keepsGradients` the others are the gradients.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func step(
    along rows: Range<Int>, in columns: borrowing Columns<Scalar>, from parameters: [Scalar],
    noise: [Scalar], divisor: Double, by update: Update,
    memory: inout UpdateMemory<Scalar>, to moved: inout [Scalar], results: inout [Scalar],
    keepsGradients: Bool
  ) -> Bool {
    precondition(program.outputCount == 1 + parameters.count, "one gradient for each element")
    precondition(results.count == program.outputCount, "one result for each element of an output")
    let isFinite = parameters.withUnsafeBufferPointer { parameters in
      moved.withUnsafeMutableBufferPointer { moved in
        results.withUnsafeMutableBufferPointer { results in
          update.withKernel(from: parameters, to: moved, memory: &memory) { update in
            run(
              rows, in: columns, parameters: parameters, noise: noise, divisor: divisor,
              into: results, update: &update, keepsMeans: keepsGradients)
          }
        }
      }
    }
    return isFinite && results[0].isFinite
  }

  /// A step of parameters along gradients that are at hand; whether all parameters end up finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func move(
    _ parameters: [Scalar], along gradients: ArraySlice<Scalar>, by update: Update,
    memory: inout UpdateMemory<Scalar>, to moved: inout [Scalar]
  ) -> Bool {
    precondition(gradients.count == parameters.count, "one gradient for each element")
    return parameters.withUnsafeBufferPointer { parameters in
      gradients.withUnsafeBufferPointer { gradients in
        moved.withUnsafeMutableBufferPointer { moved in
          update.withKernel(from: parameters, to: moved, along: gradients, memory: &memory) {
            if let pool, parameters.count >= Self.leastOutputsToShare {
              bp_pool_run(pool, kernels.move, &$0)
            } else {
              kernels.move(&$0, 0)
            }
          }
        }
      }
    }
  }

  /// The sums of every output over rows of which some are at hand at a time; false, and there are none, if some
  /// cannot be.
  ///
  /// `find` is called for ``waveRows`` rows after the others, counted from the first, and gives its second argument
  /// columns that have them, and where. The sums are those that ``means(of:in:parameters:noise:divisor:into:)``
  /// divides, so that a mean is a sum divided in double and rounded once. Rows that begin and end where a subtree
  /// of a batch's sum does give that subtree.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func sums(
    ofRows rowCount: Int, parameters: [Scalar], noise: [Scalar] = [],
    into sums: inout MutableSpan<Double>,
    find: (Range<Int>, (borrowing Columns<Scalar>, Range<Int>) -> Void) -> Void
  ) -> Bool {
    precondition(sums.count == program.outputCount, "one result for each element of an output")
    return parameters.withUnsafeBufferPointer { parameters in
      sums.withUnsafeMutableBufferPointer { sums in
        var isDone = true
        makeBatch(
          rowCount, parameters: parameters, noise: noise, divisor: nil,
          into: UnsafeMutableBufferPointer(start: nil, count: 0), totals: sums.baseAddress,
          update: nil, keepsMeans: false
        ) { batch in
          for first in stride(from: 0, to: rowCount, by: waveRows) where isDone {
            let wave = first..<min(first + waveRows, rowCount)
            isDone = false
            find(wave) { columns, found in
              check(columns)
              precondition(found.count == wave.count, "all rows that were asked for")
              aimColumns(at: found.lowerBound, in: columns, &batch)
              batch.first_row = first
              runWave(from: first, &batch)
              isDone = true
            }
          }
        }
        return isDone
      }
    }
  }

  /// Whether it is worth sharing this many rows among threads or processes.
  public func isWorthSharing(_ rowCount: Int) -> Bool {
    rowCount > 64 && rowCount * program.workPerRow >= Self.leastWorkToShare
  }

  @inline(__always)
  private func run(
    _ rows: Range<Int>, in columns: borrowing Columns<Scalar>,
    parameters: UnsafeBufferPointer<Scalar>, noise: [Scalar], divisor: Double?,
    into results: UnsafeMutableBufferPointer<Scalar>, update: UnsafeMutablePointer<bp_update>?,
    keepsMeans: Bool
  ) {
    check(columns)
    makeBatch(
      rows.count, parameters: parameters, noise: noise, divisor: divisor, into: results,
      update: update, keepsMeans: keepsMeans
    ) { batch in
      aimColumns(at: rows.lowerBound, in: columns, &batch)
      for first in stride(from: 0, to: batch.rows, by: waveRows) { runWave(from: first, &batch) }
    }
  }

  /// Makes a batch ready and has `body` run its waves.
  @inline(__always)
  private func makeBatch(
    _ rowCount: Int, parameters: UnsafeBufferPointer<Scalar>, noise: [Scalar], divisor: Double?,
    into results: UnsafeMutableBufferPointer<Scalar>, totals: UnsafeMutablePointer<Double>? = nil,
    update: UnsafeMutablePointer<bp_update>?, keepsMeans: Bool, _ body: (inout bp_batch) -> Void
  ) {
    precondition(rowCount > 0, "a batch has at least one row")
    precondition(rowCount <= batchRows, "a batch has at most the rows that were announced")
    noise.withUnsafeBufferPointer { noise in
      begin(with: parameters, noise: noise)
      for worker in 0..<hasSpread.count { hasSpread[worker] = 0 }
      program.withCode(program.blocks) { code, shared, outputs in
        var batch = bp_batch(
          code: code.baseAddress, count: code.count, slots: slotTables.start,
          strides: strides.start, columns: columnStarts.start,
          column_count: columnStarts.count, shared: shared.baseAddress,
          shared_count: shared.count, has_spread: hasSpread.start, outputs: outputs.baseAddress,
          output_count: outputs.count, width: program.outputCount, rows: rowCount, first_row: 0,
          block_rows: blockRows, divisor: divisor ?? Double(rowCount),
          scratch: scratchStarts.start, chunk_sums: chunkSums.start, wave_rows: waveRows,
          wave_start: 0, next_block: 0, subtrees: subtrees.start, means: results.baseAddress,
          next_mean: 0, update: update, keeps_means: keepsMeans ? 1 : 0, totals: totals)
        body(&batch)
      }
    }
  }

  /// Points a batch at a row.
  private func aimColumns(
    at row: Int, in columns: borrowing Columns<Scalar>, _ batch: inout bp_batch
  ) {
    aimColumns(at: row, in: columns)
    for column in 0..<columnStarts.count {
      columnStarts[column] = UnsafeRawPointer(slots[column])
    }
  }

  /// Sums a wave of a batch.
  private func runWave(from first: Int, _ batch: inout bp_batch) {
    let foldsAlone = program.outputCount < Self.leastOutputsToShare
    batch.wave_start = first
    batch.next_block = 0
    batch.next_mean = 0
    if let pool {
      bp_pool_run(pool, kernels.share, &batch)
      if foldsAlone { kernels.fold(&batch, 0) } else { bp_pool_run(pool, kernels.fold, &batch) }
    } else {
      kernels.share(&batch, 0)
      kernels.fold(&batch, 0)
    }
  }

  /// Gradient descent, one row per step, without leaving the kernels between rows.
  ///
  /// The program's outputs are the loss of a row and its gradients, one for each parameter, and its
  /// block has one row. `parameters` are moved by p = p − learningRate·g, as two rounded operations.
  /// It stops before a step whose loss or parameters would not be finite. Returns how many steps were
  /// done, and adds all their losses to `total`. The first of `results` is the loss of the last.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func descend(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar]
  ) -> Int {
    precondition(batchRows == 1, "descent by rows has batches of one row")
    precondition(program.outputCount == 1 + parameters.count, "one gradient for each element")
    precondition(results.count == program.outputCount, "one result for each element of an output")
    check(columns)
    if shouldWriteMachineCode, rows.count >= Self.leastStepsInMachineCode {
      machineCode = MachineCode(program, kernels: kernels)
      shouldWriteMachineCode = false
    }
    switch machineCode {
    case .some(let code) where rows.count >= Self.leastStepsInMachineCode:
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.stepsAtOnce) {
        let some = first..<min(first + Self.stepsAtOnce, rows.upperBound)
        let isDone = code.descend(
          over: some, in: columns, parameters: &parameters, learningRate: learningRate,
          total: &total, results: &results)
        // Where something is not finite, the kernels find the step.
        if isDone { continue }
        let done = interpret(
          over: some, in: columns, parameters: &parameters, learningRate: learningRate,
          total: &total, results: &results)
        if done < some.count { return first - rows.lowerBound + done }
      }
      return rows.count
    default: break
    }
    switch linearDescent {
    case .some(let steps):
      return steps.descend(
        over: rows, in: columns, parameters: &parameters, learningRate: learningRate,
        total: &total, results: &results, kernels: kernels)
    case nil: break
    }
    return interpret(
      over: rows, in: columns, parameters: &parameters, learningRate: learningRate, total: &total,
      results: &results)
  }

  /// Fewer steps at once are not worth what comes before and after them, nor a small table the writing of code.
  private static var leastStepsInMachineCode: Int { 32 }
  /// How many steps are done in machine code before anybody looks whether all is finite.
  private static var stepsAtOnce: Int { 1024 }

  /// As descend, by the kernels' interpreter.
  private func interpret(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar]
  ) -> Int {
    return withUnsafeTemporaryAllocation(of: Scalar.self, capacity: parameters.count) { next in
      parameters.withUnsafeMutableBufferPointer { parameters in
        begin(with: UnsafeBufferPointer(parameters))
        aimColumns(at: rows.lowerBound, in: columns)
        return results.withUnsafeMutableBufferPointer { results in
          program.withCode { rowCode, _, outputs in
            program.stepCode.withUnsafeBufferPointer { stepCode in
              var descent = bp_descent(
                step_code: stepCode.baseAddress, row_code: rowCode.baseAddress,
                step_count: stepCode.count, row_count: rowCode.count, slots: slots.start,
                strides: strides.start, column_count: program.columns.count,
                outputs: outputs.baseAddress, output_count: outputs.count,
                parameters: parameters.baseAddress, candidates: next.baseAddress,
                results: results.baseAddress, parameter_count: parameters.count,
                scratch: scratchStarts[0], learning_rate: learningRate)
              return kernels.descend(&descent, rows.count, &total)
            }
          }
        }
      }
    }
  }

  /// The outputs of many rows, each a scalar or a vector of one number: `body` is given one block after the
  /// other, as its rows and, for each element of the outputs, their values.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func forEachBlock(
    of rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: [Scalar],
    _ body: (Range<Int>, [UnsafeBufferPointer<Scalar>]) -> Void
  ) {
    precondition(program.outputs.allSatisfy { $0.columns == 0 }, "outer products have no values")
    parameters.withUnsafeBufferPointer { parameters in
      check(columns)
      begin(with: parameters)
      shareStepValues(rows: min(blockRows, rows.count))
      program.withCode { rowCode, _, outputs in
        func values(_ count: Int) -> [UnsafeBufferPointer<Scalar>] {
          var values: [UnsafeBufferPointer<Scalar>] = []
          values.reserveCapacity(program.outputCount)
          for output in outputs {
            let slot = Int(output.a)
            let start = self.values(in: slot)
            for element in 0..<Int(output.count) {
              values.append(
                UnsafeBufferPointer(start: start.map { $0 + element * strides[slot] }, count: count)
              )
            }
          }
          return values
        }
        var found: [UnsafeBufferPointer<Scalar>] = []
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: blockRows) {
          let block = first..<min(first + blockRows, rows.upperBound)
          aimColumns(at: first, in: columns)
          kernels.run(rowCode.baseAddress, rowCode.count, firstWorkerValues, block.count)
          // An output may be a column itself, which goes on from block to block.
          if found.isEmpty || block.count < blockRows || readsColumn { found = values(block.count) }
          body(block, found)
        }
      }
    }
  }

  /// The outputs of one row.
  public mutating func values(
    ofRow row: Int, in columns: borrowing Columns<Scalar>, parameters: [Scalar]
  ) -> [Scalar] {
    parameters.withUnsafeBufferPointer { parameters in
      check(columns)
      begin(with: parameters)
      aimColumns(at: row, in: columns)
      shareStepValues(rows: 1)
      return program.withCode { rowCode, _, outputs in
        kernels.run(rowCode.baseAddress, rowCode.count, firstWorkerValues, 1)
        return [Scalar](unsafeUninitializedCapacity: program.outputCount) { results, count in
          kernels.reduce(
            outputs.baseAddress, outputs.count, firstWorkerValues, 0, 1, scratchStarts[0],
            results.baseAddress)
          count = program.outputCount
        }
      }
    }
  }

  /// Points at the parameters and does the work of the step.
  private func begin(
    with parameters: UnsafeBufferPointer<Scalar>, noise: UnsafeBufferPointer<Scalar>? = nil
  ) {
    let noiseCount = noise?.count ?? 0
    precondition(
      parameters.count + noiseCount == program.parameterCount, "one value for each element")
    for worker in 0..<slotTables.count {
      var next = 0
      for slot in program.parameterSlots {
        let start =
          next < parameters.count
          ? parameters.baseAddress.map { $0 + next }
          : noise?.baseAddress.map { $0 + (next - parameters.count) }
        slotTables[worker]?[slot] = UnsafeMutableRawPointer(mutating: start)
        next += program.slotShapes[slot].count
      }
    }
    for value in program.shared where blockRows == 1 {
      slots[Int(value.to)] = slots[Int(value.from)]
    }
    program.stepCode.withUnsafeBufferPointer { code in
      kernels.run(code.baseAddress, code.count, firstWorkerValues, 1)
    }
  }

  /// Copies what rows read of the step to the first lanes of the first worker's blocks.
  private func shareStepValues(rows: Int) {
    for value in program.shared where blockRows > 1 {
      let (from, to) = (values(in: Int(value.from)), values(in: Int(value.to)))
      for element in 0..<Int(value.count) {
        for row in 0..<rows {
          to?[element * blockRows + row] = from?[element] ?? 0
        }
      }
    }
  }

  private func check(_ columns: borrowing Columns<Scalar>) {
    precondition(
      columns.columnCount == program.dataColumnCount, "one column of data for each element")
  }

  /// Points the first worker's column slots at a row.
  private func aimColumns(at row: Int, in columns: borrowing Columns<Scalar>) {
    var first = 0
    for column in 0..<program.columns.count {
      let count = program.slotShapes[column].count
      slots[column] = columns.address(column: first, row: row)
      strides[column] = count == 1 ? 0 : columns.rowCount
      first += count
    }
  }

  /// The slots of the first worker.
  private var firstWorkerValues: bp_values { bp_values(slots: slots.start, strides: strides.start) }

  private func values(in slot: Int) -> UnsafeMutablePointer<Scalar>? {
    slots[slot]?.assumingMemoryBound(to: Scalar.self)
  }
}

extension Int {
  /// The largest power of two that is not larger.
  fileprivate var powerOfTwo: Int { 1 << (Int.bitWidth - 1 - leadingZeroBitCount) }
}
