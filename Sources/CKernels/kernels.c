#include "CKernels.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

const char *bp_operation_name(uint32_t op) {
  static const char *const names[] = {
#define BP_NAME(name, operands) #name,
      BP_OPERATIONS(BP_NAME)
#undef BP_NAME
  };
  return op < bp_operation_count ? names[op] : NULL;
}

static inline double sigmoid(double x) { return 1 / (1 + exp(-x)); }

// A float32 function is the double function rounded once.
#define FLOAT32(name) \
  static inline float name##_float32(float x) { return (float)name((double)x); }
#define FLOAT64(name) \
  static inline double name##_float64(double x) { return name(x); }
#define BOTH(name) FLOAT32(name) FLOAT64(name)
BOTH(exp) BOTH(log) BOTH(sqrt) BOTH(sin) BOTH(cos) BOTH(tanh) BOTH(sigmoid)

static inline float pow_float32(float x, float y) { return (float)pow((double)x, (double)y); }
static inline double pow_float64(double x, double y) { return pow(x, y); }
static inline float abs_float32(float x) { return __builtin_fabsf(x); }
static inline double abs_float64(double x) { return __builtin_fabs(x); }

#define T float
#define NAME(base) base##_float32
#include "kernels.inc"
#undef T
#undef NAME

#define T double
#define NAME(base) base##_float64
#include "kernels.inc"
#undef T
#undef NAME
