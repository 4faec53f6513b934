#include "CKernels.h"

#include <stdint.h>

#pragma STDC FP_CONTRACT OFF

// Eight numbers side by side: the compiler cuts them to the machine's width, which changes no sum.
typedef double eight __attribute__((vector_size(64), aligned(8)));

double bp_column_product(const double *x, const double *y, size_t count) {
  eight sum = {0};
  for (size_t i = 0; i < count; i += 8) sum += *(const eight *)(x + i) * *(const eight *)(y + i);
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

void bp_column_subtract(double weight, const double *x, double *y, size_t count) {
  for (size_t i = 0; i < count; i += 8) *(eight *)(y + i) -= weight * *(const eight *)(x + i);
}
