import Autograd
import Foundation
import Testing

@testable import Training

/// What optimizers make of the same gradients, to the last bit, as it was when their formulas were written.
@Suite struct UpdateBitsTests {
  @Test(arguments: variants)
  func `updates keep their bits`(variant: OptimizerVariant) throws {
    let recorded = try Fixture.read("update-bits", as: [String: String].self)
    for (key, found) in Self.digests(of: variant) {
      #expect(recorded[key] == found, "\(key)")
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"))
  func `record what updates make`() throws {
    let digests = Self.variants.map(Self.digests).reduce([:]) { $0.merging($1) { _, new in new } }
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/update-bits.json")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try (encoder.encode(digests) + Data("\n".utf8)).write(to: url)
    Issue.record("recorded \(digests.count) digests")
  }

  /// All rules that move each element by itself, with every setting that changes the formula.
  static let variants: [OptimizerVariant] =
    OptimizerVariant.all.filter { !$0.rule.searchesLines } + [
      OptimizerVariant(with(SGD()) { $0.weightDecay = 0.1 }, ", decay"),
      OptimizerVariant(
        with(SGD()) { ($0.momentum, $0.nesterov, $0.weightDecay) = (0.9, true, 0.1) },
        ", Nesterov, decay"),
      OptimizerVariant(with(Adam(.amsgrad)) { $0.weightDecay = 0.1 }, ", decay"),
      OptimizerVariant(with(Adam(.adamw)) { $0.weightDecay = 0 }, ", no decay"),
      OptimizerVariant(with(NAdam()) { $0.weightDecay = 0.1 }, ", decay"),
      OptimizerVariant(
        with(RAdam()) { ($0.betas, $0.weightDecay) = (Pair(0.4, 0.9), 0.1) }, ", decay"),
      OptimizerVariant(
        with(Adamax()) { ($0.betas, $0.weightDecay) = (Pair(0.4, 0.9), 0.1) }, ", decay"),
      OptimizerVariant(with(RMSprop()) { $0.centered = true }, ", centred"),
      OptimizerVariant(with(RMSprop()) { $0.momentum = 0.5 }, ", momentum"),
      OptimizerVariant(
        with(RMSprop()) { ($0.centered, $0.alpha) = (true, 0.3) }, ", centred, short"),
      OptimizerVariant(
        with(Adagrad()) { ($0.initialAccumulatorValue, $0.weightDecay) = (0.5, 0.1) }, ", decay"),
      OptimizerVariant(with(Adadelta()) { $0.weightDecay = 0.1 }, ", decay"),
      OptimizerVariant(
        with(ASGD()) { ($0.lambd, $0.t0, $0.weightDecay) = (0.01, 2, 0.1) }, ", decay"),
      OptimizerVariant(
        with(Rprop()) { $0.stepSizes = Pair(1e-3, 0.02) }, ", narrow"),
    ]

  private static func digests(of variant: OptimizerVariant) -> [String: String] {
    [
      "\(variant.testDescription), float32": digest(of: variant.rule, as: Float.self),
      "\(variant.testDescription), float64": digest(of: variant.rule, as: Double.self),
    ]
  }

  /// A digest of parameters and state after each of some steps at rates and momenta that change.
  private static func digest<Scalar: Precision>(
    of rule: any OptimizerRule, as type: Scalar.Type
  ) -> String {
    let count = 1037
    var numbers = Numbers()
    var parameters: [Scalar] = (0..<count).map { _ in numbers.next() }
    var optimizer = rule.makeOptimizer(as: type, parameterCount: count)
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ values: [Scalar]) {
      for value in values {
        digest = (digest ^ (value.isNaN ? 1 : Double(value).bitPattern)) &* 0x100_0000_01B3
        digest ^= digest >> 32
      }
    }
    for step in 0..<8 {
      let gradients: [Scalar] = (0..<count).map { _ in numbers.next() }
      if step == 5 { optimizer.setMomentum(0.6) }
      optimizer.step(&parameters, along: gradients[...], learningRate: 0.01 / Double(1 + step % 3))
      mix(parameters)
      for (_, values) in optimizer.state.vectors { mix(values) }
    }
    return String(digest, radix: 16)
  }

  /// Numbers of all sizes, and one in sixty-four of those at which formulas go wrong (SplitMix, Steele, Lea and Flood
  /// 2014).
  private struct Numbers {
    private var state: UInt64 = 7

    mutating func next<Scalar: Precision>() -> Scalar {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
      let special: [Scalar] = [
        0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        -.leastNormalMagnitude,
      ]
      if mixed % 64 == 0 { return special[Int(mixed >> 6 % 8)] }
      let size = Scalar(
        sign: .plus, exponent: Scalar.Exponent(Int(mixed >> 8 % 24) - 18), significand: 1)
      return size * Scalar(Double(Int64(bitPattern: mixed) >> 20) * 0x1p-43)
    }
  }
}
