/// Philox4x32-10, a random number generator without state (Salmon, Moraes, Dror and Shaw 2011).
#ifndef PHILOX_H
#define PHILOX_H

#include "CKernels.h"

/// The four words that belong to a counter under a key.
static inline bp_words philox(bp_words counter, uint32_t key_0, uint32_t key_1) {
  bp_words x = counter;
  for (int round = 0; round < 10; round++) {
    const uint64_t first = (uint64_t)0xD2511F53 * x.words[0];
    const uint64_t second = (uint64_t)0xCD9E8D57 * x.words[2];
    x = (bp_words){{
        (uint32_t)(second >> 32) ^ x.words[1] ^ key_0, (uint32_t)second,
        (uint32_t)(first >> 32) ^ x.words[3] ^ key_1, (uint32_t)first}};
    key_0 += 0x9E3779B9, key_1 += 0xBB67AE85;
  }
  return x;
}

#endif
