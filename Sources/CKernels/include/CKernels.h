/// Block kernels: one call runs a whole list of operations over a block of rows.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The operations with kernels, in the order of the Swift side's `Op`: each one's name and how many operands it reads.
#define BP_OPERATIONS(X) \
  X(add, 2) X(subtract, 2) X(multiply, 2) X(divide, 2) X(power, 2) X(negate, 1) \
  X(exp, 1) X(expm1, 1) X(log, 1) X(log1p, 1) X(log2, 1) X(log10, 1) X(sqrt, 1) X(rsqrt, 1) \
  X(sin, 1) X(cos, 1) X(tan, 1) X(asin, 1) X(acos, 1) X(atan, 1) X(atan2, 2) X(hypot, 2) \
  X(sinh, 1) X(cosh, 1) X(tanh, 1) X(asinh, 1) X(acosh, 1) X(atanh, 1) \
  X(erf, 1) X(sigmoid, 1) X(relu, 1) X(abs, 1) X(sign, 1) X(maximum, 2) X(minimum, 2) \
  X(equal, 2) X(less, 2) X(lessOrEqual, 2) X(select, 3)

enum {
#define BP_OPCODE(name, operands) bp_op_##name,
  BP_OPERATIONS(BP_OPCODE)
#undef BP_OPCODE
  bp_operation_count
};

/// The name of an operation, or NULL past the last one.
const char *bp_operation_name(uint32_t op);

/// One operation on whole blocks: slots[out][i] = op(slots[a][i], slots[b][i], slots[c][i]).
///
/// `out` may be one of the operands. Operands that the operation does not have are ignored.
typedef struct {
  uint32_t op, out, a, b, c;
} bp_instruction;

/// Runs `count` instructions in order, each over the first `rows` values of its slots.
typedef void bp_run(const bp_instruction *code, size_t count, void *const *slots, size_t rows);

/// Adds a plain sum of `rows` values to `total`, in the one order that every level keeps.
///
/// Values go in chunks of 64. Within a chunk lane i and i+32 are added, then +16, 8, 4, 2, 1, in the
/// values' precision; a missing row counts as -0. Chunk sums are added in row order in double.
typedef double bp_sum(double total, const void *values, size_t rows);

/// The kernels of one precision, compiled for one set of vector instructions.
typedef struct {
  bp_run *run;
  bp_sum *sum;
} bp_kernels;

/// Sets of vector instructions, each with all of the one before. Any other machine has the first only.
enum { bp_level_baseline, bp_level_avx2, bp_level_avx512, bp_level_count };

/// The kernels of a level, or NULL if this machine lacks its instructions.
const bp_kernels *bp_kernels_float32(uint32_t level);
const bp_kernels *bp_kernels_float64(uint32_t level);

#endif
