/// Block kernels: one call runs a whole list of operations over a block of rows.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The operations with kernels, in the order of the Swift side's `Op`.
#define BP_OPERATIONS(X) \
  X(add) X(subtract) X(multiply) X(divide) X(power) X(negate) \
  X(exp) X(expm1) X(log) X(log1p) X(log2) X(log10) X(sqrt) X(rsqrt) \
  X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(atan2) X(hypot) \
  X(sinh) X(cosh) X(tanh) X(asinh) X(acosh) X(atanh) \
  X(erf) X(sigmoid) X(relu) X(abs) X(sign) X(maximum) X(minimum) \
  X(equal) X(less) X(lessOrEqual) X(select)

/// The operations that are not elementwise, which follow in the same order.
#define BP_ARRAY_OPERATIONS(X) \
  X(sum) X(max) X(argmax) X(dot) X(outer) X(matvec) X(vecmat) X(linear) \
  X(pick) X(place) X(fill) X(concat) X(slice) X(pad) X(uniform)

/// What programs put in place of several elementwise operations: the same bits in one pass.
///
/// `sincos` is the sine of `a`, and the cosine goes to `b`; `reluSlope` is where(a <= 0, 0, b).
#define BP_FUSED_OPERATIONS(X) X(sincos) X(reluSlope)

enum {
#define BP_OPCODE(name) bp_op_##name,
  BP_OPERATIONS(BP_OPCODE)
  bp_elementwise_count,
  bp_op_before_arrays = bp_elementwise_count - 1,
  BP_ARRAY_OPERATIONS(BP_OPCODE)
  bp_operation_count,
  bp_op_before_fused = bp_operation_count - 1,
  BP_FUSED_OPERATIONS(BP_OPCODE)
#undef BP_OPCODE
  bp_opcode_count
};

/// The steps of a chain, which is arithmetic on single values that stay in registers: its own values start with
/// `load`, and each step combines them with the rows of slot `a`, or with the one value there.
///
/// `subtractFrom` and `divideInto` take its own values as the second operand. `store` puts them into slot `out`. Sums
/// are taken over chunks as bp_share does, leave the chain's values as they are, and go to output `out`.
#define BP_CHAIN_STEPS(X) \
  X(load) X(store) X(add) X(addScalar) X(subtract) X(subtractScalar) X(subtractFrom) X(subtractFromScalar) \
  X(multiply) X(multiplyScalar) X(divide) X(divideScalar) X(divideInto) X(divideIntoScalar) X(negate) X(square) \
  X(sum) X(sumOfSquares) X(sumOfProducts)

enum {
#define BP_STEP(name) bp_chain_##name,
  BP_CHAIN_STEPS(BP_STEP)
#undef BP_STEP
  bp_chain_step_count
};

/// How many sums a chain takes at most.
#define bp_most_chain_sums 32

/// The instruction before a chain's steps; `count` says how many they are. Their `op` is the step. Chains are for
/// blocks whose rows have room for whole chunks of 64, and are not among the operations with numbers below.
enum { bp_op_chain = UINT16_MAX };

/// The name of a step, or NULL past the last one.
const char *bp_chain_step_name(uint32_t step);

/// The name of what an opcode stands for, or NULL past the last one.
const char *bp_operation_name(uint32_t op);

/// One operation on whole blocks: row i of element e of slots[out] comes of row i of the operands' elements.
///
/// `out` may be one of the operands of an elementwise operation, and of no other. Operands that the
/// operation does not have repeat the first.
typedef struct {
  uint32_t op, out, a, b, c;
  /// How many elements the result has.
  uint32_t count;
  /// How many are summed or looked through for each of them; of `concat`, how many `a` has.
  uint32_t inner;
  /// The index of the first element that `slice` takes or `pad` puts.
  uint32_t first;
} bp_instruction;

#define bp_no_slot UINT32_MAX

