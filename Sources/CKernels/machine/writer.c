// Which registers values are in, and the instructions of each action.

#include "machine.h"

#include <string.h>

#if BP_HAS_MACHINE

/// Where a value is: in a register, at a distance in bytes from the frame's start, or in a column's row.
typedef struct {
  enum { in_register, in_frame, in_column } kind;
  uint32_t index;
} place;

/// What machines do with a register x: x = x + y and so on. Comparisons give all bits or none.
typedef enum {
  step_add, step_subtract, step_multiply, step_divide, step_root,
  step_and, step_and_not, step_or, step_xor,
  step_equal, step_less, step_less_or_equal, step_not_equal
} step;

static place at_register(uint32_t reg) { return (place){in_register, reg}; }
static place at_frame(uint32_t distance) { return (place){in_frame, distance}; }

static void append(bp_code *code, const void *bytes, size_t count) {
  if (count > code->capacity - code->count) {
    code->has_failed = true;
    return;
  }
  memcpy(code->bytes + code->count, bytes, count);
  code->count += count;
}

#if defined(__x86_64__)
#include "x86_64.inc"
#else
#include "arm64.inc"
#endif

typedef struct {
  bp_code *code;
  bp_plan *plan;
  const bp_row_program *program;
  bp_function *const *functions;
  /// The value that each register has, or nowhere.
  uint32_t holds[register_count];
  /// The action that is written.
  uint32_t now;
} writer;

static place place_of(const writer *w, uint32_t v) {
  const bp_value *value = &w->plan->values[v];
  if (value->reg != bp_nowhere) { return at_register(value->reg); }
  return v < w->program->column_count ? (place){in_column, v} : at_frame(value->distance);
}

static void load(writer *w, uint32_t reg, uint32_t v) { put_load(w->code, reg, place_of(w, v)); }
static void load_from(writer *w, uint32_t reg, uint32_t distance) {
  put_load(w->code, reg, at_frame(distance));
}
static void on_value(writer *w, step step, uint32_t reg, uint32_t v) {
  put_step(w->code, step, reg, place_of(w, v));
}
static void on_register(writer *w, step step, uint32_t reg, uint32_t other) {
  put_step(w->code, step, reg, at_register(other));
}

static uint32_t take_room(writer *w) {
  const uint32_t distance = w->code->frame.bytes;
  w->code->frame.bytes += w->code->value_bytes;
  return distance;
}

/// Frees a register whose value is read later: it is kept in the frame, where it may be already.
static void save(writer *w, uint32_t reg) {
  bp_value *value = &w->plan->values[w->holds[reg]];
  if (value->distance == bp_nowhere) {
    value->distance = take_room(w);
    put_store(w->code, reg, value->distance);
  }
  value->reg = w->holds[reg] = bp_nowhere;
}

static uint32_t free_register(const writer *w, uint32_t first, uint32_t end) {
  for (uint32_t reg = first; reg < end; reg++) {
    if (w->holds[reg] == bp_nowhere) { return reg; }
  }
  return bp_nowhere;
}

/// The register whose value is read last of all (Belady 1966), and not by this action.
static uint32_t register_read_last(const writer *w) {
  uint32_t best = bp_nowhere, last = 0;
  for (uint32_t reg = 0; reg < register_count; reg++) {
    const uint32_t v = w->holds[reg];
    if (v == bp_nowhere || v < w->plan->first_computed) { continue; }
    const uint32_t use = w->plan->values[v].next_use;
    if (use > w->now && use >= last) { best = reg, last = use; }
  }
  return best;
}

static uint32_t take_register(writer *w, uint32_t v) {
  const bool crosses_call = w->plan->values[v].crosses_call;
  uint32_t reg = bp_nowhere;
  if (!crosses_call) { reg = free_register(w, first_volatile, volatile_end); }
  if (reg == bp_nowhere) { reg = free_register(w, first_preserved, preserved_end); }
  if (reg == bp_nowhere) { reg = free_register(w, first_volatile, volatile_end); }
  if (reg == bp_nowhere) {
    reg = register_read_last(w);
    save(w, reg);
  }
  w->holds[reg] = v;
  return w->plan->values[v].reg = reg;
}

/// Goes on to the operands' next uses, and frees the registers of those that have none.
static void release_operands(writer *w, const bp_action *action) {
  for (uint32_t k = 0; k < action->operand_count; k++) {
    const uint32_t v = action->operands[k];
    bp_value *value = &w->plan->values[v];
    value->next_use = action->next_uses[k];
    if (value->next_use == bp_nowhere && value->reg != bp_nowhere && v >= w->plan->first_computed) {
      value->reg = w->holds[value->reg] = bp_nowhere;
    }
  }
}

/// Gives the result what register 0 has.
static void deliver(writer *w, const bp_action *action) {
  release_operands(w, action);
  // Of a sine and a cosine one may be read by nobody.
  if (w->plan->values[action->result].next_use == bp_nowhere) { return; }
  put_load(w->code, take_register(w, action->result), at_register(0));
}

