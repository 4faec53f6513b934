import Glibc
import Tables
import Testing

@Suite struct ShortestDecimalTests {
  /// Type, bits and the text that Python prints for it, as PyTorch gives them.
  static let recorded = """
    float32 00000000 0.0
    float32 80000000 -0.0
    float32 3f800000 1.0
    float32 c0000000 -2.0
    float32 3dcccccd 0.10000000149011612
    float32 3eaaaaab 0.3333333432674408
    float32 38d1b717 9.999999747378752e-05
    float32 38d1b68e 9.999900066759437e-05
    float32 3727c5ac 9.999999747378752e-06
    float32 34210fb0 1.500000053056283e-07
    float32 4b800000 16777216.0
    float32 4ceb79a3 123456792.0
    float32 58635fa9 999999986991104.0
    float32 5a01519b 9099999539363840.0
    float32 5a0e1bca 1.0000000272564224e+16
    float32 5a5529af 1.5000000408846336e+16
    float32 5bb1a2bc 9.999999843067494e+16
    float32 7f7fffff 3.4028234663852886e+38
    float32 00800000 1.1754943508222875e-38
    float32 00000001 1.401298464324817e-45
    float32 7f800000 inf
    float32 ff800000 -inf
    float32 7fc00000 nan
    float32 40800000 4.0
    float32 40fffffd 7.999998569488525
    float32 42c80000 100.0
    float32 6258d727 1.0000000200408773e+21
    float32 64078678 9.999999778196308e+21
    float32 bf558f7a -0.8342205286026001
    float32 3fbb3e61 1.4628411531448364
    float32 3ed44009 0.4145510494709015
    float32 3e10e85e 0.14151141047477722
    float32 3e2eddad 0.17076750099658966
    float32 3f040c23 0.5158101916313171
    float32 3f99738d 1.1988388299942017
    float32 bf855841 -1.0417557954788208
    float32 2d21f7be 9.206800252736791e-12
    float32 4f060565 2248500480.0
    float32 441b1d24 620.455322265625
    float32 110088dc 1.013959263778617e-28
    float32 5dc7f8b6 1.8011833898610196e+18
    float32 3e96e40c 0.29470860958099365
    float32 27403533 2.6674191945275398e-15
    float32 3df59ae1 0.11992431432008743
    float64 3fb999999999999a 0.1
    float64 3f1a36e2eb1c432d 0.0001
    float64 3f1a36371ea531a8 9.999e-05
    float64 3ee4f8b588e368f1 1e-05
    float64 42dc12218377de66 123456789012345.6
    float64 4340000000000000 9007199254740992.0
    float64 430c6bf526340000 1000000000000000.0
    float64 4341c37937e07fff 9999999999999998.0
    float64 4341c37937e08000 1e+16
    float64 434550f7dca70000 1.2e+16
    float64 4376345785d8a000 1e+17
    float64 444b1ae4d6e2ef50 1e+21
    float64 4480f0cf064dd592 1e+22
    float64 44b52d02c7e14af6 1e+23
    float64 54b249ad2594c37d 1e+100
    float64 0000000000000001 5e-324
    float64 7fefffffffffffff 1.7976931348623157e+308
    float64 0010000000000000 2.2250738585072014e-308
    float64 3fd3333333333333 0.3
    float64 3fd3333333333334 0.30000000000000004
    float64 3fd5555555555555 0.3333333333333333
    float64 be7ad7f29abcaf48 -1e-07
    float64 01a56e1fc2f8f359 1e-300
    float64 bfd15360c0f3f7b2 -0.2707139858538269
    float64 3fd19ab41161d527 0.27506734559513507
    float64 bffcc38d9fe11a3d -1.7977424855504431
    float64 bff3594af16e10b8 -1.209299986921037
    float64 bfc42e581bb769bd -0.1576643119177116
    float64 bfcc23217ca8e405 -0.2198221071901402
    float64 3fe8d02f848d2136 0.7754132832424492
    float64 bfe5dd08122f4537 -0.6832313876313155
    float64 3a5f343c1ecf7f49 1.57540154276211e-27
    float64 42fbe8e2b0f67c09 490992793774016.56
    float64 3c2580fef2b92577 5.82864111789277e-19
    float64 3b5a07f13dc20e8c 8.612943615523974e-23
    float64 40fa58fe833b733a 107919.90703911791
    float64 4300377d3cc48a9e 570576332165459.8
    float64 3aa0e0a1edcb0de0 2.72670247395179e-26
    float64 45439ac4426bdd32 4.7400910718081125e+25
    """

  @Test(arguments: recorded.split(separator: "\n"))
  func `a number is printed as Python prints it`(line: Substring) throws {
    let words = line.split(separator: " ")
    let bits = try #require(UInt64(words[1], radix: 16))
    let value =
      words[0] == "float32"
      ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
    #expect(value.shortestDecimal == words[2])
  }

  @Test(arguments: [
    (0x1.1c37937e08p53, "1e+16"), (-1e16, "-1e+16"), (1.5e16, "1.5e+16"),
    (10_000_000_000_000_002, "1.0000000000000002e+16"), (0x1p54, "1.8014398509481984e+16"),
    (9_999_999_999_999_998, "9999999999999998.0"), (0x1p53, "9007199254740992.0"),
    (1e-4, "0.0001"), (0.99e-4, "9.9e-05"), (0x1p-1074, "5e-324"), (1e100, "1e+100"),
    (-0.0, "-0.0"), (-.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
  ])
  func `the notation changes where Python's does`(value: Double, text: String) {
    #expect(value.shortestDecimal == text)
  }

  @Test func `a text reads back as the same number`() {
    var random = SplitMix(state: 6)
    for _ in 0..<100_000 {
      let value = random.finiteDouble()
      var bytes: [UInt8] = []
      bytes.append(shortestDecimal: value)
      #expect(strtod(String(decoding: bytes, as: UTF8.self), nil).bitPattern == value.bitPattern)
    }
  }
}
