#include "CMemory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

static int exit_status;
static void (*volatile clear_up_first)(void);

void bp_end_without_memory(int status, void (*clear_up)(void)) {
  exit_status = status;
  clear_up_first = clear_up;
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/// The block, unless there is none: then this is the end, if one was asked for.
static void *had(void *block, size_t size) {
  static atomic_flag is_ending = ATOMIC_FLAG_INIT;
  if (block || !size || !clear_up_first) return block;
  // One thread ends the process, once.
  while (atomic_flag_test_and_set(&is_ending)) pause();
  clear_up_first();
  char text[160];
  const int length = snprintf(
      text, sizeof text,
      "backprop: out of memory, %zu bytes more cannot be had; use fewer rows or columns, or a "
      "smaller model\n",
      size);
  const ssize_t written = write(STDERR_FILENO, text, (size_t)length);
  (void)written;
  _exit(exit_status);
}

void *malloc(size_t size) { return had(__libc_malloc(size), size); }

void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = (size_t)-1;
  return had(__libc_calloc(count, size), bytes);
}

void *realloc(void *block, size_t size) { return had(__libc_realloc(block, size), size); }

void *memalign(size_t alignment, size_t size) {
  return had(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  void *const found = memalign(alignment, size);
  if (!found && size) return ENOMEM;
  *block = found;
  return 0;
}

#endif
