#include "CKernels.h"

#include <stddef.h>

#if defined(__x86_64__)
#define LEVELS(X) X(baseline) X(avx2) X(avx512)
#else
#define LEVELS(X) X(baseline)
#endif

#define DECLARE(level) extern const bp_kernels bp_float32_##level, bp_float64_##level;
LEVELS(DECLARE)
#undef DECLARE

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

const bp_kernels *bp_kernels_float32(uint32_t level) {
#define ADDRESS(level) &bp_float32_##level,
  static const bp_kernels *const kernels[] = {LEVELS(ADDRESS)};
#undef ADDRESS
  return has_level(level) ? kernels[level] : NULL;
}

const bp_kernels *bp_kernels_float64(uint32_t level) {
#define ADDRESS(level) &bp_float64_##level,
  static const bp_kernels *const kernels[] = {LEVELS(ADDRESS)};
#undef ADDRESS
  return has_level(level) ? kernels[level] : NULL;
}

const char *bp_operation_name(uint32_t op) {
  static const char *const names[] = {
#define BP_NAME(name) #name,
      BP_OPERATIONS(BP_NAME) BP_ARRAY_OPERATIONS(BP_NAME) BP_FUSED_OPERATIONS(BP_NAME)
#undef BP_NAME
  };
  return op < bp_opcode_count ? names[op] : NULL;
}

const char *bp_chain_step_name(uint32_t step) {
#define BP_NAME(name) #name,
  static const char *const names[] = {BP_CHAIN_STEPS(BP_NAME)};
#undef BP_NAME
  return step < bp_chain_step_count ? names[step] : NULL;
}

const char *bp_update_name(uint32_t rule) {
#define BP_NAME(name, vectors, settings) #name,
  static const char *const names[] = {BP_UPDATES(BP_NAME)};
#undef BP_NAME
  return rule < bp_update_count ? names[rule] : NULL;
}

size_t bp_update_vectors(uint32_t rule) {
#define BP_VECTORS(name, vectors, settings) vectors,
  static const uint8_t counts[] = {BP_UPDATES(BP_VECTORS)};
#undef BP_VECTORS
  return counts[rule];
}

size_t bp_update_settings(uint32_t rule) {
#define BP_SETTINGS(name, vectors, settings) settings,
  static const uint8_t counts[] = {BP_UPDATES(BP_SETTINGS)};
#undef BP_SETTINGS
  return counts[rule];
}

size_t bp_outer_scratch(size_t columns) {
  // Whole panels of the widest level.
  return 64 * ((columns + 31) / 32 * 32);
}
