// A mantissa times a power of ten, for the module's own loops.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What the integer arithmetic below reaches: 5^27 is the last power of five below 2^64.
#define MOST_EXPONENT 27

extern const double bp_powers_of_ten[23];
extern const uint64_t bp_powers_of_five[MOST_EXPONENT + 1];
extern const uint64_t bp_inverses_of_five[MOST_EXPONENT + 1];

// `bp_decimal` by integers alone, for a mantissa that is not 0 and an exponent within the reach.
double bp_integer_product(uint64_t mantissa, int exponent);

// `top`, or a little more unless it is exact, times a power of two.
//
// `top` has ten bits more than a double, so that its lowest two can be one that stands for the rest; for the conversion
// of the signed number that this leaves all processors have an instruction.
static inline double rounded(uint64_t top, bool is_exact, int exponent) {
  const uint64_t bits = (uint64_t)(1023 + exponent) << 52;
  double scale;
  memcpy(&scale, &bits, sizeof scale);
  return 2 * (double)(int64_t)(top >> 1 | (is_exact ? top & 1 : 1)) * scale;
}

// `bp_decimal`, to be inlined.
//
// Numbers of few digits take one exact operation of doubles (Clinger 1990). Others with an exponent within the reach are
// one product or quotient of 64-bit integers of which no bit is lost, so that no table of approximate powers is needed.
// What decides is the count of digits, since a processor foresees it better than the mantissa's size.
static inline __attribute__((always_inline)) bool decimal(
    uint64_t mantissa, size_t digits, int exponent, double *value) {
  if (digits <= 15 && exponent >= -22 && exponent <= 22) {
    const double whole = (double)(int64_t)mantissa;
    *value = exponent < 0 ? whole / bp_powers_of_ten[-exponent] : whole * bp_powers_of_ten[exponent];
    return true;
  }
  if (mantissa == 0) {
    *value = 0;
    return true;
  }
  if (exponent < -MOST_EXPONENT || exponent > MOST_EXPONENT) { return false; }
  if (exponent < 0) {
    // The inverse is short by less than 1, and so this by less than 2: mostly that cannot matter.
    const int shift = __builtin_clzll(mantissa);
    const uint64_t estimate = (unsigned __int128)(mantissa << shift) * bp_inverses_of_five[-exponent] >> 64;
    const int space = __builtin_clzll(bp_powers_of_five[-exponent]);
    if ((estimate & 511) - 1 < 508) {
      *value = rounded(estimate, false, exponent - shift + space - 63);
      return true;
    }
  }
  *value = bp_integer_product(mantissa, exponent);
  return true;
}
