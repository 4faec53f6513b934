internal import CKernels

/// Where the values of a program are in an executor's memory.
struct Layout {
  /// How many values the constants and the values of the step take.
  var flatCount = 0
  /// How many values each worker's block of rows takes.
  var rowCount = 0
  /// For each slot the offset of its first element, or -1 where it is another's; a worker's own slots are
  /// further on by `rowCount` for each worker before it.
  var offsets: [Int] = []
  /// For each slot the distance from one element to the next; 0 if there is only one.
  var strides: [Int] = []
  /// The first slot of which each worker has its own.
  let firstOwnSlot: Int
}

extension Program {
  /// Offsets of all values that are neither columns nor parameters, in blocks of so many rows.
  func layout(blockRows: Int) -> Layout {
    // In blocks of one row the values of the step need no copies: rows read the originals.
    var layout = Layout(firstOwnSlot: blockRows == 1 ? firstRowSlot : firstSharedSlot)
    for (slot, shape) in slotShapes[..<layout.firstOwnSlot].enumerated() {
      let isOurs = slot >= parameterSlots.upperBound && slot < firstSharedSlot
      layout.offsets.append(isOurs ? layout.flatCount : -1)
      layout.strides.append(shape == .scalar ? 0 : 1)
      if isOurs { layout.flatCount += shape.count }
    }
    // Workers' values begin at whole cache lines.
    layout.flatCount = (layout.flatCount + 63) / 64 * 64
    for shape in slotShapes[layout.firstOwnSlot...] {
      layout.offsets.append(layout.flatCount + layout.rowCount)
      layout.strides.append(shape.count == 1 ? 0 : blockRows)
      layout.rowCount += shape.count * blockRows
    }
    layout.rowCount = (layout.rowCount + 63) / 64 * 64
    return layout
  }

  /// How many columns of data there are: one for each element of a column.
  var dataColumnCount: Int { slotShapes[..<columns.count].reduce(0) { $0 + $1.count } }

  /// How many rows a block should have: as many as stay in a core's cache.
  var suitableBlockRows: Int {
    let elements = slotShapes[firstSharedSlot...].reduce(0) { $0 + $1.count }
    return elements <= 64 ? 512 : 64
  }

  /// About how many operations on single values are done for each row, a multiply-add in a matrix product counted
  /// as a quarter.
  var workPerRow: Int {
    let code = rowCode.reduce(0) { work, instruction in
      switch instruction.opcode {
      case .operation(.dot), .operation(.matvec), .operation(.vecmat), .operation(.linear):
        work + Int(instruction.count) * Int(instruction.inner) / 4
      default: work + Int(max(instruction.count, instruction.inner))
      }
    }
    return outputs.reduce(code) { $0 + Int($1.columns > 0 ? $1.count / 4 : $1.count) }
  }

  /// Lends what a run of rows needs: the rows' own code, or that of sums over blocks.
  func withCode<Result>(
    _ code: Code? = nil,
    _ body: (
      UnsafeBufferPointer<bp_instruction>, UnsafeBufferPointer<bp_shared>,
      UnsafeBufferPointer<bp_output>
    ) -> Result
  ) -> Result {
    (code?.instructions ?? rowCode).withUnsafeBufferPointer { instructions in
      (code?.shared ?? shared).withUnsafeBufferPointer { shared in
        (code?.outputs ?? outputs).withUnsafeBufferPointer { body(instructions, shared, $0) }
      }
    }
  }
}
