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

/// A batch of rows on its way through a program, shared by the workers of a pool.
typedef struct {
  const bp_instruction *code;
  size_t count;
  /// Each worker's places for values.
  void **const *slots;
  /// Where the columns, whose slots come first, have the batch's first row.
  const void *const *columns;
  size_t column_count;
  /// Values of the step that rows read: worker 0 has them in the first lane.
  const uint32_t *shared;
  size_t shared_count;
  const uint32_t *outputs;
  size_t output_count;
  size_t rows, block_rows;
  /// Room for a value for each chunk of each output, output by output.
  void *chunk_sums;
  /// The first block that nobody has taken yet; 0 at the start.
  size_t next_block;
} bp_batch;

/// What every worker of a pool does with what they share.
typedef void bp_job(void *context, size_t worker);

/// A worker's part of a batch, which is the context: takes blocks while there are any, runs them and
/// sums their chunks.
///
/// A chunk is 64 rows, counted from the batch's first. Lane i and i+32 are added, then +16, 8, 4, 2,
/// 1, in the values' precision; a missing row counts as -0. No sum depends on who takes which block.
typedef bp_job bp_share;

/// Adds up the chunk sums of one output, in row order in double.
typedef double bp_fold(const bp_batch *batch, size_t output);

/// A program made ready for gradient descent, a row a step.
typedef struct {
  /// What is done before each row with the parameters alone, then with the row.
  const bp_instruction *step_code, *row_code;
  size_t step_count, row_count;
  /// The values' places; those of the columns, which come first, point at the row that is next.
  void **slots;
  size_t column_count;
  /// The slots of the loss and of its gradients.
  const uint32_t *outputs;
  /// The parameters' values, in their slots, and room for as many.
  void *parameters, *candidates;
  size_t parameter_count;
  double learning_rate;
} bp_descent;

/// Does up to `rows` steps, p = p - learning_rate * g in two rounded operations, and counts them.
///
/// It stops before a step whose loss or parameters would not be finite. Adds each step's loss to
/// `total`; the last one's is in its slot.
typedef size_t bp_descend(const bp_descent *descent, size_t rows, double *total);

/// The kernels of one precision, compiled for one set of vector instructions.
typedef struct {
  bp_run *run;
  bp_share *share;
  bp_fold *fold;
  bp_descend *descend;
} bp_kernels;

/// Sets of vector instructions, each with all of the one before. Any other machine has the first only.
enum { bp_level_baseline, bp_level_avx2, bp_level_avx512, bp_level_count };

/// The kernels of a level, or NULL if this machine lacks its instructions.
const bp_kernels *bp_kernels_float32(uint32_t level);
const bp_kernels *bp_kernels_float64(uint32_t level);

/// A fixed set of threads; the caller of bp_pool_run is its worker 0.
typedef struct bp_pool bp_pool;

/// Starts `workers` - 1 threads, or as many as the system allows; NULL if memory is out.
bp_pool *bp_pool_create(size_t workers);
/// Has every worker do the job, and waits for all.
void bp_pool_run(bp_pool *pool, bp_job *job, void *context);
/// Ends the threads.
void bp_pool_destroy(bp_pool *pool);

#endif
