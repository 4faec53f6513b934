#include "powers.h"

#include "CDecimal.h"

bool bp_decimal(uint64_t mantissa, size_t digits, int exponent, double *value) {
  return decimal(mantissa, digits, exponent, value);
}

// 10^n is 5^n and a change of the binary exponent.
double bp_integer_product(uint64_t mantissa, int exponent) {
  const int shift = __builtin_clzll(mantissa);
  const uint64_t normal = mantissa << shift;
  if (exponent >= 0) {
    const unsigned __int128 product = (unsigned __int128)normal * bp_powers_of_five[exponent];
    const uint64_t high = product >> 64, low = (uint64_t)product;
    if (high == 0) { return rounded(low, true, exponent - shift); }
    const int space = __builtin_clzll(high);
    return rounded(product << space >> 64, low << space == 0, exponent - shift + 64 - space);
  }
  // With half the mantissa below the divisor, whose highest bit is set, the quotient has 63 or 64 bits.
  const int space = __builtin_clzll(bp_powers_of_five[-exponent]);
  const uint64_t divisor = bp_powers_of_five[-exponent] << space;
  const unsigned __int128 dividend = (unsigned __int128)normal << 63;
  return rounded(dividend / divisor, dividend % divisor == 0, exponent - shift + space - 63);
}

// All of which are doubles.
const double bp_powers_of_ten[23] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

const uint64_t bp_powers_of_five[MOST_EXPONENT + 1] = {
    0x1, 0x5, 0x19, 0x7D, 0x271, 0xC35,
    0x3D09, 0x1312D, 0x5F5E1, 0x1DCD65, 0x9502F9, 0x2E90EDD,
    0xE8D4A51, 0x48C27395, 0x16BCC41E9, 0x71AFD498D, 0x2386F26FC1, 0xB1A2BC2EC5,
    0x3782DACE9D9, 0x1158E460913D, 0x56BC75E2D631, 0x1B1AE4D6E2EF5, 0x878678326EAC9, 0x2A5A058FC295ED,
    0xD3C21BCECCEDA1, 0x422CA8B0A00A425, 0x14ADF4B7320334B9, 0x6765C793FA10079D,
};

// 2^127 divided by each power of five shifted up to 64 bits, less the fraction (for 5^0, less 1).
const uint64_t bp_inverses_of_five[MOST_EXPONENT + 1] = {
    0xFFFFFFFFFFFFFFFF, 0xCCCCCCCCCCCCCCCC, 0xA3D70A3D70A3D70A, 0x83126E978D4FDF3B, 0xD1B71758E219652B,
    0xA7C5AC471B478423, 0x8637BD05AF6C69B5, 0xD6BF94D5E57A42BC, 0xABCC77118461CEFC, 0x89705F4136B4A597,
    0xDBE6FECEBDEDD5BE, 0xAFEBFF0BCB24AAFE, 0x8CBCCC096F5088CB, 0xE12E13424BB40E13, 0xB424DC35095CD80F,
    0x901D7CF73AB0ACD9, 0xE69594BEC44DE15B, 0xB877AA3236A4B449, 0x9392EE8E921D5D07, 0xEC1E4A7DB69561A5,
    0xBCE5086492111AEA, 0x971DA05074DA7BEE, 0xF1C90080BAF72CB1, 0xC16D9A0095928A27, 0x9ABE14CD44753B52,
    0xF79687AED3EEC551, 0xC612062576589DDA, 0x9E74D1B791E07E48,
};
