#include "CKernels.h"

// Every operation rounds on its own: nothing becomes a fused multiply-add.
#pragma STDC FP_CONTRACT OFF
// A loop of calls to libm is not vectorised, and need not be.
#pragma clang diagnostic ignored "-Wpass-failed"

#include "functions.h"
#include "angles.h"
#include "float64.h"
#include "philox.h"

static inline int is_elementwise(uint32_t op) {
  return op < bp_elementwise_count || op >= bp_operation_count;
}

// The baseline of x86-64 has no fused multiply-add, any other machine's has.
#define LEVEL baseline
#define VECTOR_BYTES 16
#define TILE_ROWS 6
#if defined(__x86_64__)
#define HAS_FMA 0
#else
#define HAS_FMA 1
#endif
#include "level.inc"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define LEVEL avx2
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#define HAS_FMA 1
#include "level.inc"
#pragma clang attribute pop

// Without the width clang would keep to 256 bits.
#pragma clang attribute push( \
    __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define LEVEL avx512
#define VECTOR_BYTES 64
#define TILE_ROWS 12
#define HAS_FMA 1
#include "level.inc"
#pragma clang attribute pop
#endif

static int has_level(uint32_t level) {
  switch (level) {
    case bp_level_baseline: return 1;
#if defined(__x86_64__)
    case bp_level_avx2: return __builtin_cpu_supports("x86-64-v3");
    case bp_level_avx512: return __builtin_cpu_supports("x86-64-v4");
#endif
    default: return 0;
  }
}

#if defined(__x86_64__)
#define EVERY_LEVEL(kernel) {kernel##_baseline, kernel##_avx2, kernel##_avx512}
#else
#define EVERY_LEVEL(kernel) {kernel##_baseline}
#endif

const bp_kernels *bp_kernels_float32(uint32_t level) {
  static const bp_kernels kernels[] = EVERY_LEVEL(float32);
  return has_level(level) ? &kernels[level] : NULL;
}

const bp_kernels *bp_kernels_float64(uint32_t level) {
  static const bp_kernels kernels[] = EVERY_LEVEL(float64);
  return has_level(level) ? &kernels[level] : NULL;
}

const char *bp_operation_name(uint32_t op) {
  static const char *const names[] = {
#define BP_NAME(name) #name,
      BP_OPERATIONS(BP_NAME) BP_ARRAY_OPERATIONS(BP_NAME) BP_FUSED_OPERATIONS(BP_NAME)
#undef BP_NAME
  };
  return op < bp_opcode_count ? names[op] : NULL;
}

size_t bp_outer_scratch(size_t columns) {
  // Whole panels of the widest level.
  return 64 * ((columns + 31) / 32 * 32);
}