/// Where values are: row i of element e of a slot is at slots[slot][e * strides[slot] + i].
///
/// A scalar has the stride 0. A matrix with the stride 1 in a block of several rows is one for all rows.
typedef struct {
  void *const *slots;
  const size_t *strides;
} bp_values;

/// Runs `count` instructions in order, each over the first `rows` values of its slots.
typedef void bp_run(const bp_instruction *code, size_t count, bp_values values, size_t rows);

/// A value that is summed over the rows of a batch.
typedef struct {
  /// A slot, or the two vectors whose outer product it is; bp_no_slot where a chain sums it.
  uint32_t a, b;
  /// How many elements it has, and how many of them stand in a row of the outer product; 0 for a slot.
  uint32_t count, columns;
} bp_output;

/// A value of the step that rows read: it is copied to all lanes of a block.
typedef struct {
  uint32_t from, to, count;
} bp_shared;

/// The rules by which gradients move parameters, each element by itself; their formulas are in updates.inc.
///
/// With each, how many vectors it remembers, and how many settings its formula reads.
#define BP_UPDATES(X) \
  X(descent, 0, 2) X(momentum, 1, 4) X(nesterov, 1, 5) \
  X(adam, 2, 8) X(amsgrad, 3, 8) X(nadam, 2, 8) X(radam, 2, 9) X(radamStart, 2, 6) X(adamax, 2, 5) \
  X(rmsprop, 1, 5) X(rmspropCentred, 2, 5) X(rmspropMomentum, 2, 6) X(rmspropCentredMomentum, 3, 6) \
  X(adagrad, 1, 3) X(adadelta, 2, 5) X(asgd, 1, 4) X(rprop, 2, 4)

enum {
#define BP_UPDATE(name, vectors, settings) bp_update_##name,
  BP_UPDATES(BP_UPDATE)
#undef BP_UPDATE
  bp_update_count
};

/// The name of a rule, or NULL past the last one, and how many vectors and settings it has.
const char *bp_update_name(uint32_t rule);
size_t bp_update_vectors(uint32_t rule);
size_t bp_update_settings(uint32_t rule);

/// A step of parameters along gradients, shared by the workers of a pool.
typedef struct {
  uint32_t rule;
  /// Each is rounded to the precision.
  const double *settings;
  /// How many elements the parameters have.
  size_t count;
  /// Where they are and where they go, which may be the same place.
  const void *parameters;
  void *moved;
  /// The vectors that the rule remembers, each `count` values, one after the other.
  void *memory;
  /// As many; not read in a batch, whose means they are.
  const void *gradients;
  /// The first element that nobody has taken yet.
  size_t next;
  /// 1 once a parameter has ended up infinite or nan.
  int has_failed;
} bp_update;

/// A worker's part of a step: takes elements while there are any, and moves them.
typedef void bp_move(void *update, size_t worker);

/// A batch of rows on its way through a program, shared by the workers of a pool.
typedef struct {
  const bp_instruction *code;
  size_t count;
  /// Each worker's slots, and the strides of all.
  void **const *slots;
  const size_t *strides;
  /// Where the columns, whose slots come first, have a row of the batch: see `first_row`.
  const void *const *columns;
  size_t column_count;
  const bp_shared *shared;
  size_t shared_count;
  /// For each worker, 1 once its slots have what is shared by the rows of this batch.
  uint8_t *has_spread;
  const bp_output *outputs;
  size_t output_count;
  /// How many elements the outputs have together.
  size_t width;
  size_t rows;
  /// The row that the columns begin with, counted from the batch's first.
  size_t first_row;
  size_t block_rows;
  /// What the sums are divided by: the number of rows, or the sum of their weights.
  double divisor;
  /// Each worker's room to transpose a block.
  void *const *scratch;
  /// Room for the sums of `wave_rows` rows, a power of two of chunks, chunk by chunk, each `width` values.
  void *chunk_sums;
  size_t wave_rows;
  /// The wave that is worked on: its first row, and the first block that nobody has taken yet.
  size_t wave_start, next_block;
  /// Room for subtrees that wait for their neighbours, each `width` values: for every bit of the number of
  /// waves before this one that of so many of them.
  double *subtrees;
  /// Where the means go, and the first of them that nobody has taken yet.
  void *means;
  size_t next_mean;
  /// NULL, or the step along all means but the first: only that one is then put where the means go, unless
  /// all are kept.
  bp_update *update;
  int keeps_means;
  /// NULL, or where the sums go, `width` values: then there are no means and no step.
  double *totals;
} bp_batch;

