// The bounds of this processor, one core: fused multiply-adds by vector width, and bytes read from arrays that fit
// into each cache and into none. Prints the best of many turns.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

enum { chains = 12, steps = 100000, turns = 200 };

// Chains of multiply-adds, enough to wait for none: `lanes` values in a vector, two operations for each.
#define PEAK(name, type, lanes, level) \
  typedef type name##_vector __attribute__((vector_size(lanes * sizeof(type)))); \
  __attribute__((target(level), noinline)) static double name(void) { \
    double best = 0; \
    for (int turn = 0; turn < turns; turn++) { \
      name##_vector x[chains]; \
      const name##_vector a = {0}, b = {1}; \
      for (int i = 0; i < chains; i++) { x[i] = b; } \
      const double start = now(); \
      for (int step = 0; step < steps; step++) { \
        _Pragma("clang loop unroll(full)") \
        for (int i = 0; i < chains; i++) { x[i] = __builtin_elementwise_fma(x[i], a, b); } \
        _Pragma("clang loop unroll(full)") \
        for (int i = 0; i < chains; i++) { __asm__ volatile("" : "+x"(x[i])); } \
      } \
      const double rate = 2.0 * lanes * chains * steps / (now() - start); \
      if (rate > best) { best = rate; } \
    } \
    return best; \
  }
#define BANDWIDTH(name, lanes, level) \
  typedef double name##_vector __attribute__((vector_size(lanes * 8))); \
  __attribute__((target(level), noinline)) static double name(const double *values, size_t bytes) { \
    const name##_vector *x = (const name##_vector *)values; \
    const size_t count = bytes / sizeof *x; \
    double best = 0; \
    for (int turn = 0; turn < turns / 4; turn++) { \
      const size_t passes = 1 + (1 << 24) / bytes; \
      const double start = now(); \
      for (size_t pass = 0; pass < passes; pass++) { \
        for (size_t i = 0; i + 8 <= count; i += 8) { \
          _Pragma("clang loop unroll(full)") \
          for (size_t k = 0; k < 8; k++) { __asm__ volatile("" : : "x"(x[i + k])); } \
        } \
      } \
      const double rate = (double)(passes * bytes) / (now() - start); \
      if (rate > best) { best = rate; } \
    } \
    return best; \
  }

#if defined(__x86_64__)
PEAK(float_avx2, float, 8, "arch=x86-64-v3")
PEAK(double_avx2, double, 4, "arch=x86-64-v3")
PEAK(float_avx512, float, 16, "arch=x86-64-v4")
PEAK(double_avx512, double, 8, "arch=x86-64-v4")
BANDWIDTH(read_avx2, 4, "arch=x86-64-v3")
BANDWIDTH(read_avx512, 8, "arch=x86-64-v4")
#else
#error "measures x86-64 alone"
#endif

int main(void) {
  static const struct { const char *name; size_t bytes; } places[] = {
      {"L1 (16 KB)", 16 << 10}, {"L2 (256 KB)", 256 << 10}, {"L3 (4 MB)", 4 << 20}, {"memory (256 MB)", 256 << 20}};
  const int has_avx512 = __builtin_cpu_supports("avx512f");
  printf("AVX2    float32 %6.1f GFLOP/s, float64 %6.1f\n", float_avx2() / 1e9, double_avx2() / 1e9);
  if (has_avx512) { printf("AVX-512 float32 %6.1f GFLOP/s, float64 %6.1f\n", float_avx512() / 1e9, double_avx512() / 1e9); }
  double *values = aligned_alloc(64, 256 << 20);
  if (values == NULL) { return 1; }
  for (size_t i = 0; i < (256 << 20) / sizeof *values; i++) { values[i] = 1; }
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    printf("%-16s %6.1f GB/s", places[i].name, read_avx2(values, places[i].bytes) / 1e9);
    if (has_avx512) { printf(", AVX-512 %6.1f", read_avx512(values, places[i].bytes) / 1e9); }
    printf("\n");
  }
  free(values);
  return 0;
}
