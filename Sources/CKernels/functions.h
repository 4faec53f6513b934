/// float32 elementary functions, rounded correctly at all 2^32 floats but a few.
///
/// Not rounded correctly, but 0.500000 ulp from the true value (scripts/check-functions): sigmoid at 66 floats, erf
/// at 24, log1p at 8, asin, asinh and atan at 6, log at 5, cos and tan at 4, cosh at 3, exp, expm1, sin, sinh, acos,
/// acosh and atanh at 2, log10 at 1; sqrt, rsqrt, log2 and tanh at none. Those of two values are at most 0.501 ulp
/// from the true value (KernelTests).
///
/// Each is evaluated in double, with fused multiply-adds but without libm, and rounded once: a relative error of
/// 2^-47 is 2^-23 of a float's ulp. No branches, so that loops over them vectorise; integers are shifted and
/// added but seldom compared, which SSE2 cannot do in 64 bits. A clamp `x < low ? low : x` lets nan pass.
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

typedef struct {
  double sum, error;
} sum_of_two;

/// a + b and what rounding cuts off (Knuth 1969).
FUNCTION sum_of_two exact_sum(double a, double b) {
  const double sum = a + b, part = sum - a;
  return (sum_of_two){sum, (a - (sum - part)) + (b - part)};
}

/// The sum with an odd last digit where something was cut off: what is forgotten by no further rounding.
FUNCTION double rounded_to_odd(sum_of_two s) {
  const uint64_t is_inexact = (s.error < 0) | (s.error > 0), is_even = ~to_bits(s.sum) & 1;
  const uint64_t grows = (s.error > 0) != (s.sum < 0);
  return from_bits(to_bits(s.sum) + (is_inexact & is_even) * (2 * grows - 1));
}

/// x·y + z rounded once, without an instruction for it: the product is exact in double (Boldo and Melquiond 2008).
FUNCTION float multiply_add_float32(float x, float y, float z) {
  return (float)rounded_to_odd(exact_sum((double)x * (double)y, (double)z));
}

/// x·y + z rounded once, by the instruction for it or by the steps of it.
///
/// Without the instruction, the product is split in two doubles (Dekker 1971), and the sum of three is that of
/// the largest part and the others', rounded to odd (Boldo and Melquiond 2008). That is exact while the product
/// is neither near the ends of the range nor subnormal.
FUNCTION double fused(double x, double y, double z) {
#if HAS_FMA
  return __builtin_fma(x, y, z);
#else
  const double product = x * y, plain = product + z;
  const double x_scaled = x * 0x1.000002p27, x_high = x_scaled - (x_scaled - x), x_low = x - x_high;
  const double y_scaled = y * 0x1.000002p27, y_high = y_scaled - (y_scaled - y), y_low = y - y_high;
  const double rest = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low;
  const sum_of_two small = exact_sum(z, rest), large = exact_sum(product, small.sum);
  const sum_of_two tail = exact_sum(small.error, large.error);
  const double result = large.sum + rounded_to_odd(tail);
  // The sign of 0; and infinities, whose parts are nan.
  return product == 0 || plain - plain != 0 ? plain : result;
#endif
}

