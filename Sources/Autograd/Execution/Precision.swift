internal import CKernels

/// The precision of a run: float32 or float64, each with its kernels.
public protocol Precision: BinaryFloatingPoint, Sendable {
  /// The block kernels for values of this precision at a SIMD level.
  ///
  /// The machine must have it.
  static func kernels(_ level: SIMDLevel) -> Kernels
  /// The nearest value to a double.
  init(_ value: Double)
}

extension Float: Precision {
  /// The float32 kernels.
  public static func kernels(_ level: SIMDLevel) -> Kernels {
    Kernels(bp_kernels_float32(level.number))
  }
}

extension Double: Precision {
  /// The float64 kernels.
  public static func kernels(_ level: SIMDLevel) -> Kernels {
    Kernels(bp_kernels_float64(level.number))
  }
}

/// The C functions that compute on blocks of one precision.
public struct Kernels {
  /// All of them, as C has them.
  let table: UnsafePointer<bp_kernels>
  let run: bp_run
  let share, fold, move: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void
  let descend: bp_descend
  let descendLinearly: bp_descend_linearly
  let reduce: bp_reduce
  let areFinite: bp_are_finite

  fileprivate init(_ table: UnsafePointer<bp_kernels>?) {
    guard let table, let run = table.pointee.run, let share = table.pointee.share,
      let fold = table.pointee.fold, let descend = table.pointee.descend,
      let descendLinearly = table.pointee.descend_linearly,
      let reduce = table.pointee.reduce, let move = table.pointee.move,
      let areFinite = table.pointee.are_finite
    else {
      preconditionFailure("kernels are asked for at a level that the machine has")
    }
    self.table = table
    self.run = run
    self.share = share
    self.fold = fold
    self.descend = descend
    self.descendLinearly = descendLinearly
    self.reduce = reduce
    self.move = move
    self.areFinite = areFinite
  }
}

extension Array where Element: Precision {
  /// Whether none of the elements is infinite or nan.
  public var areFinite: Bool {
    withUnsafeBytes { bytes in
      Element.kernels(.chosen).areFinite(bytes.baseAddress, count) != 0
    }
  }
}
