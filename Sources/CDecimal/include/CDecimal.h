// Decimal numbers: a mantissa times a power of ten as a double, and runs of fields that hold numbers.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A mantissa of `digits` digits, below 2^64, times ten to `exponent`, rounded once, to nearest, ties to even, into
// `value`. False if exact integer arithmetic does not reach so far: for a mantissa that is not 0 and an exponent beyond
// -27 to 27. Leading zeros count as digits.
bool bp_decimal(uint64_t mantissa, size_t digits, int exponent, double *value);

// The bytes that have a meaning between numbers.
typedef struct {
  // A field ends before either of the delimiters, which may be the same, or before a line feed, carriage return or zero.
  uint8_t delimiter, other_delimiter;
  // What stands before a fraction.
  uint8_t point;
} bp_field_marks;

// So many bytes must be readable before a position that is given to `bp_read_numbers`, and so many from it on, of which
// the text's last is followed by a zero.
#define BP_WINDOW 32

// Reads successive fields of a row, `count` at most: those at `*position` that are nothing but a decimal number, up to
// the first that is written otherwise. Puts the numbers at `values`, each `stride` after the one before, moves
// `*position` to the end of the last field that was read, before what ends it, and returns how many were read.
//
// A field that is a number after all may be left to the caller: one with 32 characters before an exponent or 20
// significant digits, or one that `bp_decimal` leaves over.
size_t bp_read_numbers(
    const uint8_t **position, bp_field_marks marks, size_t count, double *values, size_t stride);

// The same by the instructions that every processor has.
size_t bp_read_numbers_baseline(
    const uint8_t **position, bp_field_marks marks, size_t count, double *values, size_t stride);
