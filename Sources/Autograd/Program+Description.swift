internal import CKernels

extension Program: CustomStringConvertible {
  /// A listing: what is done once a step, what once a row, and where the outputs are.
  public var description: String {
    var lines: [String] = []
    if !stepCode.isEmpty { lines.append("each step:") }
    lines += stepCode.map { "  \(listing($0))" }
    lines.append("each row:")
    lines += rowCode.map { "  \(listing($0))" }
    lines.append("outputs: " + outputs.map(name).joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  private func listing(_ instruction: bp_instruction) -> String {
    let operands = instruction.operands.map(name).joined(separator: ", ")
    return "\(name(Int(instruction.out))) = \(instruction.operation) \(operands)"
  }

  private func name(_ slot: Int) -> String {
    if slot < columns.count { return columns[slot] }
    if parameterSlots.contains(slot) { return parameters[slot - parameterSlots.lowerBound] }
    if constantSlots.contains(slot) { return "\(constants[slot - constantSlots.lowerBound])" }
    return "%\(slot - constantSlots.upperBound)"
  }
}
