#include "philox.h"

#include "CKernels.h"

void bp_philox(const uint32_t counter[4], uint64_t key, uint32_t words[4]) {
  const philox_block block = {{counter[0], counter[1], counter[2], counter[3]}};
  const philox_block random = philox(block, (uint32_t)key, (uint32_t)(key >> 32));
  for (int i = 0; i < 4; i++) { words[i] = random.words[i]; }
}