/// Whether it is in a register that is free after this action and may have the result.
static bool can_become(const writer *w, uint32_t v, uint32_t k, const bp_action *action) {
  const bp_value *value = &w->plan->values[v];
  return v >= w->plan->first_computed && value->reg != bp_nowhere && action->next_uses[k] == bp_nowhere &&
         !(w->plan->values[action->result].crosses_call && value->reg < first_preserved);
}

/// One instruction, in the register of an operand where that is free.
static void arithmetic(writer *w, const bp_action *action, step step, bool commutes) {
  const uint32_t x = action->operands[0], y = action->operands[1];
  const bool is_turned = commutes && !can_become(w, x, 0, action) && can_become(w, y, 1, action);
  const uint32_t first = is_turned ? y : x, second = is_turned ? x : y;
  if (can_become(w, first, is_turned, action)) {
    const uint32_t reg = w->plan->values[first].reg;
    on_value(w, step, reg, second);
    release_operands(w, action);
    w->holds[reg] = action->result;
    w->plan->values[action->result].reg = reg;
    return;
  }
  const uint32_t reg = take_register(w, action->result);
  load(w, reg, first);
  on_value(w, step, reg, second);
  release_operands(w, action);
}

/// A comparison's 1 or 0.
static void compare(writer *w, const bp_action *action, step step) {
  load(w, 0, action->operands[0]);
  on_value(w, step, 0, action->operands[1]);
  load_from(w, 1, w->code->frame.one);
  on_register(w, step_and, 0, 1);
  deliver(w, action);
}

/// Register 1 where register 0 has all bits, else a value.
static void choose(writer *w, const bp_action *action, uint32_t otherwise) {
  on_register(w, step_and, 1, 0);
  load(w, 2, otherwise);
  on_register(w, step_and_not, 0, 2);
  on_register(w, step_or, 0, 1);
  deliver(w, action);
}

/// The first operand where it is more than the second, or less, or nan.
static void choose_extreme(writer *w, const bp_action *action, uint32_t less, uint32_t more) {
  const uint32_t x = action->operands[0];
  load(w, 0, less);
  on_value(w, step_less, 0, more);
  load(w, 1, x);
  load(w, 2, x);
  on_register(w, step_not_equal, 2, 2);
  on_register(w, step_or, 0, 2);
  choose(w, action, action->operands[1]);
}

static void change_sign(writer *w, const bp_action *action, step step, uint32_t mask) {
  load(w, 0, action->operands[0]);
  load_from(w, 1, mask);
  on_register(w, step, 0, 1);
  deliver(w, action);
}

/// p = p - rate * g, each rounded.
static void update(writer *w, const bp_action *action) {
  const bp_value *parameter = &w->plan->values[action->result];
  const uint32_t gradient = action->operands[0];
  const bool is_free = gradient >= w->plan->first_computed && action->next_uses[0] == bp_nowhere &&
                       w->plan->values[gradient].reg != bp_nowhere;
  const uint32_t change = is_free ? w->plan->values[gradient].reg : 0;
  load(w, change, gradient);
  put_step(w->code, step_multiply, change, at_frame(w->code->frame.rate));
  const uint32_t reg = parameter->reg != bp_nowhere ? parameter->reg : 1;
  load(w, reg, action->result);
  on_register(w, step_subtract, reg, change);
  if (parameter->reg == bp_nowhere) { put_store(w->code, reg, parameter->distance); }
  release_operands(w, action);
}

static void call(writer *w, const bp_action *action) {
  for (uint32_t k = 0; k < action->operand_count; k++) { load(w, k, action->operands[k]); }
  for (uint32_t reg = first_volatile; reg < volatile_end; reg++) {
    const uint32_t v = w->holds[reg];
    if (v != bp_nowhere && w->plan->values[v].crosses_call) { save(w, reg); }
  }
  uint32_t second = 0;
  if (action->second != bp_nowhere) { second = w->plan->values[action->second].distance = take_room(w); }
  const uint32_t index =
      action->op < bp_elementwise_count ? action->op : action->op - bp_operation_count + bp_elementwise_count;
  put_call(w->code, w->functions[index], second);
  deliver(w, action);
}

