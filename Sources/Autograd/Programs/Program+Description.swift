internal import CKernels

extension Program: CustomStringConvertible {
  /// A listing of what is computed once per step and once per row, and where the outputs are.
  ///
  /// A number in brackets is the number of elements of a result.
  public var description: String {
    var lines: [String] = []
    if !stepCode.isEmpty { lines.append("each step:") }
    lines += stepCode.map { "  \(listing($0))" }
    lines.append("each row:")
    lines += rowCode.map { "  \(listing($0))" }
    lines.append("outputs: " + outputs.map(listing).joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  private func listing(_ instruction: bp_instruction) -> String {
    let operands = instruction.operands.map(name).joined(separator: ", ")
    let elements = instruction.count > 1 ? "[\(instruction.count)]" : ""
    let results = instruction.results.map { name($0) + elements }.joined(separator: ", ")
    var start = ""
    if case .operation(let op) = instruction.opcode, op.hasFirstElement {
      start = " from \(instruction.first)"
    }
    return "\(results) = \(instruction.opcode) \(operands)\(start)"
  }

  private func listing(_ output: bp_output) -> String {
    output.columns > 0 ? "outer \(name(Int(output.a))) \(name(Int(output.b)))" : name(Int(output.a))
  }

  private func name(_ slot: Int) -> String {
    if slot < columns.count { return columns[slot] }
    if parameterSlots.contains(slot) { return parameters[slot - parameterSlots.lowerBound] }
    if constantSlots.contains(slot) { return "\(constants[slot - constantSlots.lowerBound])" }
    if slot < firstSharedSlot { return "%\(slot - constantSlots.upperBound)" }
    if slot < firstRowSlot { return name(Int(shared[slot - firstSharedSlot].from)) }
    return "%\(slot - shared.count - constantSlots.upperBound)"
  }
}
