#include "CKernels.h"

#include <math.h>
#include <stdint.h>

// The baseline of x86-64 has no fused multiply-add, any other machine's has.
#define LEVEL baseline
#define VECTOR_BYTES 16
#define FOUR_VECTORS 8
#define TILE_ROWS 6
#if defined(__x86_64__)
#define HAS_FMA 0
#else
#define HAS_FMA 1
#endif
#include "level.inc"