static void write_action(writer *w, const bp_action *action) {
  const bp_frame *frame = &w->code->frame;
  const uint32_t x = action->operands[0], y = action->operands[1];
  switch (action->op) {
    case bp_op_add: arithmetic(w, action, step_add, true); break;
    case bp_op_subtract: arithmetic(w, action, step_subtract, false); break;
    case bp_op_multiply: arithmetic(w, action, step_multiply, true); break;
    case bp_op_divide: arithmetic(w, action, step_divide, false); break;
    case bp_op_negate: change_sign(w, action, step_xor, frame->sign); break;
    case bp_op_abs: change_sign(w, action, step_and, frame->magnitude); break;
    case bp_op_equal: compare(w, action, step_equal); break;
    case bp_op_less: compare(w, action, step_less); break;
    case bp_op_lessOrEqual: compare(w, action, step_less_or_equal); break;
    case bp_op_maximum: choose_extreme(w, action, y, x); break;
    case bp_op_minimum: choose_extreme(w, action, x, y); break;
    case bp_op_sqrt:
      load(w, 0, x);
      on_register(w, step_root, 0, 0);
      deliver(w, action);
      break;
    case bp_op_relu: case bp_op_reluSlope:
      load(w, 0, x);
      put_step(w->code, step_less_or_equal, 0, at_frame(frame->zero));
      load(w, 1, action->op == bp_op_relu ? x : y);
      on_register(w, step_and_not, 0, 1);
      deliver(w, action);
      break;
    case bp_op_sign:
      load_from(w, 0, frame->zero);
      on_value(w, step_less, 0, x);
      load(w, 1, x);
      put_step(w->code, step_less, 1, at_frame(frame->zero));
      load_from(w, 2, frame->one);
      on_register(w, step_and, 0, 2);
      on_register(w, step_and, 1, 2);
      on_register(w, step_subtract, 0, 1);
      deliver(w, action);
      break;
    case bp_op_select:
      load(w, 0, x);
      put_step(w->code, step_not_equal, 0, at_frame(frame->zero));
      load(w, 1, y);
      choose(w, action, action->operands[2]);
      break;
    case bp_action_copy:
      load(w, 0, x);
      deliver(w, action);
      break;
    case bp_action_update: update(w, action); break;
    case bp_action_loss:
      load(w, 0, x);
      put_store(w->code, 0, frame->loss);
      put_add_to_total(w->code);
      release_operands(w, action);
      break;
    default: call(w, action);
  }
}

/// Lays out the frame, and keeps in registers the parameters that rows wait for, as many as leave enough for
/// the other values.
static void place_inputs(writer *w) {
  bp_frame *frame = &w->code->frame;
  const uint32_t value_bytes = w->code->value_bytes;
  const uint32_t columns = (uint32_t)w->program->column_count, parameters = (uint32_t)w->program->parameter_count;
  frame->bytes = bp_frame_columns + 8 * columns;
  frame->parameters = frame->bytes;
  for (uint32_t v = columns; v < w->plan->first_computed; v++) { w->plan->values[v].distance = take_room(w); }
  frame->constants = frame->parameters + parameters * value_bytes;
  uint32_t *const others[] = {
      &frame->zero, &frame->one, &frame->sign, &frame->magnitude, &frame->rate, &frame->loss};
  for (size_t k = 0; k < sizeof others / sizeof *others; k++) { *others[k] = take_room(w); }

  const uint32_t preserved = preserved_end - first_preserved, volatiles = volatile_end - first_volatile;
  const uint32_t alive = w->plan->most_alive + 1 > volatiles ? w->plan->most_alive + 1 - volatiles : 0;
  const uint32_t others_need = alive > w->plan->most_across_calls ? alive : w->plan->most_across_calls;
  // An action has up to three operands and a result.
  const uint32_t most = preserved - (4 > volatiles ? 4 - volatiles : 0);
  for (uint32_t p = 0; p < parameters && p < most && p + others_need < preserved; p++) {
    const uint32_t v = w->plan->by_urgency[p], reg = preserved_end - 1 - p;
    w->plan->values[v].reg = reg;
    w->holds[reg] = v;
  }
}

bool bp_write(
    bp_code *code, bp_plan *plan, const bp_row_program *program, bp_function *const *functions) {
  writer w = {.code = code, .plan = plan, .program = program, .functions = functions};
  for (uint32_t reg = 0; reg < register_count; reg++) { w.holds[reg] = bp_nowhere; }
  place_inputs(&w);
  put_begin(code);
  for (uint32_t v = (uint32_t)program->column_count; v < plan->first_computed; v++) {
    if (plan->values[v].reg != bp_nowhere) { load_from(&w, plan->values[v].reg, plan->values[v].distance); }
  }
  const size_t row = code->count;
  for (w.now = 0; w.now < plan->action_count; w.now++) { write_action(&w, &plan->actions[w.now]); }
  put_next_row(code, row);
  for (uint32_t v = (uint32_t)program->column_count; v < plan->first_computed; v++) {
    if (plan->values[v].reg != bp_nowhere) { put_store(code, plan->values[v].reg, plan->values[v].distance); }
  }
  put_end(code);
  return !code->has_failed;
}

#else

bool bp_write(
    bp_code *code, bp_plan *plan, const bp_row_program *program, bp_function *const *functions) {
  (void)code, (void)plan, (void)program, (void)functions;
  return false;
}

#endif