/// Even and odd terms apart: two short chains of operations instead of one long.
FUNCTION double polynomial_of(double x, const double *coefficients, int count) {
  double square = x * x, last = coefficients[count - 1], next = coefficients[count - 2];
  for (int i = count - 3; i >= 0; i -= 2) {
    last = fused(last, square, coefficients[i]);
    if (i > 0) { next = fused(next, square, coefficients[i - 1]); }
  }
  return count % 2 != 0 ? fused(next, x, last) : fused(last, x, next);
}
/// One chain: an operation less, where others are in flight.
FUNCTION double chain_of(double x, const double *coefficients, int count) {
  double sum = coefficients[count - 1];
  for (int i = count - 2; i >= 0; i--) { sum = fused(sum, x, coefficients[i]); }
  return sum;
}
#define WITH_COEFFICIENTS(of, name, x) \
  of(x, name##_coefficients, (int)(sizeof name##_coefficients / sizeof(double)))
#define POLYNOMIAL(name, x) WITH_COEFFICIENTS(polynomial_of, name, x)
#define CHAIN(name, x) WITH_COEFFICIENTS(chain_of, name, x)

/// Adding it to a small number rounds that to an integer, which then stands in the low bits.
static const double rounder = 0x1.8p52;

static const double log_2 = 0x1.62e42fefa39efp-1;
static const double log2_e = 0x1.71547652b82fep+0;
static const double log10_2 = 0x1.34413509f79ffp-2;
static const double log10_e = 0x1.bcb7b1526e50ep-2;
static const double half_pi = 0x1.921fb54442d18p+0;

// Exponentials: x = n log 2 + r, e^x = 2^n e^r.

typedef struct {
  uint64_t exponent;  // n, where a double has its exponent
  double r;
} binary_power;

/// Without the digits of log 2 beyond a double's, two floats of all are rounded to the wrong side by exp;
/// with them, none, but it takes a tenth longer.
FUNCTION binary_power exp_parts(double x) {
  double shifted = fused(x, log2_e, rounder), n = shifted - rounder;
  return (binary_power){to_bits(shifted) << 52, fused(n, -log_2, x)};
}

/// For |x| <= 300.
FUNCTION double exp_within(double x) {
  binary_power e = exp_parts(x);
  return from_bits(to_bits(POLYNOMIAL(exp, e.r)) + e.exponent);
}

/// Accurate near 0 too, but for the sign of 0. For |x| <= 300.
FUNCTION double expm1_within(double x) {
  binary_power e = exp_parts(x);
  double power = from_bits(e.exponent + to_bits(1));
  return fused(power, e.r * POLYNOMIAL(expm1, e.r), power - 1);
}

FUNCTION double clamped(double x, double limit) {
  x = x < -limit ? -limit : x;
  return x > limit ? limit : x;
}

/// Beyond ±300 all is 0 or infinite in float.
FUNCTION double exp_double(double x) { return exp_within(clamped(x, 300)); }
FUNCTION double expm1_double(double x) { return expm1_within(clamped(x, 300)); }

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
  double s = f / (2 + f), square = s * s;
  return fused(s * square, POLYNOMIAL(log_rest, square), 2 * s);
}

/// Puts in what no polynomial gives: log 0 is -inf, log inf is inf, below 0 and at nan it is nan.
FUNCTION double log_limits(double u, double log) {
  log = u == INFINITY ? u : log;
  return u > 0 ? log : u == 0 ? -INFINITY : NAN;
}

FUNCTION double log_of_binary(binary u) { return fused(u.n, log_2, log_of_fraction(u.f)); }
FUNCTION double log_double(double x) { return log_limits(x, log_of_binary(split(x))); }

/// While n is 0, x itself is f with no digit lost.
FUNCTION double log1p_within(double x) {
  binary u = split(1 + x);
  return log_of_binary((binary){u.n, u.n == 0 ? x : u.f});
}
FUNCTION double log1p_double(double x) { return log_limits(1 + x, log1p_within(x)); }

/// On floats, of which twice as many fit in a vector.
FUNCTION float log_limits_float32(float u, float log) {
  log = u == INFINITY ? u : log;
  return u > 0 ? log : u == 0 ? -INFINITY : NAN;
}
FUNCTION float log_float32(float x) { return log_limits_float32(x, (float)log_of_binary(split(x))); }
FUNCTION float log1p_float32(float x) {
  return log_limits_float32(1 + x, __builtin_copysignf((float)log1p_within(x), x));
}

FUNCTION float log2_float32(float x) {
  binary u = split(x);
  return log_limits_float32(x, (float)fused(log_of_fraction(u.f), log2_e, u.n));
}
FUNCTION float log10_float32(float x) {
  binary u = split(x);
  return log_limits_float32(x, (float)fused(u.n, log10_2, log_of_fraction(u.f) * log10_e));
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
