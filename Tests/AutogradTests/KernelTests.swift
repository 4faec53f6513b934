import CKernels
import Glibc
import Testing

@testable import Autograd

/// The kernels of every SIMD level, called directly.
@Suite struct KernelTests {
  @Test(arguments: SIMDLevel.allCases, [1, 2, 3, 63, 64, 65, 512])
  func `every level gives the same bits`(level: SIMDLevel, rows: Int) throws {
    try level.requireSupport()
    for op in Op.elementwise {
      compare(op, level, rows, as: Float.self, bits: { UInt64($0.bitPattern) })
      compare(op, level, rows, as: Double.self, bits: \.bitPattern)
    }
  }

  /// Compares a level with the baseline.
  private func compare<Scalar: Precision>(
    _ op: Op, _ level: SIMDLevel, _ rows: Int, as type: Scalar.Type, bits: (Scalar) -> UInt64
  ) {
    let operands = (0..<3).map { operand in (0..<rows).map { Scalar(sample($0, operand)) } }
    let expected = run(op, operands, .baseline)
    let found = run(op, operands, level)
    for row in 0..<rows where !(found[row].isNaN && expected[row].isNaN) {
      let at = operands.map { $0[row] }
      #expect(bits(found[row]) == bits(expected[row]), "\(op)\(at)")
    }
  }

  @Test(arguments: SIMDLevel.allCases, [1, 2, 63, 64, 512])
  func `a sine and a cosine computed together have the bits they have apart`(
    level: SIMDLevel, rows: Int
  ) throws {
    try level.requireSupport()
    checkSincos(rows, level, as: Float.self, bits: { UInt64($0.bitPattern) })
    checkSincos(rows, level, as: Double.self, bits: \.bitPattern)
  }

  private func checkSincos<Scalar: Precision>(
    _ rows: Int, _ level: SIMDLevel, as type: Scalar.Type, bits: (Scalar) -> UInt64
  ) {
    // All angles near, then some far.
    for limit in [1e4, .infinity] {
      let angles = (0..<rows).map { row in
        Scalar(sample(row, 0).magnitude <= limit ? sample(row, 0) : 1)
      }
      var values = angles + [Scalar](repeating: 7, count: 2 * rows)
      let code = bp_instruction(
        op: Opcode.fused(.sincos).number, out: 1, a: 0, b: 2, c: 0, count: 1, inner: 1, first: 0)
      values.withUnsafeMutableBufferPointer { values in
        let slots = (0..<3).map { slot in
          values.baseAddress.map { UnsafeMutableRawPointer($0 + slot * rows) }
        }
        run(code, slots, strides: [0, 0, 0], rows, Scalar.kernels(level))
      }
      let expected = run(.sin, [angles], level) + run(.cos, [angles], level)
      for (found, expected) in zip(values.dropFirst(rows), expected)
      where !(found.isNaN && expected.isNaN) {
        #expect(bits(found) == bits(expected), "\(level)")
      }
    }
  }

  @Test(arguments: SIMDLevel.allCases, [1, 2, 63, 64, 512])
  func `a relu's slope has the bits of the choice that it stands for`(
    level: SIMDLevel, rows: Int
  ) throws {
    try level.requireSupport()
    checkSlope(rows, level, as: Float.self, bits: { UInt64($0.bitPattern) })
    checkSlope(rows, level, as: Double.self, bits: \.bitPattern)
  }

  private func checkSlope<Scalar: Precision>(
    _ rows: Int, _ level: SIMDLevel, as type: Scalar.Type, bits: (Scalar) -> UInt64
  ) {
    let operands = (0..<2).map { operand in (0..<rows).map { Scalar(sample($0, operand)) } }
    let zeros = [Scalar](repeating: 0, count: rows)
    let isFlat = run(.lessOrEqual, [operands[0], zeros], level)
    let expected = run(.select, [isFlat, zeros, operands[1]], level)
    let found = run(.fused(.reluSlope), operands, level)
    #expect(found.map(bits) == expected.map(bits))
  }

