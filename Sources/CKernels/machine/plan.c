#include "machine.h"

#include <stdlib.h>
#include <string.h>

/// What is longer than that would run no faster, and take long to plan.
enum { most_operations = 1024 };

/// How many operands are read; functions are called with three, as instructions have them.
static uint32_t operand_count(uint32_t op) {
  switch (op) {
    case bp_op_negate: case bp_op_sqrt: case bp_op_relu: case bp_op_abs: case bp_op_sign: case bp_op_sincos:
      return 1;
    case bp_op_add: case bp_op_subtract: case bp_op_multiply: case bp_op_divide: case bp_op_maximum:
    case bp_op_minimum: case bp_op_equal: case bp_op_less: case bp_op_lessOrEqual: case bp_op_reluSlope:
      return 2;
    default: return 3;
  }
}

bool bp_is_call(uint32_t op) {
  switch (op) {
    case bp_op_add: case bp_op_subtract: case bp_op_multiply: case bp_op_divide: case bp_op_negate:
    case bp_op_sqrt: case bp_op_relu: case bp_op_abs: case bp_op_sign: case bp_op_maximum:
    case bp_op_minimum: case bp_op_equal: case bp_op_less: case bp_op_lessOrEqual: case bp_op_select:
    case bp_op_reluSlope: case bp_action_copy: case bp_action_update: case bp_action_loss:
      return false;
    default: return true;
  }
}

/// About how many cycles pass until the result is there.
static uint32_t latency(uint32_t op) { return bp_is_call(op) ? 60 : 4; }

static uint32_t new_value(bp_plan *plan) {
  plan->values[plan->value_count].reg = plan->values[plan->value_count].distance = bp_nowhere;
  return plan->value_count++;
}

static bp_action *new_action(bp_plan *plan, uint32_t op, uint32_t operand) {
  bp_action *action = &plan->actions[plan->action_count++];
  *action = (bp_action){
      .op = op, .result = bp_nowhere, .second = bp_nowhere, .operands = {operand}, .operand_count = 1};
  return action;
}

/// Gives every result a value of its own, for slots are written again and again, and ends with the outputs.
static void list_actions(bp_plan *plan, const bp_row_program *program, uint32_t *current, uint32_t *outputs) {
  for (size_t v = 0; v < plan->first_computed; v++) { current[v] = new_value(plan); }
  for (const bp_instruction *step = program->code; step != program->code + program->count; step++) {
    bp_action *action = new_action(plan, step->op, current[step->a]);
    action->operand_count = operand_count(step->op);
    if (action->operand_count > 1) { action->operands[1] = current[step->b]; }
    if (action->operand_count > 2) { action->operands[2] = current[step->c]; }
    action->result = current[step->out] = new_value(plan);
    if (step->op == bp_op_sincos) { action->second = current[step->b] = new_value(plan); }
  }
  for (size_t o = 0; o < 1 + program->parameter_count; o++) {
    outputs[o] = current[program->outputs[o]];
    // An output that is a parameter is wanted as it was before the updates.
    const size_t parameter = outputs[o] - program->column_count;
    if (outputs[o] >= program->column_count && parameter < program->parameter_count) {
      bp_action *copy = new_action(plan, bp_action_copy, outputs[o]);
      outputs[o] = copy->result = new_value(plan);
    }
  }
}

static bool makes_value(const bp_action *action) {
  return action->op != bp_action_update && action->op != bp_action_loss;
}

static uint32_t larger(uint32_t x, uint32_t y) { return x > y ? x : y; }

/// The parameters by how long an output waits for them at most; those that wait alike stay in order.
static void sort_parameters(bp_plan *plan, const bp_row_program *program, uint32_t *waits) {
  for (uint32_t v = 0; v < plan->value_count; v++) { waits[v] = 0; }
  for (uint32_t i = plan->action_count; i-- > 0;) {
    const bp_action *action = &plan->actions[i];
    const uint32_t other = action->second == bp_nowhere ? 0 : waits[action->second];
    const uint32_t wait = latency(action->op) + larger(waits[action->result], other);
    for (uint32_t k = 0; k < action->operand_count; k++) {
      waits[action->operands[k]] = larger(waits[action->operands[k]], wait);
    }
  }
  for (uint32_t p = 0; p < program->parameter_count; p++) {
    const uint32_t v = (uint32_t)program->column_count + p;
    uint32_t at = p;
    for (; at > 0 && waits[plan->by_urgency[at - 1]] < waits[v]; at--) {
      plan->by_urgency[at] = plan->by_urgency[at - 1];
    }
    plan->by_urgency[at] = v;
  }
}

/// Puts first what the gradients of the most urgent parameters are made of, since processors begin with what
/// comes first.
static void sort_actions(
    bp_plan *plan, const bp_row_program *program, const uint32_t *outputs, uint32_t *ranks,
    uint32_t *starts, bp_action *sorted) {
  const uint32_t last = (uint32_t)program->parameter_count;
  for (uint32_t v = 0; v < plan->value_count; v++) { ranks[v] = last; }
  for (uint32_t rank = last; rank-- > 0;) {
    ranks[outputs[1 + plan->by_urgency[rank] - program->column_count]] = rank;
  }
  for (uint32_t i = plan->action_count; i-- > 0;) {
    const bp_action *action = &plan->actions[i];
    uint32_t rank = ranks[action->result];
    if (action->second != bp_nowhere && ranks[action->second] < rank) { rank = ranks[action->second]; }
    ranks[action->result] = rank;
    for (uint32_t k = 0; k < action->operand_count; k++) {
      uint32_t *operand = &ranks[action->operands[k]];
      if (rank < *operand) { *operand = rank; }
    }
  }
  // No operand has a higher rank than what is made of it, so that it still comes first.
  for (uint32_t rank = 0; rank <= last; rank++) { starts[rank] = 0; }
  for (uint32_t i = 0; i < plan->action_count; i++) {
    const uint32_t rank = ranks[plan->actions[i].result];
    if (rank < last) { starts[rank + 1]++; }
  }
  for (uint32_t rank = 0; rank < last; rank++) { starts[rank + 1] += starts[rank]; }
  for (uint32_t i = 0; i < plan->action_count; i++) {
    sorted[starts[ranks[plan->actions[i].result]]++] = plan->actions[i];
  }
  memcpy(plan->actions, sorted, plan->action_count * sizeof *sorted);
}

