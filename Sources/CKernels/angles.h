/// float32 trigonometric functions, made of what functions.h begins with.

// Sine, cosine, tangent: x = quadrant · π/2 + angle, |angle| <= π/4.

typedef struct {
  double angle;
  uint64_t quadrant;  // modulo 4; higher bits mean nothing
} reduced_angle;

/// Up to here `reduce` is exact to the last bits of a double; beyond, `reduce_far` is.
static const float far = 0x1p27f;

/// π/2 as the sum of two doubles. The product with the first is exact in what is left of x.
FUNCTION reduced_angle reduce(double x) {
  double shifted = fused(x, 0x1.45f306dc9c883p-1, rounder), n = shifted - rounder;
  double angle = fused(n, -0x1.1a62633145c07p-54, fused(n, -half_pi, x));
  return (reduced_angle){angle, to_bits(shifted)};
}

/// Any x beyond: its 24 bits times the 128 bits of 2/π that matter modulo whole turns.
static inline reduced_angle reduce_far(float x) {
  if (!(__builtin_fabsf(x) < INFINITY)) { return (reduced_angle){NAN, 0}; }
  // x is fraction · 2^exponent, with 4 <= exponent <= 104.
  uint64_t wide = to_bits(x), fraction = (wide >> 29 & 0x7fffff) | 0x800000;
  unsigned exponent = (unsigned)(wide >> 52 & 0x7ff) - 1023 - 23;
  unsigned start = exponent + 64 - 2, index = start / 64, shift = start % 64;
  typedef unsigned __int128 wide_integer;
  wide_integer window = (wide_integer)two_over_pi[index] << 64 | two_over_pi[index + 1];
  if (shift > 0) { window = window << shift | two_over_pi[index + 2] >> (64 - shift); }
  // In units of 2^-126 quarter turns; what overflows are whole turns.
  wide_integer quarters = window * fraction;
  uint64_t quadrant = (uint64_t)((quarters + ((wide_integer)1 << 125)) >> 126);
  quarters -= (wide_integer)quadrant << 126;
  double rest = (double)(int64_t)(quarters >> 64) * 0x1p-62 + (double)(uint64_t)quarters * 0x1p-126;
  double angle = rest * half_pi;
  return (reduced_angle){x < 0 ? -angle : angle, x < 0 ? -quadrant : quadrant};
}

/// A product, which leaves -0 as it is.
FUNCTION double sin_of_angle(double angle) {
  double square = angle * angle;
  return angle * fused(square, CHAIN(sin_rest, square), 1);
}
FUNCTION double cos_of_angle(double angle) {
  double square = angle * angle;
  return fused(square, fused(square, CHAIN(cos, square), -0.5), 1);
}

/// `a` in even quadrants, `b` in odd ones.
FUNCTION double by_parity(uint64_t quadrant, double a, double b) {
  return (quadrant & 1) != 0 ? b : a;
}

/// The sine of a reduced angle; its cosine is the sine one quadrant further.
FUNCTION float sin_of_reduced(reduced_angle r) {
  double sine = by_parity(r.quadrant, sin_of_angle(r.angle), cos_of_angle(r.angle));
  return (float)from_bits(to_bits(sine) ^ (r.quadrant & 2) << 62);
}
FUNCTION float cos_of_reduced(reduced_angle r) {
  return sin_of_reduced((reduced_angle){r.angle, r.quadrant + 1});
}
FUNCTION float tan_of_reduced(reduced_angle r) {
  double sine = sin_of_angle(r.angle), cosine = cos_of_angle(r.angle);
  double above = by_parity(r.quadrant, sine, -cosine);
  return (float)(above / by_parity(r.quadrant, cosine, sine));
}

FUNCTION int is_far_float32(float x) { return !(__builtin_fabsf(x) <= far); }
FUNCTION reduced_angle reduce_any(float x) { return is_far_float32(x) ? reduce_far(x) : reduce(x); }

FUNCTION float sin_near_float32(float x) { return sin_of_reduced(reduce(x)); }
FUNCTION float cos_near_float32(float x) { return cos_of_reduced(reduce(x)); }
FUNCTION float tan_near_float32(float x) { return tan_of_reduced(reduce(x)); }
FUNCTION float sin_float32(float x) { return sin_of_reduced(reduce_any(x)); }
FUNCTION float cos_float32(float x) { return cos_of_reduced(reduce_any(x)); }
FUNCTION float tan_float32(float x) { return tan_of_reduced(reduce_any(x)); }

typedef struct {
  float sine, cosine;
} sine_and_cosine_float32;

FUNCTION sine_and_cosine_float32 sincos_of_reduced(reduced_angle r) {
  return (sine_and_cosine_float32){sin_of_reduced(r), cos_of_reduced(r)};
}
FUNCTION sine_and_cosine_float32 sincos_near_float32(float x) { return sincos_of_reduced(reduce(x)); }
FUNCTION sine_and_cosine_float32 sincos_float32(float x) { return sincos_of_reduced(reduce_any(x)); }

// Inverse functions.

/// The angle of the point (x, y) in the first quadrant.
///
/// Rotated back by 0, π/4 or π/2, it is an arc tangent of at most tan(π/8).
FUNCTION double first_quadrant_angle(double y, double x) {
  const double tan_1 = 0x1.a827999fcef32p-2, tan_3 = 0x1.3504f333f9de6p+1;  // of π/8, 3π/8
  y = y > 0x1p1000 ? 0x1p1000 : y;
  x = x > 0x1p1000 ? 0x1p1000 : x;
  int low = y <= tan_1 * x, middle = y <= tan_3 * x;
  double above = low ? y : middle ? y - x : -x;
  double below = low ? x : middle ? y + x : y;
  double base = low ? 0 : middle ? half_pi / 2 : half_pi;
  double t = above / (below == 0 ? 1 : below);
  return fused(t, POLYNOMIAL(atan, t * t), base);
}

FUNCTION float atan_float32(float x) {
  return (float)with_sign(first_quadrant_angle(magnitude(x), 1), x);
}

FUNCTION float atan2_float32(float y, float x) {
  double angle = first_quadrant_angle(magnitude(y), magnitude(x));
  angle = with_sign(1, x) < 0 ? 2 * half_pi - angle : angle;
  return (float)with_sign(angle, y);
}

/// asin a for a <= 1/2; beyond, π/2 less twice the arc sine of √((1 − a)/2), which acos a is twice.
typedef struct {
  int is_large;
  double angle;
} arc;

FUNCTION arc arc_sine(double a) {
  int is_large = a > 0.5;
  double square = is_large ? (1 - a) / 2 : a * a, sine = is_large ? root(square) : a;
  return (arc){is_large, sine * POLYNOMIAL(asin, square)};
}

FUNCTION float asin_float32(float x) {
  arc s = arc_sine(magnitude(x));
  return (float)with_sign(s.is_large ? half_pi - 2 * s.angle : s.angle, x);
}
FUNCTION float acos_float32(float x) {
  arc s = arc_sine(magnitude(x));
  double angle = s.is_large ? 2 * s.angle : half_pi - s.angle;  // of |x|
  return (float)(x < 0 ? 2 * half_pi - angle : angle);
}
