/// How a row's program becomes machine code: a plan, then bytes.
#ifndef MACHINE_H
#define MACHINE_H

#include "CKernels.h"

#include <stdbool.h>

#if defined(__x86_64__) || defined(__aarch64__)
#define BP_HAS_MACHINE 1
#else
#define BP_HAS_MACHINE 0
#endif

enum { bp_nowhere = UINT32_MAX };

/// What is done besides operations: a value is copied, a parameter moved by its gradient, the loss added up.
enum { bp_action_copy = bp_opcode_count, bp_action_update, bp_action_loss };

/// An operation on values, each of which is written once.
typedef struct {
  uint32_t op;
  /// The values it makes; of an update, the parameter.
  uint32_t result, second;
  uint32_t operands[3], operand_count;
  /// For each operand the next action that reads it too, or nowhere.
  uint32_t next_uses[3];
} bp_action;

/// A column's, a parameter's, a constant's or a result's.
typedef struct {
  /// The next action that reads it, or nowhere.
  uint32_t next_use;
  /// Whether it is alive while a function is called.
  bool crosses_call;
  /// Which register has it, and how many bytes from the frame's start it is, or nowhere.
  uint32_t reg, distance;
} bp_value;

typedef struct {
  bp_action *actions;
  uint32_t action_count;
  /// The columns', the parameters', the constants', then the others in order.
  bp_value *values;
  uint32_t value_count, first_computed;
  /// The parameters' values, those that the next row waits for longest first.
  uint32_t *by_urgency;
  /// How many computed values are alive at one time at most, and while a function is called.
  uint32_t most_alive, most_across_calls;
} bp_plan;

/// Whether the operation is a call of a function; else it is written as instructions.
bool bp_is_call(uint32_t op);

/// False if there is no memory, or if a program has what has no plan.
bool bp_plan_create(bp_plan *plan, const bp_row_program *program);
void bp_plan_destroy(bp_plan *plan);

/// Where things are in the memory that the code works in, in bytes from its start.
enum { bp_frame_total = 0, bp_frame_columns = 8 };
typedef struct {
  uint32_t parameters, constants, zero, one, sign, magnitude, rate, loss;
  uint32_t bytes;
} bp_frame;

/// Code while it is written, and where it finds its values.
typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
  /// Set when something could not be written.
  bool has_failed;
  uint32_t value_bytes;
  bp_frame frame;
} bp_code;

/// Writes the code of a plan, which is used up; false where it cannot be.
bool bp_write(bp_code *code, bp_plan *plan, const bp_row_program *program, bp_function *const *functions);

#endif
