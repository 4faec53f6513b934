/// float32 elementary functions, at most 0.501 ulp from the true value (KernelTests).
///
/// Each is evaluated in double, with neither fma nor libm, and rounded once: a relative error of 2^-37
/// is 2^-13 of a float's ulp. No branches, so that loops over them vectorise; integers are shifted and
/// added but never compared, which SSE2 cannot do in 64 bits. A clamp `x < low ? low : x` lets nan pass.
#include <math.h>
#include <stdint.h>

#include "coefficients.h"

#define FUNCTION static inline __attribute__((always_inline))

typedef union {
  double value;
  uint64_t bits;
} word;

FUNCTION uint64_t to_bits(double x) { return ((word){.value = x}).bits; }
FUNCTION double from_bits(uint64_t x) { return ((word){.bits = x}).value; }

FUNCTION double magnitude(double x) { return __builtin_fabs(x); }
FUNCTION double root(double x) { return __builtin_elementwise_sqrt(x); }
FUNCTION double with_sign(double x, double sign) { return __builtin_copysign(x, sign); }

/// x·y + z rounded once, without an instruction for it.
///
/// The product is exact in double. The sum is rounded to odd (Boldo and Melquiond 2008), so that what
/// was cut off is not forgotten when it is rounded once more, to a float.
FUNCTION float multiply_add_float32(float x, float y, float z) {
  const double product = (double)x * (double)y, addend = (double)z, sum = product + addend;
  const double part = sum - product, error = (product - (sum - part)) + (addend - part);
  const uint64_t is_inexact = (error < 0) | (error > 0), is_even = ~to_bits(sum) & 1;
  const uint64_t grows = (error > 0) != (sum < 0);
  return (float)from_bits(to_bits(sum) + (is_inexact & is_even) * (2 * grows - 1));
}

