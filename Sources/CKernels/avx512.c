#include "CKernels.h"

#include <math.h>
#include <stdint.h>

#if defined(__x86_64__)
// Without the width clang would keep to 256 bits.
#pragma clang attribute push( \
    __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define LEVEL avx512
#define VECTOR_BYTES 64
#define FOUR_VECTORS 32
#define TILE_ROWS 12
#define HAS_FMA 1
#include "level.inc"
#pragma clang attribute pop
#endif
