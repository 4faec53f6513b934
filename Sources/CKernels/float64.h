/// float64 elementary functions, with what functions.h begins with.
///
/// Most of those that training spends its time in are this project's own: evaluated in double with polynomials of
/// fused multiply-adds, with the digits that a rounding cut off carried along where they count (KernelTests says how
/// far each is from the true value). No branches, as in functions.h. The others are libm's, whose last bits depend
/// on its version and the CPU.

typedef struct {
  double value, rest;  // the digits beyond the value's last
} extended;

/// a + b, where a is the larger or 0, and what rounding cuts off (Dekker 1971).
FUNCTION extended add(double a, double b) {
  const double sum = a + b;
  return (extended){sum, (a - sum) + b};
}

FUNCTION extended add_to(extended a, double b) { return add(a.value, a.rest + b); }

FUNCTION double quotient(extended a, extended b) {
  const double most = a.value / b.value;
  return most + (a.rest - most * b.rest) / b.value;
}

// Exponentials: x = n log 2 + r with log 2 in two parts (Cody and Waite 1980), e^x = 2^n (1 + expm1 r).

/// 40 bits of log 2, so that products with n are exact, and the rest of it.
static const double log_2_high = 0x1.62e42fefa2p-1, log_2_low = 0x1.9ef35793c7673p-41;

typedef struct {
  uint64_t exponent;  // n, where a double has its exponent
  double high, rest;  // expm1 r is high + rest, of which rest is the smaller
} expansion;

FUNCTION expansion expand(double x) {
  const double shifted = x * log2_e + rounder, n = shifted - rounder;
  const double high = x - n * log_2_high, low = n * log_2_low, r = high - low;
  return (expansion){to_bits(shifted) << 52, high, r * r * POLYNOMIAL(exp_rest, r) - low};
}

/// The last factor rounds a subnormal result, or overflows; the product before it is exact.
FUNCTION double exp_float64(double x) {
  x = x < -746 ? -746 : x;
  x = x > 710 ? 710 : x;
  const int is_small = x < -600;
  const expansion e = expand(x);
  const double power = from_bits(e.exponent + to_bits(is_small ? 0x1p128 : 0.5));
  return add_to(add(1, e.high), e.rest).value * power * (is_small ? 0x1p-128 : 2);
}

/// power is 2^n.
FUNCTION extended minus_one(expansion e, double power) {
  return add_to(add(power - 1, power * e.high), power * e.rest);
}

/// Below -40 it is -1; above 600 that 1 is beyond the last digit, and 2^n is halved not to overflow.
FUNCTION double expm1_float64(double x) {
  double within = x < -40 ? -40 : x;
  within = within > 710 ? 710 : within;
  const int is_large = x > 600;
  const expansion e = expand(within);
  const double power = from_bits(e.exponent + to_bits(is_large ? 0.5 : 1));
  return with_sign(minus_one(e, power).value * (is_large ? 2 : 1), x);
}

/// Of negative x it is e^x / (1 + e^x), which keeps its digits where it is small.
FUNCTION double sigmoid_float64(double x) {
  const double e = exp_float64(-magnitude(x));
  return quotient((extended){x < 0 ? e : 1, 0}, add(1, e));
}

/// With t = expm1(-2a) it is -t / (2 + t); from 22 on it is 1.
FUNCTION double tanh_float64(double x) {
  double a = magnitude(x);
  a = a > 22 ? 22 : a;
  const expansion e = expand(-2 * a);
  const extended t = minus_one(e, from_bits(e.exponent + to_bits(1)));
  return with_sign(quotient(t, add_to(add(2, t.value), t.rest)), x);
}

// Logarithms: u = 2^n (1 + f) as in functions.h, log(1 + f) = f - (f²/2 - s (f²/2 + rest)) with s = f/(2 + f),
// the smallest terms added first, as in fdlibm (Sun Microsystems 1993).