/// A worker's part of a wave of a batch: takes blocks while there are any, runs them and sums their chunks.
///
/// A chunk is 64 rows, counted from the batch's first. Lane i and i+32 are added, then +16, 8, 4, 2,
/// 1, in the values' precision; a missing row counts as -0. An outer product is a chain of fused
/// multiply-adds over the rows from +0. No sum depends on who takes which block.
typedef void bp_share(void *batch, size_t worker);

/// A worker's part of the end of a wave: adds up its chunk sums, and after the last wave divides by the
/// divisor, rounds once and moves the parameters, some elements after the others while they are in the cache.
///
/// They are added in double by a binary tree over the chunks' numbers: 2k and 2k+1, then those pairs with
/// their neighbours, and so on; one without a neighbour goes up as it is. A wave is a subtree.
typedef void bp_fold(void *batch, size_t worker);

/// A program made ready for gradient descent, one row per step.
typedef struct {
  /// What is done before each row with the parameters alone, then with the row.
  const bp_instruction *step_code, *row_code;
  size_t step_count, row_count;
  /// Where the values are; the columns' slots, which come first, point at the row that is next.
  void **slots;
  const size_t *strides;
  size_t column_count;
  /// The loss and its gradients.
  const bp_output *outputs;
  size_t output_count;
  /// The parameters' values, one after the other, and room for as many and for all outputs.
  void *parameters, *candidates, *results;
  size_t parameter_count;
  void *scratch;
  double learning_rate;
} bp_descent;

/// Does up to `rows` steps, p = p - learning_rate * g in two rounded operations, and counts them.
///
/// It stops before a step whose loss or parameters would not be finite. Adds each step's loss to
/// `total`; the last one's is the first result.
typedef size_t bp_descend(const bp_descent *descent, size_t rows, double *total);

/// A term of a weighted sum: a parameter, or a parameter times the value in a slot, added or subtracted.
typedef struct {
  uint32_t slot, parameter;
  /// 1 or -1.
  int32_t sign;
} bp_term;

#define bp_most_terms 64

/// Gradient descent, one row per step, where the parameters enter by one weighted sum.
typedef struct {
  /// What comes of the columns alone, done for 64 rows at once, and what comes of the sum, done for each.
  const bp_instruction *feature_code, *loss_code;
  size_t feature_count, loss_count;
  /// Columns come first, then features, each with room for 64 rows, then values of a row.
  void **slots;
  const size_t *strides;
  size_t slot_count, column_count;
  /// As many slots again, for a row, and which of them are columns or features that the loss reads.
  void **row_slots;
  const uint32_t *read_slots;
  size_t read_count;
  /// Up to bp_most_terms, in the order of the sum, one for each parameter.
  const bp_term *terms;
  size_t term_count;
  /// Where the sum goes, and where the loss and its slope by the sum come from.
  uint32_t sum, loss, slope;
  /// Where the loss is (sum - y)^2 the slot of y, else bp_no_slot; then its code need not be run.
  uint32_t target;
  void *parameters, *results;
  double learning_rate;
} bp_linear_descent;

/// As bp_descend, for such a program: the same steps, to the bit.
typedef size_t bp_descend_linearly(const bp_linear_descent *descent, size_t rows, double *total);

