/// CRC-32C (Castagnoli), the checksum of iSCSI and ext4: every burst of up to 32 wrong bits shows.
#ifndef CCHECKSUM_H
#define CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// The checksum of what `crc` is the checksum of, followed by `count` bytes; of nothing it is 0.
uint32_t bp_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same without the processor's own instruction, for tests to compare with.
uint32_t bp_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

#endif
