internal import CKernels

/// The precision of a run: float32 or float64, each with its kernels.
public protocol Precision: BinaryFloatingPoint, Sendable {
  /// The block kernels for values of this precision.
  static var kernels: Kernels { get }
  /// The nearest value to a double.
  init(_ value: Double)
}

extension Float: Precision {
  /// The float32 kernels.
  public static let kernels = Kernels(run: bp_run_float32, sum: bp_sum_float32)
}

extension Double: Precision {
  /// The float64 kernels.
  public static let kernels = Kernels(run: bp_run_float64, sum: bp_sum_float64)
}

/// The C functions that compute on blocks of one precision.
public struct Kernels: Sendable {
  let run:
    @convention(c) @Sendable (
      UnsafePointer<bp_instruction>?, Int, UnsafePointer<UnsafeMutableRawPointer?>?, Int
    ) -> Void
  let sum: @convention(c) @Sendable (Double, UnsafeRawPointer?, Int) -> Double
}
