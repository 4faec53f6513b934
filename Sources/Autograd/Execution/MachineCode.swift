internal import CKernels
internal import Glibc

/// Steps of one row in machine code, written for a program when the first are taken.
///
/// A program of single values is a straight line of operations. Those that depend on columns alone are done by the
/// kernels, for many rows at once; each of the others becomes an instruction or two, or a call of the kernels' own
/// function, with values in registers. The bits are those of the kernels, which do all of it where there is no
/// machine code: where memory may not be executed, on processors that none is written for, and where the
/// environment variable `BACKPROP_INTERPRET` is set.
struct MachineCode<Scalar: Precision>: ~Copyable {
  private let code: OpaquePointer
  private let featureCode: Storage<bp_instruction>
  private let run: bp_run
  /// The features and the constants, each for as many rows as are prepared at once.
  private let values: Storage<Scalar>
  /// Where they are, and the columns before them.
  private let slots: Storage<UnsafeMutableRawPointer?>
  private let strides: Storage<Int>
  private let columnCount: Int

  /// Nil where there can be none, or the program has values of several elements.
  init?(_ program: Program, kernels: Kernels) {
    guard Self.isAllowed, let row = RowCode(program) else { return nil }
    let written = row.code.withUnsafeBufferPointer { code in
      program.constants.withUnsafeBufferPointer { constants in
        row.outputs.withUnsafeBufferPointer { outputs in
          var row = bp_row_program(
            code: code.baseAddress, count: code.count, column_count: row.featureSlots.upperBound,
            parameter_count: program.parameters.count, constant_count: constants.count,
            slot_count: row.slotCount, constants: constants.baseAddress,
            outputs: outputs.baseAddress)
          return bp_machine_code_create(&row, kernels.table)
        }
      }
    }
    guard let written else { return nil }
    code = written
    run = kernels.run
    featureCode = Storage(row.featureCode)
    columnCount = row.featureSlots.lowerBound
    slots = Storage(count: row.slotCount, of: nil)
    strides = Storage(count: row.slotCount, of: 0)
    let prepared = row.featureCode.isEmpty ? [] : Array(row.featureSlots) + Array(row.constantSlots)
    values = Storage(count: prepared.count * Self.rowsAtOnce, of: 0)
    for (index, slot) in prepared.enumerated() {
      slots[slot] = UnsafeMutableRawPointer(values.address(index * Self.rowsAtOnce))
      guard row.constantSlots.contains(slot) else { continue }
      let constant = Scalar(program.constants[slot - row.constantSlots.lowerBound])
      for lane in 0..<Self.rowsAtOnce { values[index * Self.rowsAtOnce + lane] = constant }
    }
  }

  deinit { bp_machine_code_destroy(code) }

  /// Whether the environment allows it.
  private static var isAllowed: Bool { getenv("BACKPROP_INTERPRET") == nil }

  /// For how many rows the kernels do their part at once, whose results stay in the first cache.
  private static var rowsAtOnce: Int { 256 }

  /// Does all steps and returns true, or does none where a loss or a parameter would not be finite, or all losses
  /// together.
  func descend(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar]
  ) -> Bool {
    let before = (parameters, total)
    step(
      over: rows, in: columns, parameters: &parameters, learningRate: learningRate, total: &total,
      results: &results)
    // What is not finite once never is again.
    if total.isFinite && parameters.areFinite { return true }
    (parameters, total) = before
    return false
  }

  /// Does the steps, whatever comes of them.
  func step(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar]
  ) {
    let most = featureCode.count == 0 ? max(1, rows.count) : Self.rowsAtOnce
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: most) {
      let count = min(most, rows.upperBound - first)
      for column in 0..<columnCount { slots[column] = columns.address(column: column, row: first) }
      run(
        featureCode.start, featureCode.count,
        bp_values(slots: slots.start, strides: strides.start), count)
      parameters.withUnsafeMutableBytes { parameters in
        results.withUnsafeMutableBytes { results in
          bp_machine_code_run(
            code, slots.start, count, learningRate, parameters.baseAddress, results.baseAddress,
            &total)
        }
      }
    }
  }
}

/// The work of a row in two parts, each result in a slot of its own.
private struct RowCode {
  // Slots, in this order: columns, features, parameters, constants, other results.
  let featureSlots: Range<Int>
  let constantSlots: Range<Int>
  private(set) var slotCount: Int
  /// What depends on columns and constants alone.
  private(set) var featureCode: [bp_instruction] = []
  /// The rest.
  private(set) var code: [bp_instruction] = []
  /// The slots of the loss and of its gradients.
  let outputs: [UInt32]

  /// Nil unless all values are single ones.
  init?(_ program: Program) {
    let instructions = program.stepCode + program.rowCode
    guard program.slotShapes.allSatisfy({ $0.count == 1 }),
      program.outputs.count == 1 + program.parameters.count,
      program.outputs.allSatisfy({ $0.columns == 0 }),
      instructions.allSatisfy({ $0.opcode.isElementwise })
    else { return nil }

    // Rows read the values of the step themselves.
    var origins = Array(program.slotShapes.indices)
    for shared in program.shared { origins[Int(shared.to)] = Int(shared.from) }
    var dependsOnParameters = origins.map { program.parameterSlots.contains($0) }
    let isFeature = instructions.map { instruction in
      let depends = instruction.operands.contains { dependsOnParameters[origins[$0]] }
      for result in instruction.results { dependsOnParameters[result] = depends }
      return !depends
    }
    let featureCount = zip(instructions, isFeature).reduce(0) { count, pair in
      count + (pair.1 ? pair.0.results.count : 0)
    }

    featureSlots = program.columns.count..<program.columns.count + featureCount
    let inputs = program.constantSlots.upperBound
    constantSlots =
      program.constantSlots.lowerBound + featureCount..<inputs + featureCount
    slotCount = inputs + featureCount
    var current = origins.map { UInt32($0 < program.columns.count ? $0 : $0 + featureCount) }
    var nextFeature = featureSlots.lowerBound
    for (instruction, isFeature) in zip(instructions, isFeature) {
      var renamed = instruction
      renamed.a = current[origins[Int(instruction.a)]]
      renamed.b = current[origins[Int(instruction.b)]]
      renamed.c = current[origins[Int(instruction.c)]]
      for result in instruction.results {
        current[result] = UInt32(isFeature ? nextFeature : slotCount)
        if isFeature { nextFeature += 1 } else { slotCount += 1 }
      }
      renamed.out = current[Int(instruction.out)]
      if instruction.results.count > 1 { renamed.b = current[Int(instruction.b)] }
      if isFeature { featureCode.append(renamed) } else { code.append(renamed) }
    }
    outputs = program.outputs.map { current[origins[Int($0.a)]] }
  }
}
