internal import CKernels
internal import Glibc

/// Steps of one row in machine code, written for a program when its executor is made.
///
/// A program of single values is a straight line of operations: each becomes an instruction or two, or a call of
/// the kernels' own function, with values in registers. The bits are those of the kernels, which run where there
/// is no machine code: where memory may not be executed, on processors that none is written for, and where the
/// environment variable `BACKPROP_INTERPRET` is set.
struct MachineCode<Scalar: Precision>: ~Copyable {
  private let code: OpaquePointer
  private let columnStarts: Storage<UnsafeRawPointer?>

  /// Nil where there can be none, or the program has values of several elements.
  init?(_ program: Program, kernels: Kernels) {
    let elementCounts = program.slotShapes.map(\.count)
    let code = program.stepCode + program.rowCode
    guard Self.isAllowed, elementCounts.allSatisfy({ $0 == 1 }),
      program.outputs.allSatisfy({ $0.columns == 0 }),
      code.allSatisfy({ $0.opcode.isElementwise }),
      program.outputs.count == 1 + program.parameters.count
    else { return nil }
    // Rows read the values of the step themselves.
    var slots = program.slotShapes.indices.map { UInt32($0) }
    for shared in program.shared { slots[Int(shared.to)] = shared.from }
    let renamed = code.map { instruction in
      var renamed = instruction
      renamed.a = slots[Int(instruction.a)]
      renamed.b = slots[Int(instruction.b)]
      renamed.c = slots[Int(instruction.c)]
      return renamed
    }
    let outputs = program.outputs.map { slots[Int($0.a)] }
    let written = renamed.withUnsafeBufferPointer { code in
      program.constants.withUnsafeBufferPointer { constants in
        outputs.withUnsafeBufferPointer { outputs in
          var row = bp_row_program(
            code: code.baseAddress, count: code.count, column_count: program.columns.count,
            parameter_count: program.parameters.count, constant_count: constants.count,
            slot_count: slots.count, constants: constants.baseAddress, outputs: outputs.baseAddress)
          return bp_machine_code_create(&row, kernels.table)
        }
      }
    }
    guard let written else { return nil }
    self.code = written
    columnStarts = Storage(count: program.columns.count, of: nil)
  }

  deinit { bp_machine_code_destroy(code) }

  /// Whether the environment allows it.
  private static var isAllowed: Bool { getenv("BACKPROP_INTERPRET") == nil }

  /// How many bytes of instructions there are.
  var byteCount: Int { bp_machine_code_size(code) }

  /// Does all steps and returns true, or does none where a loss or a parameter would not be finite, or all losses
  /// together.
  func descend(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar]
  ) -> Bool {
    let before = (parameters, total)
    run(
      over: rows, in: columns, parameters: &parameters, learningRate: learningRate, total: &total,
      results: &results)
    // What is not finite once never is again.
    if total.isFinite && parameters.areFinite { return true }
    (parameters, total) = before
    return false
  }

  /// Does the steps, whatever comes of them.
  func run(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar]
  ) {
    if rows.isEmpty { return }
    for column in 0..<columnStarts.count {
      columnStarts[column] = UnsafeRawPointer(
        columns.address(column: column, row: rows.lowerBound))
    }
    parameters.withUnsafeMutableBytes { parameters in
      results.withUnsafeMutableBytes { results in
        bp_machine_code_run(
          code, columnStarts.start, rows.count, learningRate, parameters.baseAddress,
          results.baseAddress, &total)
      }
    }
  }
}