/// Sums the outputs over up to 64 rows from `first` on, into as many values as they have elements.
typedef void bp_reduce(
    const bp_output *outputs, size_t count, bp_values values, size_t first, size_t rows,
    void *scratch, void *sums);

/// Whether none of the values is infinite or nan.
typedef int bp_are_finite(const void *values, size_t count);

/// How many values of scratch the sum of outer products with rows of that length takes.
size_t bp_outer_scratch(size_t columns);

/// How machine code calls functions of single values: on x86-64 so that ten of the registers keep their values.
#if defined(__x86_64__)
#define BP_ROW_CALL __attribute__((ms_abi))
#else
#define BP_ROW_CALL
#endif

/// The address of a function.
typedef void bp_function(void);

/// The kernels of one precision, compiled for one set of vector instructions.
typedef struct {
  /// How many bytes a value has.
  uint32_t value_bytes;
  /// For each elementwise operation, the fused ones after them: T (T x, T y, T z, T *second) by BP_ROW_CALL.
  bp_function *const *functions;
  bp_run *run;
  bp_share *share;
  bp_fold *fold;
  bp_descend *descend;
  bp_descend_linearly *descend_linearly;
  bp_reduce *reduce;
  bp_move *move;
  bp_are_finite *are_finite;
} bp_kernels;

/// A loss and its gradients for one row, of single values.
typedef struct {
  /// Elementwise operations.
  const bp_instruction *code;
  size_t count;
  /// Slots of columns come first, then of parameters, then of constants, then of results.
  size_t column_count, parameter_count, constant_count, slot_count;
  const double *constants;
  /// The slots of the loss and of its gradient by each parameter.
  const uint32_t *outputs;
} bp_row_program;

/// Machine code for steps of gradient descent, one row per step, and the memory that it works in.
typedef struct bp_machine_code bp_machine_code;

/// NULL where the processor is none that code is written for, or memory may not be executed.
bp_machine_code *bp_machine_code_create(const bp_row_program *program, const bp_kernels *kernels);
void bp_machine_code_destroy(bp_machine_code *code);

/// Does `rows` steps as bp_descend does them, at least one, from where the columns point, without looking whether
/// the loss and the parameters are finite.
///
/// What is not finite stays so: in the parameters, or in `total`, to which each step's loss is added.
void bp_machine_code_run(
    bp_machine_code *code, void *const *columns, size_t rows, double learning_rate, void *parameters,
    void *loss, double *total);

/// Sets of vector instructions, each with all of the one before. Any other machine has the first only.
enum { bp_level_baseline, bp_level_avx2, bp_level_avx512, bp_level_count };

/// The kernels of a level, or NULL if this machine lacks its instructions.
const bp_kernels *bp_kernels_float32(uint32_t level);
const bp_kernels *bp_kernels_float64(uint32_t level);

/// What the key of `uniform` holds, each a whole number that any value can hold: the seed in 16 bits each
/// from the lowest on, the step in 24 and 8 bits, and which of the step's draws it is.
enum { bp_noise_seed, bp_noise_step = bp_noise_seed + 4, bp_noise_draw = bp_noise_step + 2, bp_noise_count };

/// The stream numbers under a seed: what random numbers are drawn for.
enum { bp_stream_weights, bp_stream_shuffle, bp_stream_split, bp_stream_dropout, bp_stream_search };

typedef struct {
  uint32_t words[4];
} bp_words;

/// The random words of Philox4x32-10 that belong to a counter under a key.
bp_words bp_philox(bp_words counter, uint64_t key);

/// The sum of the products of two columns of doubles, whose count is a multiple of 8: eight sums of every eighth
/// product, added in one order.
double bp_column_product(const double *x, const double *y, size_t count);

/// Takes a multiple of a column from another, each product and difference rounded; the count is a multiple of 8.
void bp_column_subtract(double weight, const double *x, double *y, size_t count);

#endif
