internal import CKernels

/// What an instruction computes: an operation, or several of them fused into one pass.
enum Opcode: Hashable, CustomStringConvertible {
  case operation(Op)
  case fused(Fusion)

  /// Several elementwise operations in one pass, with the same bits, in the order of the C kernels' opcodes.
  enum Fusion: UInt32, CaseIterable {
    /// The sine and the cosine of one value.
    case sincos
    /// 0 where the first value is 0 or less, else the second: what passes back through `relu`.
    case reluSlope
  }

  /// The opcode that has a number on the C side.
  init(_ number: UInt32) {
    if let op = Op(rawValue: UInt8(number)), op.hasKernel {
      self = .operation(op)
    } else if let fusion = Fusion(rawValue: number - UInt32(bp_operation_count)) {
      self = .fused(fusion)
    } else {
      preconditionFailure("instructions hold opcodes of kernels")
    }
  }

  /// Its number on the C side.
  var number: UInt32 {
    switch self {
    case .operation(let op): UInt32(op.rawValue)
    case .fused(let fusion): UInt32(bp_operation_count) + fusion.rawValue
    }
  }

  var description: String {
    switch self {
    case .operation(let op): "\(op)"
    case .fused(let fusion): "\(fusion)"
    }
  }

  /// Whether each element of the result comes of the operands' elements with the same index.
  var isElementwise: Bool {
    switch self {
    case .operation(let op): op.isElementwise
    case .fused: true
    }
  }

  /// How many values it reads, which are the first operands.
  var valueCount: Int {
    switch self {
    case .operation(let op): op.valueCount
    case .fused(.sincos): 1
    case .fused(.reluSlope): 2
    }
  }
}

extension bp_instruction {
  var opcode: Opcode { Opcode(op) }

  /// The slots that it reads.
  var operands: [Int] { [a, b, c].prefix(opcode.valueCount).map(Int.init) }

  /// The slots that it writes.
  var results: [Int] { (opcode == .fused(.sincos) ? [out, b] : [out]).map(Int.init) }
}
