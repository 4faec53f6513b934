#include "philox.h"

bp_words bp_philox(bp_words counter, uint64_t key) {
  return philox(counter, (uint32_t)key, (uint32_t)(key >> 32));
}
