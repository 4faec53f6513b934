#define _GNU_SOURCE
#include "CMapping.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// More files than this are not mapped at the same time.
#define MOST 64

// Each mapped file's pages, which the handler looks through; `start` is 0 where there is none.
static struct {
  atomic_uintptr_t start, end;
  atomic_bool has_failed;
} mapped[MOST];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int count;
static uintptr_t page_size;
static struct sigaction former;

// Puts zeros where a mapped file has nothing, from the page on that was asked for.
static void handle(int number, siginfo_t *info, void *context) {
  (void)context;
  const uintptr_t address = (uintptr_t)info->si_addr;
  for (int i = 0; i < MOST; i++) {
    const uintptr_t start = atomic_load(&mapped[i].start), end = atomic_load(&mapped[i].end);
    if (start == 0 || address < start || address >= end) { continue; }
    atomic_store(&mapped[i].has_failed, true);
    const uintptr_t page = address & ~(page_size - 1);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (mmap((void *)page, end - page, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED) { return; }
  }
  // It is not ours: what was to happen to it happens when the fault comes again.
  sigaction(number, &former, NULL);
}

bool bp_map(void *start, size_t size, int file) {
  pthread_mutex_lock(&mutex);
  int free = 0;
  while (free < MOST && atomic_load(&mapped[free].start) != 0) { free++; }
  bool is_mapped = false;
  if (size > 0 && free < MOST) {
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (count == 0) {
      struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
      sigemptyset(&action.sa_mask);
      sigaction(SIGBUS, &action, &former);
    }
    atomic_store(&mapped[free].has_failed, false);
    atomic_store(&mapped[free].end, (uintptr_t)start + ((size + page_size - 1) & ~(page_size - 1)));
    atomic_store(&mapped[free].start, (uintptr_t)start);
    const int flags = MAP_PRIVATE | MAP_FIXED | MAP_POPULATE;
    is_mapped = mmap(start, size, PROT_READ, flags, file, 0) != MAP_FAILED;
    if (is_mapped) { count++; } else { atomic_store(&mapped[free].start, 0); }
    if (count == 0) { sigaction(SIGBUS, &former, NULL); }
  }
  pthread_mutex_unlock(&mutex);
  return is_mapped;
}

bool bp_has_failed(void *start) {
  bool has_failed = false;
  for (int i = 0; i < MOST; i++) {
    if (atomic_load(&mapped[i].start) == (uintptr_t)start) { has_failed = atomic_load(&mapped[i].has_failed); }
  }
  return has_failed;
}

void bp_unmap(void *start) {
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < MOST; i++) {
    if (atomic_load(&mapped[i].start) != (uintptr_t)start) { continue; }
    atomic_store(&mapped[i].start, 0);
    if (--count == 0) { sigaction(SIGBUS, &former, NULL); }
  }
  pthread_mutex_unlock(&mutex);
}
