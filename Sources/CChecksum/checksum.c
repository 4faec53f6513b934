#include "CChecksum.h"

#include <stdbool.h>
#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

// What four bits that leave the register change in it: the polynomial 0x1EDC6F41, bits reversed.
static const uint32_t nibbles[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
    0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

uint32_t bp_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *byte = bytes;
  crc = ~crc;
  for (size_t i = 0; i < count; i++) {
    crc ^= byte[i];
    crc = crc >> 4 ^ nibbles[crc & 15];
    crc = crc >> 4 ^ nibbles[crc & 15];
  }
  return ~crc;
}

#if defined(__x86_64__)
#define TARGET __attribute__((target("sse4.2")))
#define ADD_WORD(crc, word) ((uint32_t)__builtin_ia32_crc32di(crc, word))
#define ADD_BYTE(crc, byte) __builtin_ia32_crc32qi(crc, byte)
static bool has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__linux__)
#define TARGET __attribute__((target("crc")))
#define ADD_WORD(crc, word) __builtin_arm_crc32cd(crc, word)
#define ADD_BYTE(crc, byte) __builtin_arm_crc32cb(crc, byte)
// HWCAP_CRC32
static bool has_instruction(void) { return getauxval(AT_HWCAP) & 1 << 7; }
#endif

#if defined(TARGET)
TARGET static uint32_t crc32c_by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = ADD_WORD(crc, word);
  }
  for (; count > 0; bytes++, count--) { crc = ADD_BYTE(crc, *bytes); }
  return ~crc;
}
#endif

uint32_t bp_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(TARGET)
  if (has_instruction()) { return crc32c_by_instruction(crc, bytes, count); }
#endif
  return bp_crc32c_portable(crc, bytes, count);
}
