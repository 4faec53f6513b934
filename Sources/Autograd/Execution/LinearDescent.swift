internal import CKernels

/// The memory for steps on a ``WeightedSum``, and the steps themselves.
struct LinearDescent<Scalar: Precision>: ~Copyable {
  private let sum: WeightedSum
  /// For each slot room for the rows that are prepared at once.
  private let values: Storage<Scalar>
  /// All slots, and those of one row.
  private let slots: Storage<UnsafeMutableRawPointer?>
  private let strides: Storage<Int>
  private let featureCode: Storage<bp_instruction>
  private let lossCode: Storage<bp_instruction>
  private let terms: Storage<bp_term>
  private let readSlots: Storage<UInt32>

  init(_ sum: WeightedSum) {
    let room = 64
    self.sum = sum
    values = Storage(count: sum.slotCount * room, of: 0)
    slots = Storage(count: 2 * sum.slotCount, of: nil)
    strides = Storage(count: sum.slotCount, of: 0)
    featureCode = Storage(sum.featureCode)
    lossCode = Storage(sum.lossCode)
    terms = Storage(sum.terms)
    readSlots = Storage(sum.readSlots)
    for slot in 0..<sum.slotCount {
      slots[slot] = UnsafeMutableRawPointer(values.address(slot * room))
    }
    for (slot, constant) in zip(sum.constantSlots, sum.constants) {
      for lane in 0..<room { values[slot * room + lane] = Scalar(constant) }
    }
  }

  /// As ``Executor/descend(over:in:parameters:learningRate:total:results:)``.
  func descend(
    over rows: Range<Int>, in columns: borrowing Columns<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar], kernels: Kernels
  ) -> Int {
    for column in 0..<columns.columnCount {
      slots[column] = columns.address(column: column, row: rows.lowerBound)
    }
    let columnCount = columns.columnCount
    return parameters.withUnsafeMutableBufferPointer { parameters in
      results.withUnsafeMutableBufferPointer { results in
        var descent = bp_linear_descent(
          feature_code: featureCode.start, loss_code: lossCode.start,
          feature_count: featureCode.count, loss_count: lossCode.count,
          slots: slots.start, strides: strides.start,
          slot_count: sum.slotCount, column_count: columnCount,
          row_slots: slots.address(sum.slotCount), read_slots: readSlots.start,
          read_count: readSlots.count, terms: terms.start, term_count: terms.count,
          sum: sum.sum, loss: sum.loss, slope: sum.slope, target: sum.target,
          parameters: parameters.baseAddress, results: results.baseAddress,
          learning_rate: learningRate)
        return kernels.descendLinearly(&descent, rows.count, &total)
      }
    }
  }
}