  /// Special values first, then every magnitude; the same on every run.
  private func sample(_ row: Int, _ operand: Int) -> Double {
    let index = row + operand * 7
    if index % 5 == 0 { return special[index / 5 % special.count] }
    var mixed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9
    if index % 2 == 0 { return Double(mixed % 2_000_003) / 1e5 - 10 }
    return Double(Float(bitPattern: UInt32(mixed >> 32)))
  }

  private let special: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 2, -3, .infinity, -.infinity, .nan, 1e-45, -1e-40, 3.4e38, -3.4e38,
    88,
    -104, 710, 0x1p27, 0x1.000002p27, 1e30, -1e-30, 16_777_217, 0x1.fffffep-1,
  ]

  /// The operations of one operand that have a float32 kernel of our own.
  private static let functions = Op.elementwise.filter { $0.arity == 1 }

  @Test(arguments: functions)
  func `a float32 function is rounded correctly, but for a few values near the middle of two`(
    op: Op
  ) {
    guard case .unary(_, let function, _) = op.rule else { return }
    var worst = (distance: 0.0, at: Float(0), result: Float(0))
    func compare(_ patterns: [UInt32]) {
      let values = patterns.map { Float(bitPattern: $0) }
      let found = run(op, [values], .chosen)
      for (value, result) in zip(values, found) {
        let exact = function(Double(value))
        if result.bitPattern == Float(exact).bitPattern { continue }
        let distance = ulps(result, from: exact)
        if distance > worst.distance { worst = (distance, value, result) }
      }
    }
    compare(stride(from: 0, through: UInt32.max - 20_011, by: 20_011).map { $0 })
    for center in special {
      let pattern = Float(center).bitPattern
      compare((0..<200).map { pattern &+ $0 &- 100 })
    }
    for center in stride(from: Float(-50), through: 50, by: 0.25) {
      compare((0..<6).map { (center * .pi).bitPattern &+ $0 &- 3 })
    }
    #expect(worst.distance <= 0.500001, "\(op)(\(worst.at)) is \(worst.result)")
  }

  @Test(arguments: [Op.power, .atan2, .hypot])
  func `a float32 function of two values is within 0.501 ulp of the true value`(op: Op) {
    guard case .binary(_, let function, _) = op.rule else { return }
    func compare(_ x: [Float], _ y: [Float]) {
      for (row, result) in run(op, [x, y], .chosen).enumerated() {
        let distance = ulps(result, from: function(Double(x[row]), Double(y[row])))
        if distance > 0.501 { Issue.record("\(op)(\(x[row]), \(y[row])) is \(result)") }
      }
    }
    for x in special {
      let many = special.map { Float($0) }
      compare([Float](repeating: Float(x), count: many.count), many)
      compare([Float](repeating: Float(x), count: 41), (-20...20).map { Float($0) / 2 })
    }
    let rows = 0..<100_000
    compare(rows.map { Float(sample($0, 0)) }, rows.map { Float(sample($0, 1)) })
    compare(
      rows.map { 1 + Float($0 - 50_000) * 0x1p-24 }, rows.map { Float($0 * 40 - 2_000_000) * 3 })
  }

  #if arch(x86_64)
    /// Float80 has eleven bits more than a double.
    private func reference(_ op: Op) -> ((Float80) -> Float80)? {
      switch op {
      case .exp: expl
      case .expm1: expm1l
      case .log: logl
      case .log1p: log1pl
      case .sin: sinl
      case .cos: cosl
      case .tanh: tanhl
      case .sigmoid: { $0 < 0 ? expl($0) / (1 + expl($0)) : 1 / (1 + expl(-$0)) }
      default: nil
      }
    }

    @Test(
      arguments: zip(
        [Op.exp, .log, .log1p, .sin, .cos, .expm1, .tanh, .sigmoid], [1, 1, 1, 1, 1, 2, 2, 2]))
    func `a float64 function of our own is within 1 or 2 ulp of the true value`(
      op: Op, most: Double
    ) throws {
      let function = try #require(reference(op))
      var worst = (distance: 0.0, at: 0.0, result: 0.0)
      func compare(_ values: [Double]) {
        for (value, result) in zip(values, run(op, [values], .chosen)) {
          let distance = ulps(result, from: function(Float80(value)))
          if distance > worst.distance { worst = (distance, value, result) }
        }
      }
      for center in special + edges {
        compare((0..<200).map { Double(bitPattern: center.bitPattern &+ $0 &- 100) })
      }
      for center in stride(from: -50, through: 50, by: 0.25) {
        compare((0..<6).map { Double(bitPattern: (center * .pi).bitPattern &+ $0 &- 3) })
      }
      let patterns = (0..<40_000).map { $0 as UInt64 &* 0x9E37_79B9_7F4A_7C15 }
      compare(patterns.map { Double(bitPattern: $0) })
      for width in [1.0, 2, 20, 1500, 140_000] {
        compare(patterns.map { (Double($0 >> 11) * 0x1p-53 - 0.5) * width })
      }
      #expect(worst.distance <= most, "\(op)(\(worst.at)) is \(worst.result)")
    }

    /// Where exponentials overflow, become subnormal and vanish, and other ends of ranges, or hard values.
    private var edges: [Double] {
      [
        709.782712893384, -708.3964185322641, -745.1332191019411, 36.7, -36.7, 600, -600, 22, -40,
        0.34657359027997264, 0.4142135623730951, -0.2928932188134524, 0x1p-1074, -0x1p-1074,
        0x1p-1022, -0x1p-1022, 0x1p-1040, 1.7e308, -1.7e308, 0x1p16, -0x1p16, 0x1p60,
        45.553093477052, 1e5,
        // Of all doubles the nearest to a multiple of π/2.
        0x1.6ac5b262ca1ffp849,
      ]
    }

    private func ulps(_ found: Double, from exact: Float80) -> Double {
      if found.isNaN || exact.isNaN { return found.isNaN && exact.isNaN ? 0 : .infinity }
      let nearest = Double(exact)
      if found == nearest && (found == 0 || found.isInfinite) {
        return found.sign == nearest.sign ? 0 : .infinity
      }
      if found.sign != nearest.sign { return .infinity }
      let largest = Double.greatestFiniteMagnitude
      let (a, b) = (min(Float80(found.magnitude), 0x1p1024), min(exact.magnitude, 0x1p1024))
      return Double((a - b).magnitude / Float80(min(nearest.magnitude, largest).ulp))
    }
  #endif

  @Test(arguments: [Op.sin, .cos, .tan], [1e-300, 0.7, 3, 65_000, 1e5, 0x1.8p27, .infinity])
  func `an angle's bits do not depend on the company it is in`(op: Op, far: Double) {
    let angles = (0..<64).map { Double($0 * 7919 % 1000) / 100 - 5 }
    #expect(Array(run(op, [angles + [far]], .chosen).prefix(64)) == run(op, [angles], .chosen))
    let narrow = angles.map { Float($0) }
    #expect(
      Array(run(op, [narrow + [Float(far)]], .chosen).prefix(64)) == run(op, [narrow], .chosen))
  }

  /// How far a result is from the true value, in units of the last place of a float there.
  private func ulps(_ found: Float, from exact: Double) -> Double {
    if found.isNaN || exact.isNaN { return found.isNaN && exact.isNaN ? 0 : .infinity }
    let nearest = Float(exact)
    if found == nearest && (found == 0 || found.isInfinite) {
      return found.sign == nearest.sign ? 0 : .infinity
    }
    let (a, b) = (min(Double(found.magnitude), 0x1p128), min(exact.magnitude, 0x1p128))
    if found.sign != exact.sign { return .infinity }
    let largest = Float.greatestFiniteMagnitude
    return (a - b).magnitude / Double(min(nearest.magnitude, largest).ulp)
  }

  /// Sizes that fill tiles, panels and what is kept in the cache, and sizes that do not.
  @Test(
    arguments: SIMDLevel.allCases,
    [
      (1, 1), (1, 70), (70, 1), (2, 3), (3, 70), (6, 64), (7, 65), (13, 257), (27, 300), (64, 9),
      (270, 50),
    ])
  func `a layer is chains of fused multiply-adds on every level`(
    level: SIMDLevel, size: (Int, Int)
  ) throws {
    try level.requireSupport()
    // The definition is slow: large layers have fewer rows.
    for rows in size.0 * size.1 > 5000 ? [1, 100] : [1, 2, 15, 64, 100, 130] {
      checkLayer(size, rows, level, as: Float.self, bits: { UInt64($0.bitPattern) })
      checkLayer(size, rows, level, as: Double.self, bits: \.bitPattern)
    }
  }

  private func checkLayer<Scalar: Precision>(
    _ size: (outputs: Int, inputs: Int), _ rows: Int, _ level: SIMDLevel, as type: Scalar.Type,
    bits: (Scalar) -> UInt64
  ) {
    let (outputs, inputs) = size
    // Blocks of one row are flat; others have room for whole vectors.
    let block = rows == 1 ? 1 : (rows + 63) / 64 * 64
    func layerSample(_ index: Int) -> Scalar {
      // Few special values, or every sum would be nan.
      index % 501 == 0 ? Scalar(sample(5 * index, 0)) : Scalar(sample(10 * index + 2, 0) / 10)
    }
    var weights = (0..<outputs * inputs).map { layerSample($0) }
    var values = (0..<max(inputs, outputs) * block).map { layerSample($0 + 77) }
    var biases = (0..<outputs).map { layerSample($0 + 99) }
    for op in [Op.linear, .matvec, .vecmat] {
      let (results, terms) = op == .vecmat ? (inputs, outputs) : (outputs, inputs)
      let expected = (0..<results).map { result in
        (0..<rows).map { row in
          (0..<terms).reduce(op == .linear ? biases[result] : 0) { sum, term in
            let weight = weights[op == .vecmat ? term * inputs + result : result * inputs + term]
            return sum.addingProduct(weight, values[term * block + row])
          }
        }
      }
      var found = [Scalar](repeating: 7, count: results * block)
      let code = bp_instruction(
        op: UInt32(op.rawValue), out: 3, a: op == .vecmat ? 1 : 0, b: op == .vecmat ? 0 : 1, c: 2,
        count: UInt32(results), inner: UInt32(terms), first: 0)
      weights.withUnsafeMutableBytes { weights in
        values.withUnsafeMutableBytes { values in
          biases.withUnsafeMutableBytes { biases in
            found.withUnsafeMutableBytes { found in
              let slots = [weights, values, biases, found].map(\.baseAddress)
              run(code, slots, strides: [1, block, 1, block], rows, Scalar.kernels(level))
            }
          }
        }
      }
      for result in 0..<results {
        for row in 0..<block {
          let value = found[result * block + row]
          if row >= rows {
            #expect(value == 7, "\(op) leaves what is beyond the rows alone")
          } else if !(value.isNaN && expected[result][row].isNaN) {
            #expect(
              bits(value) == bits(expected[result][row]),
              "\(op)[\(result)][\(row)]")
          }
        }
      }
    }
  }

  private func run(
    _ code: bp_instruction, _ slots: [UnsafeMutableRawPointer?], strides: [Int], _ rows: Int,
    _ kernels: Kernels
  ) {
    slots.withUnsafeBufferPointer { slots in
      strides.withUnsafeBufferPointer { strides in
        let values = bp_values(slots: slots.baseAddress, strides: strides.baseAddress)
        kernels.run([code], 1, values, rows)
      }
    }
  }

  private func run<Scalar: Precision>(
    _ op: Op, _ operands: [[Scalar]], _ level: SIMDLevel
  ) -> [Scalar] {
    run(.operation(op), operands, level)
  }

  private func run<Scalar: Precision>(
    _ opcode: Opcode, _ operands: [[Scalar]], _ level: SIMDLevel
  ) -> [Scalar] {
    let rows = operands[0].count
    let code = bp_instruction(
      op: opcode.number, out: 3, a: 0, b: 1, c: 2, count: 1, inner: 1, first: 0)
    var values = (0..<4).flatMap {
      $0 < operands.count ? operands[$0] : [Scalar](repeating: 0, count: rows)
    }
    values.withUnsafeMutableBufferPointer { values in
      let slots = (0..<4).map { slot in
        values.baseAddress.map { UnsafeMutableRawPointer($0 + slot * rows) }
      }
      run(code, slots, strides: [0, 0, 0, 0], rows, Scalar.kernels(level))
    }
    return Array(values.suffix(rows))
  }
}
