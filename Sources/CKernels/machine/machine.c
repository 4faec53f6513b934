#include "machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct bp_machine_code {
  /// Executable memory, and how many bytes of it.
  void *start;
  size_t count;
  uint8_t *frame;
  bp_frame places;
  uint32_t value_bytes;
  size_t column_count, parameter_count;
};

static void put_value(bp_machine_code *code, uint32_t distance, double value) {
  uint8_t *at = code->frame + distance;
  if (code->value_bytes == sizeof(float)) {
    memcpy(at, &(float){(float)value}, sizeof(float));
  } else {
    memcpy(at, &value, sizeof(double));
  }
}

static bool fill_frame(bp_machine_code *code, const bp_row_program *program) {
  // Whole cache lines.
  const size_t bytes = (code->places.bytes + 63) / 64 * 64;
  code->frame = aligned_alloc(64, bytes);
  if (code->frame == NULL) { return false; }
  memset(code->frame, 0, bytes);
  for (size_t k = 0; k < program->constant_count; k++) {
    put_value(code, code->places.constants + (uint32_t)k * code->value_bytes, program->constants[k]);
  }
  put_value(code, code->places.one, 1);
  put_value(code, code->places.sign, -0.0);
  // All bits but the sign's, which as a number are nan.
  memset(code->frame + code->places.magnitude, 0xff, code->value_bytes);
  code->frame[code->places.magnitude + code->value_bytes - 1] = 0x7f;
  return true;
}

/// Memory that is written first, then executed, never both.
static void *executable_copy(const bp_code *code) {
  void *memory = mmap(NULL, code->count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) { return NULL; }
  memcpy(memory, code->bytes, code->count);
  __builtin___clear_cache((char *)memory, (char *)memory + code->count);
  if (mprotect(memory, code->count, PROT_READ | PROT_EXEC) == 0) { return memory; }
  munmap(memory, code->count);
  return NULL;
}

bp_machine_code *bp_machine_code_create(const bp_row_program *program, const bp_kernels *kernels) {
  bp_plan plan;
  if (!BP_HAS_MACHINE || !bp_plan_create(&plan, program)) { return NULL; }
  bp_code code = {
      .value_bytes = kernels->value_bytes, .capacity = 256 + 128 * (size_t)plan.action_count};
  bp_machine_code *result = calloc(1, sizeof *result);
  code.bytes = malloc(code.capacity);
  if (result != NULL && code.bytes != NULL && bp_write(&code, &plan, program, kernels->functions)) {
    *result = (bp_machine_code){
        .start = executable_copy(&code), .count = code.count, .places = code.frame,
        .value_bytes = code.value_bytes, .column_count = program->column_count,
        .parameter_count = program->parameter_count};
  }
  free(code.bytes);
  bp_plan_destroy(&plan);
  if (result != NULL && result->start != NULL && fill_frame(result, program)) { return result; }
  bp_machine_code_destroy(result);
  return NULL;
}

void bp_machine_code_destroy(bp_machine_code *code) {
  if (code == NULL) { return; }
  if (code->start != NULL) { munmap(code->start, code->count); }
  free(code->frame);
  free(code);
}

// Sanitizers look for a function's type before its first instruction.
__attribute__((no_sanitize("function")))
void bp_machine_code_run(
    bp_machine_code *code, void *const *columns, size_t rows, double learning_rate, void *parameters,
    void *loss, double *total) {
  uint8_t *frame = code->frame;
  const size_t parameter_bytes = code->parameter_count * code->value_bytes;
  memcpy(frame + bp_frame_total, total, sizeof *total);
  memcpy(frame + bp_frame_columns, columns, code->column_count * sizeof *columns);
  memcpy(frame + code->places.parameters, parameters, parameter_bytes);
  put_value(code, code->places.rate, learning_rate);
  void (*run)(uint8_t *frame, size_t row_bytes);
  memcpy(&run, &code->start, sizeof run);
  run(frame, rows * code->value_bytes);
  memcpy(total, frame + bp_frame_total, sizeof *total);
  memcpy(parameters, frame + code->places.parameters, parameter_bytes);
  memcpy(loss, frame + code->places.loss, code->value_bytes);
}
