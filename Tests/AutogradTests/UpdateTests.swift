import CKernels
import Testing

@testable import Autograd

@Suite struct UpdateTests {
  @Test func `the C side has the same rules in the same order`() {
    #expect(Int(bp_update_count) == UpdateRule.allCases.count)
    for rule in UpdateRule.allCases {
      #expect(String(cString: bp_update_name(rule.rawValue)) == "\(rule)")
    }
    #expect(bp_update_name(UInt32(bp_update_count)) == nil)
  }

  @Test(arguments: UpdateRule.allCases, SIMDLevel.allCases)
  func `every level moves every element as baseline moves it alone`(
    rule: UpdateRule, level: SIMDLevel
  ) throws {
    try level.requireSupport()
    compareWithBaseline(rule, level, as: Float.self)
    compareWithBaseline(rule, level, as: Double.self)
  }

  private func compareWithBaseline<Scalar: Precision>(
    _ rule: UpdateRule, _ level: SIMDLevel, as type: Scalar.Type
  ) {
    let count = 1100
    let vectors = bp_update_vectors(rule.rawValue)
    // Between 0 and 1, on both sides of 0.5, and all others.
    let settings = (0..<bp_update_settings(rule.rawValue)).map { Double($0 * 37 % 10) / 10 }
    let update = Update(rule, settings)
    let start: [Scalar] = Self.values(count, from: 1)
    let gradients: [Scalar] = Self.values(count, from: 2)
    let memories: [[Scalar]] = (0..<vectors).map { Self.values(count, from: 3 + $0) }
    func moved(
      _ elements: Range<Int>, _ level: SIMDLevel
    ) -> (parameters: [Scalar], memory: [[Scalar]], isFinite: Bool) {
      var parameters = Array(start[elements])
      var memory = UpdateMemory(memories.map { Array($0[elements]) }, elements: elements.count)
      let isFinite = parameters.withUnsafeMutableBufferPointer { parameters in
        gradients[elements].withUnsafeBufferPointer { gradients in
          update.withKernel(
            from: UnsafeBufferPointer(parameters), to: parameters, along: gradients, memory: &memory
          ) { Scalar.kernels(level).move(&$0, 0) }
        }
      }
      return (parameters, memory.vectors, isFinite)
    }
    let together = moved(0..<count, level)
    #expect(!together.isFinite)
    #expect(!zip(together.parameters, start).allSatisfy(Self.areSame), "something moves")
    for element in 0..<count {
      let alone = moved(element..<element + 1, .baseline)
      #expect(Self.areSame(together.parameters[element], alone.parameters[0]), "\(element)")
      #expect(alone.isFinite == alone.parameters[0].isFinite)
      for vector in 0..<vectors {
        #expect(Self.areSame(together.memory[vector][element], alone.memory[vector][0]))
      }
    }
  }

  @Test(arguments: SIMDLevel.allCases, [0, 1, 511, 1023, 1024, 2060])
  func `one parameter that is not finite is found anywhere`(level: SIMDLevel, place: Int) throws {
    try level.requireSupport()
    for value in [Float.infinity, -.infinity, .nan, .greatestFiniteMagnitude] {
      var parameters = [Float](repeating: 1, count: 2061)
      parameters[place] = value
      var moved = parameters
      var memory = UpdateMemory<Float>(vectors: 0, elements: parameters.count)
      let gradients = [Float](repeating: 1, count: parameters.count)
      let isFinite = parameters.withUnsafeBufferPointer { parameters in
        moved.withUnsafeMutableBufferPointer { moved in
          gradients.withUnsafeBufferPointer { gradients in
            Update(.descent, [0.5, 0]).withKernel(
              from: parameters, to: moved, along: gradients, memory: &memory
            ) { Float.kernels(level).move(&$0, 0) }
          }
        }
      }
      #expect(isFinite == value.isFinite)
      #expect(moved[place == 0 ? 1 : 0] == 0.5)
    }
  }

  /// Numbers on both sides of 0, and those at which formulas go wrong.
  private static func values<Scalar: Precision>(_ count: Int, from seed: Int) -> [Scalar] {
    let special: [Scalar] = [
      0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
      -.leastNormalMagnitude,
    ]
    return (0..<count).map { index in
      let number = (index + 1009 * seed) * 7919 % 10007
      return number % 29 == 0
        ? special[number / 29 % 8] : Scalar(Double(number) / 5000 - 1)
    }
  }

  /// Whether two values have the same bits, or are nan both.
  private static func areSame<Scalar: Precision>(_ a: Scalar, _ b: Scalar) -> Bool {
    a.isNaN ? b.isNaN : Double(a).bitPattern == Double(b).bitPattern
  }
}