/// Even and odd terms apart: two short chains of operations instead of one long.
FUNCTION double polynomial_of(double x, const double *coefficients, int count) {
  double square = x * x, last = coefficients[count - 1], next = coefficients[count - 2];
  for (int i = count - 3; i >= 0; i -= 2) {
    last = last * square + coefficients[i];
    if (i > 0) { next = next * square + coefficients[i - 1]; }
  }
  return count % 2 != 0 ? last + next * x : next + last * x;
}
#define POLYNOMIAL(name, x) \
  polynomial_of(x, name##_coefficients, (int)(sizeof name##_coefficients / sizeof(double)))

/// Adding it to a small number rounds that to an integer, which then stands in the low bits.
static const double rounder = 0x1.8p52;

static const double log_2 = 0x1.62e42fefa39efp-1;
static const double log2_e = 0x1.71547652b82fep+0;
static const double log10_2 = 0x1.34413509f79ffp-2;
static const double log10_e = 0x1.bcb7b1526e50ep-2;
static const double half_pi = 0x1.921fb54442d18p+0;

// Exponentials: x = n log 2 + r, e^x = 2^n (1 + expm1 r). Beyond ±708 all is 0 or infinite in float.

typedef struct {
  double power, rest;  // 2^n, expm1 r
} scaled;

FUNCTION scaled exp_parts(double x) {
  x = x < -708 ? -708 : x;
  x = x > 708 ? 708 : x;
  double shifted = x * log2_e + rounder;
  double r = x - (shifted - rounder) * log_2;
  return (scaled){from_bits((to_bits(shifted) << 52) + to_bits(1)), r * POLYNOMIAL(expm1, r)};
}

FUNCTION double exp_double(double x) {
  scaled e = exp_parts(x);
  return e.power + e.power * e.rest;
}

/// Accurate near 0 too, but for the sign of 0.
FUNCTION double expm1_double(double x) {
  scaled e = exp_parts(x);
  return (e.power - 1) + e.power * e.rest;
}

FUNCTION float exp_float32(float x) { return (float)exp_double(x); }
FUNCTION float expm1_float32(float x) { return (float)with_sign(expm1_double(x), x); }
FUNCTION float sigmoid_float32(float x) { return (float)(1 / (1 + exp_double(-(double)x))); }

FUNCTION float sinh_float32(float x) {
  double e = expm1_double(magnitude(x));
  return (float)with_sign((e + e / (e + 1)) / 2, x);
}
FUNCTION float cosh_float32(float x) {
  double e = exp_double(x);
  return (float)((e + 1 / e) / 2);
}
FUNCTION float tanh_float32(float x) {
  double e = expm1_double(2 * (double)x);
  return (float)with_sign(e / (e + 2), x);
}

/// erf a = -expm1(log(erfc a)); from 4 on it is 1 in float.
FUNCTION float erf_float32(float x) {
  double a = magnitude(x);
  a = a > 4 ? 4 : a;
  return (float)with_sign(expm1_double(-a * POLYNOMIAL(erf, a)), x);
}

// Logarithms: u = 2^n (1 + f) with 1 + f from √½ to √2, log(1 + f) = 2 atanh(f / (2 + f)).

typedef struct {
  double n, f;
} binary;

FUNCTION binary split(double u) {
  uint64_t biased = to_bits(u) + (to_bits(1) - to_bits(0x1.6a09e667f3bcdp-1));
  double n = from_bits((biased >> 52) | to_bits(0x1p52)) - (0x1p52 + 1023);
  double fraction = from_bits(to_bits(u) - (biased >> 52 << 52) + to_bits(1));
  return (binary){n, fraction - 1};
}

FUNCTION double log_of_fraction(double f) {
  double s = f / (2 + f);
  return s * POLYNOMIAL(log, s * s);
}

/// Puts in what no polynomial gives: log 0 is -inf, log inf is inf, below 0 and at nan it is nan.
FUNCTION double log_limits(double u, double log) {
  log = u == INFINITY ? u : log;
  return u > 0 ? log : u == 0 ? -INFINITY : NAN;
}

FUNCTION double log_double(double x) {
  binary u = split(x);
  return log_limits(x, u.n * log_2 + log_of_fraction(u.f));
}

/// While n is 0, x itself is f with no digit lost.
FUNCTION double log1p_double(double x) {
  binary u = split(1 + x);
  return log_limits(1 + x, u.n * log_2 + log_of_fraction(u.n == 0 ? x : u.f));
}

FUNCTION float log_float32(float x) { return (float)log_double(x); }
FUNCTION float log1p_float32(float x) { return (float)with_sign(log1p_double(x), x); }

FUNCTION float log2_float32(float x) {
  binary u = split(x);
  return (float)log_limits(x, u.n + log_of_fraction(u.f) * log2_e);
}
FUNCTION float log10_float32(float x) {
  binary u = split(x);
  return (float)log_limits(x, u.n * log10_2 + log_of_fraction(u.f) * log10_e);
}

FUNCTION float asinh_float32(float x) {
  double a = magnitude(x);
  double log = log1p_double(a + a * a / (1 + root(a * a + 1)));
  return (float)with_sign(a == INFINITY ? a : log, x);
}
FUNCTION float acosh_float32(float x) {
  double t = (double)x - 1;
  double log = log1p_double(t + root(t * ((double)x + 1)));
  return (float)(x < 1 ? NAN : log);
}
FUNCTION float atanh_float32(float x) {
  double a = magnitude(x);
  return (float)with_sign(log1p_double(2 * a / (1 - a)) / 2, x);
}

// Powers and roots.

/// An infinity counts as an even integer, as in C.
FUNCTION int is_integer(double y) { return y + rounder - rounder == y; }

FUNCTION float pow_float32(float base, float exponent) {
  double x = base, y = exponent, a = magnitude(x);
  double product = a == 1 ? 0 : y * log_double(a);
  double power = exp_double(product);
  int odd = is_integer(y) & !is_integer(y / 2);
  power = odd ? with_sign(power, x) : power;
  int is_complex = (x < 0) & (x > -INFINITY) & !is_integer(y);
  power = is_complex ? NAN : power;
  power = y == 0 ? 1 : power;
  return (float)(x == 1 ? 1 : power);
}

FUNCTION float sqrt_float32(float x) { return __builtin_elementwise_sqrt(x); }
FUNCTION float rsqrt_float32(float x) { return (float)(1 / root(x)); }

/// No square overflows in double.
FUNCTION float hypot_float32(float a, float b) {
  double x = magnitude(a), y = magnitude(b), length = root(x * x + y * y);
  length = x == INFINITY ? x : length;
  return (float)(y == INFINITY ? y : length);
}
