/// float64 elementary functions: libm's, whose last bits depend on its version and the CPU.
#include <math.h>

#define SAME_AS_LIBM(name) \
  static inline double name##_float64(double x) { return name(x); }
#define SAME_AS_LIBM_2(name) \
  static inline double name##_float64(double x, double y) { return name(x, y); }

SAME_AS_LIBM(exp) SAME_AS_LIBM(expm1)
SAME_AS_LIBM(log) SAME_AS_LIBM(log1p) SAME_AS_LIBM(log2) SAME_AS_LIBM(log10)
SAME_AS_LIBM(sin) SAME_AS_LIBM(cos) SAME_AS_LIBM(tan)
SAME_AS_LIBM(asin) SAME_AS_LIBM(acos) SAME_AS_LIBM(atan) SAME_AS_LIBM_2(atan2)
SAME_AS_LIBM(sinh) SAME_AS_LIBM(cosh) SAME_AS_LIBM(tanh)
SAME_AS_LIBM(asinh) SAME_AS_LIBM(acosh) SAME_AS_LIBM(atanh)
SAME_AS_LIBM(erf) SAME_AS_LIBM_2(pow) SAME_AS_LIBM_2(hypot)

static inline double multiply_add_float64(double x, double y, double z) { return fma(x, y, z); }

#undef SAME_AS_LIBM
#undef SAME_AS_LIBM_2

static inline double sigmoid_float64(double x) { return 1 / (1 + exp(-x)); }
static inline double sqrt_float64(double x) { return __builtin_elementwise_sqrt(x); }
static inline double rsqrt_float64(double x) { return 1 / __builtin_elementwise_sqrt(x); }
