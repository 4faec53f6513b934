/// A mantissa of so many digits times a power of ten, rounded once; nil if that is beyond exact
/// integer arithmetic.
///
/// Numbers of few digits take one exact operation of doubles (Clinger 1990). Others with an exponent
/// within ±27 are one product or quotient of 64-bit integers of which no bit is lost, so that no table
/// of approximate powers is needed. What decides is the count of digits, since a processor foresees it
/// better than the mantissa's size.
@inline(__always)
func product(_ mantissa: UInt64, digits: Int, tenTo exponent: Int) -> Double? {
  if digits <= 15, exponent >= -22, exponent <= 22 {
    let whole = Double(Int64(bitPattern: mantissa))
    return exponent < 0 ? whole / powersOfTen[-exponent] : whole * powersOfTen[exponent]
  }
  if mantissa != 0, exponent < 0, exponent >= -27 {
    // The inverse is short by less than 1, and so this by less than 2: mostly that cannot matter.
    let shift = mantissa.leadingZeroBitCount
    let estimate = (mantissa << UInt64(shift)).multipliedFullWidth(by: inversesOfFive[-exponent])
      .high
    let space = powersOfFive[-exponent].leadingZeroBitCount
    let scale = exponent - shift + space - 63
    if 1...508 ~= estimate & 511 { return rounded(estimate, isExact: false, timesTwoTo: scale) }
  }
  return integerProduct(mantissa, tenTo: exponent)
}

/// The same in integers: 10ⁿ is 5ⁿ and a change of the binary exponent.
private func integerProduct(_ mantissa: UInt64, tenTo exponent: Int) -> Double? {
  if mantissa == 0 { return 0 }
  guard exponent >= -27, exponent <= 27 else { return nil }
  let shift = mantissa.leadingZeroBitCount
  let normal = mantissa << UInt64(shift)
  if exponent >= 0 {
    let (high, low) = normal.multipliedFullWidth(by: powersOfFive[exponent])
    let space = high.leadingZeroBitCount
    guard space < 64 else { return rounded(low, isExact: true, timesTwoTo: exponent - shift) }
    let top = high << UInt64(space) | (low >> 1) >> UInt64(63 - space)
    return rounded(
      top, isExact: low << UInt64(space) == 0, timesTwoTo: exponent - shift + 64 - space)
  }
  // With half the mantissa below the divisor, whose highest bit is set, the quotient has 63 or 64 bits.
  let divisor = powersOfFive[-exponent]
  let space = divisor.leadingZeroBitCount
  let scale = exponent - shift + space - 63
  let (quotient, remainder) = (divisor << UInt64(space))
    .dividingFullWidth((normal >> 1, normal << 63))
  return rounded(quotient, isExact: remainder == 0, timesTwoTo: scale)
}

/// `top`, or a little more unless it is exact, times a power of two.
///
/// `top` has ten bits more than a double, so that its lowest two can be one that stands for the rest;
/// for the conversion of the signed number that this leaves all processors have an instruction.
@inline(__always)
private func rounded(_ top: UInt64, isExact: Bool, timesTwoTo exponent: Int) -> Double {
  let scale = Double(bitPattern: UInt64(1023 + exponent) << 52)
  let rest = isExact ? top & 1 : 1
  return 2 * Double(Int64(bitPattern: top >> 1 | rest)) * scale
}

/// 10⁰ to 10⁷.
let integerPowersOfTen: [UInt64] = [1, 10, 100, 1000, 10000, 100_000, 1_000_000, 10_000_000]

/// 10⁰ to 10²², all of which are doubles.
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

/// 5⁰ to 5²⁷, all of which are below 2⁶⁴.
private let powersOfFive: [UInt64] = [
  0x0000_0000_0000_0001, 0x0000_0000_0000_0005, 0x0000_0000_0000_0019, 0x0000_0000_0000_007D,
  0x0000_0000_0000_0271, 0x0000_0000_0000_0C35, 0x0000_0000_0000_3D09, 0x0000_0000_0001_312D,
  0x0000_0000_0005_F5E1, 0x0000_0000_001D_CD65, 0x0000_0000_0095_02F9, 0x0000_0000_02E9_0EDD,
  0x0000_0000_0E8D_4A51, 0x0000_0000_48C2_7395, 0x0000_0001_6BCC_41E9, 0x0000_0007_1AFD_498D,
  0x0000_0023_86F2_6FC1, 0x0000_00B1_A2BC_2EC5, 0x0000_0378_2DAC_E9D9, 0x0000_1158_E460_913D,
  0x0000_56BC_75E2_D631, 0x0001_B1AE_4D6E_2EF5, 0x0008_7867_8326_EAC9, 0x002A_5A05_8FC2_95ED,
  0x00D3_C21B_CECC_EDA1, 0x0422_CA8B_0A00_A425, 0x14AD_F4B7_3203_34B9, 0x6765_C793_FA10_079D,
]

/// 2¹²⁷ divided by each power of five shifted up to 64 bits, less the fraction (for 5⁰, less 1).
private let inversesOfFive: [UInt64] = [
  0xFFFF_FFFF_FFFF_FFFF, 0xCCCC_CCCC_CCCC_CCCC, 0xA3D7_0A3D_70A3_D70A, 0x8312_6E97_8D4F_DF3B,
  0xD1B7_1758_E219_652B, 0xA7C5_AC47_1B47_8423, 0x8637_BD05_AF6C_69B5, 0xD6BF_94D5_E57A_42BC,
  0xABCC_7711_8461_CEFC, 0x8970_5F41_36B4_A597, 0xDBE6_FECE_BDED_D5BE, 0xAFEB_FF0B_CB24_AAFE,
  0x8CBC_CC09_6F50_88CB, 0xE12E_1342_4BB4_0E13, 0xB424_DC35_095C_D80F, 0x901D_7CF7_3AB0_ACD9,
  0xE695_94BE_C44D_E15B, 0xB877_AA32_36A4_B449, 0x9392_EE8E_921D_5D07, 0xEC1E_4A7D_B695_61A5,
  0xBCE5_0864_9211_1AEA, 0x971D_A050_74DA_7BEE, 0xF1C9_0080_BAF7_2CB1, 0xC16D_9A00_9592_8A27,
  0x9ABE_14CD_4475_3B52, 0xF796_87AE_D3EE_C551, 0xC612_0625_7658_9DDA, 0x9E74_D1B7_91E0_7E48,
]
