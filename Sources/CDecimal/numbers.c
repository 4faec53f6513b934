#include "CDecimal.h"
#include "powers.h"

typedef uint8_t bytes __attribute__((ext_vector_type(BP_WINDOW)));
typedef bytes unaligned_bytes __attribute__((aligned(1), may_alias));
typedef bool flags __attribute__((ext_vector_type(BP_WINDOW)));
typedef uint16_t pairs __attribute__((ext_vector_type(BP_WINDOW / 2)));
typedef uint32_t fours __attribute__((ext_vector_type(BP_WINDOW / 4)));
typedef uint64_t eights __attribute__((ext_vector_type(BP_WINDOW / 8)));

// A window at n has ones in its last n bytes alone.
static const uint8_t last[2 * BP_WINDOW] = {
    [BP_WINDOW] = 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

static inline bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

// The end of the exponent that begins with the letter at `letter`, which is added to `exponent`; NULL if it has no digits.
// After four digits it stops, so that what follows is no field's end.
static const uint8_t *exponent_end(const uint8_t *letter, int *exponent) {
  const uint8_t *position = letter + 1;
  const bool is_negative = *position == '-';
  if (is_negative || *position == '+') { position++; }
  if (!is_digit(*position)) { return NULL; }
  int value = 0;
  while (is_digit(*position) && value < 1000) { value = 10 * value + (*position++ & 15); }
  *exponent += is_negative ? -value : value;
  return position;
}

// Reads the number at `start` and returns its end; NULL if the caller has to.
//
// All of it but an exponent lies in a window of bytes. Those that are no digits show where its parts begin and end; its
// digits are then moved to a window's end, without the point between them, and joined side by side.
static inline __attribute__((always_inline)) const uint8_t *read_number(
    const uint8_t *start, uint8_t point, double *value) {
  const bytes text = *(const unaligned_bytes *)start - '0';
  const flags is_other = __builtin_convertvector(text > 9, flags);
  uint32_t others;
  memcpy(&others, &is_other, sizeof others);

  // The sign of a number is hard to predict: no branch depends on it.
  const bool is_negative = *start == '-';
  const bool is_signed = is_negative | (*start == '+');
  others &= ~(uint32_t)is_signed;
  if (others == 0) { return NULL; }
  const int whole_end = __builtin_ctz(others);
  // A branch, since the processor foresees it: the next field is then looked for without waiting for this byte.
  bool has_point = false;
  uint32_t ends = others;
  if (__builtin_expect(start[whole_end] == point, true)) {
    has_point = true;
    ends &= ends - 1;
  }
  if (ends == 0) { return NULL; }
  const int end = __builtin_ctz(ends);
  const int digits = end - is_signed - has_point;
  const int fraction = has_point ? end - whole_end - 1 : 0;
  if (digits == 0) { return NULL; }

  // The fraction's digits, and those before the point, which are one place further from the end.
  const bytes near = *(const unaligned_bytes *)(start + end - BP_WINDOW) - '0';
  const bytes far = *(const unaligned_bytes *)(start + end - BP_WINDOW - has_point) - '0';
  const bytes is_number = *(const unaligned_bytes *)(last + digits);
  const bytes is_fraction = *(const unaligned_bytes *)(last + fraction);
  const bytes ones = (near & is_fraction) | (far & (is_number ^ is_fraction));
  const pairs hundreds = ((pairs)ones * (10 << 8 | 1)) >> 8;
  const fours thousands = ((fours)hundreds * (100 << 16 | 1)) >> 16;
  const eights word = (((eights)thousands & UINT32_MAX) * 10000) + ((eights)thousands >> 32);
  if (digits > 19 && (word[0] != 0 || word[1] >= 1000)) { return NULL; }
  const uint64_t mantissa = (word[1] * 100000000 + word[2]) * 100000000 + word[3];

  const uint8_t *number_end = start + end;
  double magnitude;
  if (((*number_end | 0x20) & ~1) == 'd') {
    int exponent = -fraction;
    number_end = exponent_end(number_end, &exponent);
    if (number_end == NULL || !bp_decimal(mantissa, (size_t)digits, exponent, &magnitude)) { return NULL; }
  } else if (!decimal(mantissa, (size_t)digits, -fraction, &magnitude)) {
    return NULL;
  }
  uint64_t bits;
  memcpy(&bits, &magnitude, sizeof bits);
  bits |= (uint64_t)is_negative << 63;
  memcpy(value, &bits, sizeof bits);
  return number_end;
}

static inline __attribute__((always_inline)) size_t read_numbers(
    const uint8_t **position, bp_field_marks marks, size_t count, double *values, size_t stride) {
  const uint8_t *start = *position, *end = start;
  size_t read = 0;
  while (read < count) {
    const uint8_t *const number_end = read_number(start, marks.point, values);
    if (number_end == NULL) { break; }
    const uint8_t after = *number_end;
    const bool is_delimited = after == marks.delimiter || after == marks.other_delimiter;
    if (!is_delimited && after != '\n' && after != '\r' && after != 0) { break; }
    end = number_end;
    start = end + 1;
    values += stride;
    read++;
    if (!is_delimited) { break; }
  }
  *position = end;
  return read;
}

size_t bp_read_numbers_baseline(
    const uint8_t **position, bp_field_marks marks, size_t count, double *values, size_t stride) {
  return read_numbers(position, marks, count, values, stride);
}

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v3"))) static size_t read_numbers_avx2(
    const uint8_t **position, bp_field_marks marks, size_t count, double *values, size_t stride) {
  return read_numbers(position, marks, count, values, stride);
}

size_t bp_read_numbers(
    const uint8_t **position, bp_field_marks marks, size_t count, double *values, size_t stride) {
  return __builtin_cpu_supports("x86-64-v3")
             ? read_numbers_avx2(position, marks, count, values, stride)
             : bp_read_numbers_baseline(position, marks, count, values, stride);
}
#else
size_t bp_read_numbers(
    const uint8_t **position, bp_field_marks marks, size_t count, double *values, size_t stride) {
  return read_numbers(position, marks, count, values, stride);
}
#endif
