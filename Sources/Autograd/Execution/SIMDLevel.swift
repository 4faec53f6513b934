internal import CKernels
internal import Glibc

/// A set of vector instructions for which the kernels are compiled.
///
/// Results do not depend on it. The highest level that the machine has is chosen when the process starts; the
/// environment variable `BACKPROP_SIMD` selects another one by name.
public enum SIMDLevel: String, CaseIterable, Sendable {
  /// What every machine of the architecture has.
  case baseline
  /// x86-64-v3: AVX2 and FMA.
  case avx2
  /// x86-64-v4: AVX-512.
  case avx512

  /// Whether this machine has its instructions.
  public var isSupported: Bool { bp_kernels_float32(number) != nil }

  /// The level that kernels use by default: the requested one if the machine has it, else the highest.
  public static let chosen = request.flatMap(met) ?? highest

  /// The value of `BACKPROP_SIMD` if it cannot be met: no level has that name, or the machine lacks it.
  public static let unmetRequest = request.flatMap { met($0) == nil ? $0 : nil }

  /// The number of the level on the C side.
  var number: UInt32 {
    switch self {
    case .baseline: UInt32(bp_level_baseline)
    case .avx2: UInt32(bp_level_avx2)
    case .avx512: UInt32(bp_level_avx512)
    }
  }

  private static let highest = allCases.last(where: \.isSupported) ?? .baseline
  private static let request = getenv("BACKPROP_SIMD").map { String(cString: $0) }

  /// The level of that name if the machine has it.
  static func met(_ name: String) -> SIMDLevel? {
    SIMDLevel(rawValue: name).flatMap { $0.isSupported ? $0 : nil }
  }
}