/// `correction` is what is missing from log u.
FUNCTION double log_of_binary_float64(binary u, double correction) {
  const double s = u.f / (2 + u.f), square = s * s, half = 0.5 * u.f * u.f;
  const double rest = s * (half + square * POLYNOMIAL(log_rest, square));
  return u.n * log_2_high - ((half - (rest + (u.n * log_2_low + correction))) - u.f);
}

/// Subnormal numbers are made normal first.
FUNCTION double log_float64(double x) {
  const int is_small = x < 0x1p-1022;
  binary u = split(x * (is_small ? 0x1p54 : 1));
  u.n -= is_small ? 54 : 0;
  return log_limits(x, log_of_binary_float64(u, 0));
}

/// What is lost in 1 + x counts by its share of that.
FUNCTION double log1p_float64(double x) {
  const double sum = 1 + x, part = sum - 1, lost = (1 - (sum - part)) + (x - part);
  const double log = log_limits(sum, log_of_binary_float64(split(sum), lost / sum));
  return with_sign(log, x);
}

// Sine and cosine: x = quadrant · π/2 + angle, |angle| <= π/4.

typedef struct {
  extended angle;
  uint64_t quadrant;  // modulo 4; higher bits mean nothing
} reduced_angle_float64;

/// Up to here `reduce_float64` is exact to 2^-63 of the angle; beyond, `reduce_far_float64` to 2^-60.
static const double far_float64 = 0x1p16;

/// π/2 is cut into 37, 37 and 53 bits, so that products with the first two are exact.
FUNCTION reduced_angle_float64 reduce_float64(double x) {
  const double shifted = x * 0x1.45f306dc9c883p-1 + rounder, n = shifted - rounder;
  const double first = x - n * 0x1.921fb5444p+0, second = n * 0x1.68c234c4cp-39;
  const double most = first - second, error = (first - most) - second;
  const double third = n * 0x1.98a2e03707345p-77 - error, angle = most - third;
  return (reduced_angle_float64){{angle, (most - angle) - third}, to_bits(shifted)};
}

/// Any x beyond: its 53 bits times the 192 bits of 2/π that matter modulo whole turns (Payne and Hanek 1983).
static inline reduced_angle_float64 reduce_far_float64(double x) {
  if (!(magnitude(x) < INFINITY)) { return (reduced_angle_float64){{NAN, NAN}, 0}; }
  // x is fraction · 2^exponent, with -36 <= exponent <= 971.
  const uint64_t fraction = (to_bits(x) & (to_bits(0x1p-1022) - 1)) | to_bits(0x1p-1022);
  const unsigned exponent_and_62 = (unsigned)(to_bits(x) >> 52 & 0x7ff) - 1075 + 64 - 2;
  const unsigned index = exponent_and_62 / 64, shift = exponent_and_62 % 64;
  uint64_t window[3];
  for (unsigned i = 0; i < 3; i++) {
    const uint64_t high = two_over_pi[index + i], low = two_over_pi[index + i + 1];
    window[i] = shift > 0 ? high << shift | low >> (64 - shift) : high;
  }
  // In units of 2^-62, 2^-126 and 2^-190 quarter turns; what overflows are whole turns.
  typedef unsigned __int128 wide_integer;
  const wide_integer last = (wide_integer)fraction * window[2];
  const wide_integer next = (wide_integer)fraction * window[1] + (uint64_t)(last >> 64);
  uint64_t high = fraction * window[0] + (uint64_t)(next >> 64);
  const uint64_t quadrant = (high + ((uint64_t)1 << 61)) >> 62;
  high -= quadrant << 62;
  wide_integer rest = (wide_integer)high << 64 | (uint64_t)next;
  uint64_t tail = (uint64_t)last;
  const int is_negative = high >> 63 != 0;
  if (is_negative) {
    rest = ~rest;
    tail = ~tail;
  }
  // No angle of a double is so near to 0 that fewer than 64 bits are left of these 192.
  int zeros = 0;
  while (rest >> 127 == 0) {
    rest = rest << 1 | tail >> 63;
    tail <<= 1;
    zeros++;
  }
  // 62 bits of the angle: π/2 is 0xc90fdaa22168c235 · 2^-63.
  const wide_integer product = (wide_integer)(uint64_t)(rest >> 64) * 0xc90fdaa22168c235;
  const int64_t angle = (int64_t)(product >> 66);
  const double value = (double)angle, scale = from_bits(to_bits(0x1p-59) - ((uint64_t)zeros << 52));
  const double sign = is_negative == (x < 0) ? scale : -scale;
  return (reduced_angle_float64){
    {value * sign, (double)(angle - (int64_t)value) * sign}, x < 0 ? -quadrant : quadrant};
}