/// Puts the uses of outputs between the actions: each as soon as the output is there and, for an update, its
/// parameter has been read for the last time.
static void use_outputs(
    bp_plan *plan, const bp_row_program *program, const uint32_t *outputs, uint32_t *known,
    bp_action *all) {
  const uint32_t output_count = 1 + (uint32_t)program->parameter_count;
  // After how many actions a value is there; of a parameter, after how many it is no longer read.
  for (uint32_t v = 0; v < plan->value_count; v++) { known[v] = 0; }
  for (uint32_t i = 0; i < plan->action_count; i++) {
    const bp_action *action = &plan->actions[i];
    known[action->result] = i + 1;
    if (action->second != bp_nowhere) { known[action->second] = i + 1; }
    for (uint32_t k = 0; k < action->operand_count; k++) {
      if (action->operands[k] < plan->first_computed) { known[action->operands[k]] = i + 1; }
    }
  }
  uint32_t count = 0;
  for (uint32_t i = 0; i <= plan->action_count; i++) {
    if (i > 0) { all[count++] = plan->actions[i - 1]; }
    for (uint32_t rank = 0; rank < output_count; rank++) {
      const bool is_loss = rank == program->parameter_count;
      const uint32_t parameter = is_loss ? bp_nowhere : plan->by_urgency[rank];
      const uint32_t output = outputs[is_loss ? 0 : 1 + parameter - program->column_count];
      const uint32_t is_there = output < plan->first_computed ? 0 : known[output];
      if (larger(is_there, is_loss ? 0 : known[parameter]) != i) { continue; }
      all[count++] = (bp_action){
          .op = is_loss ? bp_action_loss : bp_action_update, .result = parameter, .second = bp_nowhere,
          .operands = {output}, .operand_count = 1};
    }
  }
  memcpy(plan->actions, all, count * sizeof *all);
  plan->action_count = count;
}

/// Goes through the actions from the last: who reads what next, and what is alive.
static void find_uses(bp_plan *plan, uint32_t *is_alive) {
  for (uint32_t v = 0; v < plan->value_count; v++) {
    is_alive[v] = false;
    plan->values[v].next_use = bp_nowhere;
  }
  uint32_t alive = 0;
  for (uint32_t i = plan->action_count; i-- > 0;) {
    bp_action *action = &plan->actions[i];
    const uint32_t results[] = {action->result, action->second};
    for (uint32_t k = 0; k < 2 && makes_value(action) && results[k] != bp_nowhere; k++) {
      alive -= is_alive[results[k]];
      is_alive[results[k]] = false;
    }
    if (bp_is_call(action->op)) {
      for (uint32_t v = plan->first_computed; v < plan->value_count; v++) {
        plan->values[v].crosses_call |= is_alive[v];
      }
      plan->most_across_calls = larger(plan->most_across_calls, alive);
    }
    for (uint32_t k = 0; k < action->operand_count; k++) {
      const uint32_t v = action->operands[k];
      action->next_uses[k] = plan->values[v].next_use;
      if (v >= plan->first_computed && !is_alive[v]) { is_alive[v] = true, alive++; }
    }
    // After the loop, for an operand may be there twice.
    for (uint32_t k = 0; k < action->operand_count; k++) { plan->values[action->operands[k]].next_use = i; }
    plan->most_alive = larger(plan->most_alive, alive);
  }
}

bool bp_plan_create(bp_plan *plan, const bp_row_program *program) {
  *plan = (bp_plan){0};
  if (program->count + program->parameter_count > most_operations) { return false; }
  const size_t inputs = program->column_count + program->parameter_count + program->constant_count;
  const size_t outputs = 1 + program->parameter_count;
  const size_t most_actions = program->count + 2 * outputs;
  const size_t most_values = inputs + 2 * program->count + outputs;
  plan->first_computed = (uint32_t)inputs;
  plan->values = calloc(most_values, sizeof *plan->values);
  plan->actions = calloc(most_actions, sizeof *plan->actions);
  plan->by_urgency = calloc(program->parameter_count + 1, sizeof *plan->by_urgency);
  bp_action *others = calloc(most_actions, sizeof *others);
  // The values of slots and of outputs, and a number for each output and value.
  uint32_t *room = calloc(program->slot_count + 2 * outputs + most_values, sizeof *room);
  const bool has_memory = plan->values && plan->actions && plan->by_urgency && others && room;
  if (has_memory) {
    uint32_t *output_values = room + program->slot_count, *starts = output_values + outputs;
    uint32_t *numbers = starts + outputs;
    list_actions(plan, program, room, output_values);
    sort_parameters(plan, program, numbers);
    sort_actions(plan, program, output_values, numbers, starts, others);
    use_outputs(plan, program, output_values, numbers, others);
    find_uses(plan, numbers);
  } else {
    bp_plan_destroy(plan);
  }
  free(others);
  free(room);
  return has_memory;
}

void bp_plan_destroy(bp_plan *plan) {
  free(plan->values);
  free(plan->actions);
  free(plan->by_urgency);
  *plan = (bp_plan){0};
}
