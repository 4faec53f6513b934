// Compares a float32 function of the kernels with the true value at each of the 2^32 floats:
// functions NAME [LEVEL], the best level that the processor has unless one is given.
//
// The true value is libm's in double where an error of 8 of its last places would change no float, else that
// of MPFR in 200 bits.

#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

enum { block = 4096, precise = 200 };

static double sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
static double rsqrt(double x) { return 1 / sqrt(x); }

static int mpfr_sigmoid(mpfr_t out, const mpfr_t x, mpfr_rnd_t rounding) {
  mpfr_neg(out, x, rounding);
  mpfr_exp(out, out, rounding);
  mpfr_add_ui(out, out, 1, rounding);
  return mpfr_ui_div(out, 1, out, rounding);
}

typedef struct {
  const char *name;
  double (*near)(double);
  int (*precise)(mpfr_t, const mpfr_t, mpfr_rnd_t);
} reference;

static const reference references[] = {
#define SAME(name) {#name, name, mpfr_##name},
    SAME(exp) SAME(expm1) SAME(log) SAME(log1p) SAME(log2) SAME(log10) SAME(sqrt)
    {"rsqrt", rsqrt, mpfr_rec_sqrt},
    SAME(sin) SAME(cos) SAME(tan) SAME(asin) SAME(acos) SAME(atan)
    SAME(sinh) SAME(cosh) SAME(tanh) SAME(asinh) SAME(acosh) SAME(atanh) SAME(erf) SAME(sigmoid)
#undef SAME
};

static float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// What x has to be rounded to; counts up `asked` where MPFR had to say it.
static float rounded(const reference *function, float x, double near, long *asked) {
  const double least = near * (1 - 0x1p-49), most = near * (1 + 0x1p-49);
  if ((float)least == (float)most || near != near) { return (float)near; }
  mpfr_t argument, value;
  mpfr_inits2(precise, argument, value, (mpfr_ptr)0);
  mpfr_set_flt(argument, x, MPFR_RNDN);
  function->precise(value, argument, MPFR_RNDN);
  // Rounds once, to subnormal floats too.
  const float result = mpfr_get_flt(value, MPFR_RNDN);
  mpfr_clears(argument, value, (mpfr_ptr)0);
  ++*asked;
  return result;
}

/// One by the unit in the last place of a float near x.
static double places(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint64_t biased = bits >> 52 & 0x7ff, exponent = biased < 1023 - 126 ? 1023 - 126 : biased;
  bits = (2 * 1023 + 23 - exponent) << 52;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static uint32_t opcode(const char *name) {
  uint32_t op = 0;
  while (op < bp_elementwise_count && strcmp(bp_operation_name(op), name) != 0) { op++; }
  return op;
}

int main(int count, char **arguments) {
  const reference *function = NULL;
  for (size_t i = 0; count > 1 && i < sizeof references / sizeof *references; i++) {
    if (strcmp(references[i].name, arguments[1]) == 0) { function = &references[i]; }
  }
  uint32_t level = count > 2 ? (uint32_t)atoi(arguments[2]) : bp_level_count;
  if (level >= bp_level_count) {
    level = bp_level_count;
    while (bp_kernels_float32(--level) == NULL) {}
  }
  const bp_kernels *kernels = bp_kernels_float32(level);
  if (function == NULL || kernels == NULL) {
    fprintf(stderr, "usage: functions NAME [LEVEL]\n");
    return 64;
  }
  const bp_instruction code = {opcode(function->name), 1, 0, 0, 0, 1, 1, 0};
  static float values[block], results[block];
  void *slots[] = {values, results};
  const size_t strides[] = {0, 0};
  long wrong = 0, asked = 0;
  double largest = 0;
  float where = 0;
  for (uint64_t at = 0; at < (uint64_t)1 << 32; at += block) {
    for (uint32_t i = 0; i < block; i++) { values[i] = from_bits((uint32_t)at + i); }
    kernels->run(&code, 1, (bp_values){slots, strides}, block);
    for (uint32_t i = 0; i < block; i++) {
      const float x = values[i], found = results[i];
      const double near = function->near((double)x);
      const float right = rounded(function, x, near, &asked);
      if (isnan(found) && isnan(right)) { continue; }
      if (found != right || signbit(found) != signbit(right)) { wrong++; }
      if (isinf(found) || isinf(right) || isnan(found) || isnan(right)) { continue; }
      const double error = fabs((double)found - near) * places(near);
      if (error > largest) { largest = error, where = x; }
    }
  }
  printf(
      "%-8s %ld not rounded correctly, largest error %.6f ulp at %a; MPFR was asked %ld times\n",
      function->name, wrong, largest, (double)where, asked);
  return 0;
}
