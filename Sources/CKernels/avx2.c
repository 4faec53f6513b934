#include "CKernels.h"

#include <math.h>
#include <stdint.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define LEVEL avx2
#define VECTOR_BYTES 32
#define FOUR_VECTORS 16
#define TILE_ROWS 6
#define HAS_FMA 1
#include "level.inc"
#pragma clang attribute pop
#endif
