/// Block kernels: one call runs a whole list of operations over a block of rows.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Every operation, in the order of the Swift side's `Op`: its name and how many operands it reads.
#define BP_OPERATIONS(X) \
  X(add, 2) X(subtract, 2) X(multiply, 2) X(divide, 2) X(power, 2) \
  X(negate, 1) X(exp, 1) X(log, 1) X(sqrt, 1) X(sin, 1) X(cos, 1) X(tanh, 1) \
  X(sigmoid, 1) X(relu, 1) X(abs, 1) X(sign, 1) \
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
void bp_run_float32(const bp_instruction *code, size_t count, void *const *slots, size_t rows);
void bp_run_float64(const bp_instruction *code, size_t count, void *const *slots, size_t rows);

/// Adds a plain sum of `rows` values to `total`, in the one order that every level keeps.
///
/// Values go in chunks of 64. Within a chunk lane i and i+32 are added, then +16, 8, 4, 2, 1, in the
/// values' precision; a missing row counts as -0. Chunk sums are added in row order in double.
double bp_sum_float32(double total, const void *values, size_t rows);
double bp_sum_float64(double total, const void *values, size_t rows);

#endif