/// The sine of a reduced angle; its cosine is the sine one quadrant further.
///
/// sin(a + b) is sin a + b (1 - a²/2), cos(a + b) is cos a - a b. Differences, unlike sums, leave -0 as it is.
FUNCTION double sin_of_reduced_float64(reduced_angle_float64 r) {
  const double angle = r.angle.value, rest = r.angle.rest;
  const double square = angle * angle, half = 0.5 * square;
  const double sine = angle - ((half * rest - rest) - square * angle * POLYNOMIAL(sin_rest, square));
  const double quartic = square * square * POLYNOMIAL(cos_rest, square);
  const double cosine = add_to(add(1, -half), quartic - angle * rest).value;
  return from_bits(to_bits(by_parity(r.quadrant, sine, cosine)) ^ (r.quadrant & 2) << 62);
}
FUNCTION double cos_of_reduced_float64(reduced_angle_float64 r) {
  return sin_of_reduced_float64((reduced_angle_float64){r.angle, r.quadrant + 1});
}

FUNCTION int is_far_float64(double x) { return !(magnitude(x) <= far_float64); }

FUNCTION reduced_angle_float64 reduce_any_float64(double x) {
  return is_far_float64(x) ? reduce_far_float64(x) : reduce_float64(x);
}

FUNCTION double sin_near_float64(double x) { return sin_of_reduced_float64(reduce_float64(x)); }
FUNCTION double cos_near_float64(double x) { return cos_of_reduced_float64(reduce_float64(x)); }
FUNCTION double tan_near_float64(double x) { return tan(x); }
FUNCTION double sin_float64(double x) { return sin_of_reduced_float64(reduce_any_float64(x)); }
FUNCTION double cos_float64(double x) { return cos_of_reduced_float64(reduce_any_float64(x)); }

typedef struct {
  double sine, cosine;
} sine_and_cosine_float64;

FUNCTION sine_and_cosine_float64 sincos_of_reduced_float64(reduced_angle_float64 r) {
  return (sine_and_cosine_float64){sin_of_reduced_float64(r), cos_of_reduced_float64(r)};
}
FUNCTION sine_and_cosine_float64 sincos_near_float64(double x) {
  return sincos_of_reduced_float64(reduce_float64(x));
}
FUNCTION sine_and_cosine_float64 sincos_float64(double x) {
  return sincos_of_reduced_float64(reduce_any_float64(x));
}

// The rest.

#define SAME_AS_LIBM(name) \
  static inline double name##_float64(double x) { return name(x); }
#define SAME_AS_LIBM_2(name) \
  static inline double name##_float64(double x, double y) { return name(x, y); }

SAME_AS_LIBM(log2) SAME_AS_LIBM(log10) SAME_AS_LIBM(tan)
SAME_AS_LIBM(asin) SAME_AS_LIBM(acos) SAME_AS_LIBM(atan) SAME_AS_LIBM_2(atan2)
SAME_AS_LIBM(sinh) SAME_AS_LIBM(cosh)
SAME_AS_LIBM(asinh) SAME_AS_LIBM(acosh) SAME_AS_LIBM(atanh)
SAME_AS_LIBM(erf) SAME_AS_LIBM_2(pow) SAME_AS_LIBM_2(hypot)

static inline double multiply_add_float64(double x, double y, double z) { return fma(x, y, z); }

#undef SAME_AS_LIBM
#undef SAME_AS_LIBM_2

static inline double sqrt_float64(double x) { return __builtin_elementwise_sqrt(x); }
static inline double rsqrt_float64(double x) { return 1 / __builtin_elementwise_sqrt(x); }
