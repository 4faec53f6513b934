#define _GNU_SOURCE
#include "CThreads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// How many nanoseconds a thread looks for news before it goes to sleep.
#define PATIENCE 50000

// What is known of a job in one word, which changes as a whole: how many threads besides the caller are at work on it,
// whether others may still begin, and, above, the number of the job.
#define AT_WORK UINT64_C(0xFFFF)
#define IS_OPEN UINT64_C(0x10000)
#define ONE_JOB UINT64_C(0x20000)

struct bp_pool {
  size_t workers;
  pthread_t *threads;
  // What is to be done; read by threads that are at work on it.
  bp_job *job;
  void *context;
  _Atomic uint64_t state;
  atomic_int ends;
  pthread_mutex_t mutex;
  pthread_cond_t posted, finished;
};

typedef struct {
  bp_pool *pool;
  size_t worker;
} bp_seat;

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

// Whether a pool is as somebody waits for it to be; `job` is the last that they know.
typedef int condition(bp_pool *pool, uint64_t job);

static int has_news(bp_pool *pool, uint64_t job) {
  const uint64_t state = atomic_load_explicit(&pool->state, memory_order_acquire);
  return (state & IS_OPEN && state / ONE_JOB != job) || atomic_load(&pool->ends);
}

static int is_done(bp_pool *pool, uint64_t job) {
  (void)job;
  return (atomic_load_explicit(&pool->state, memory_order_acquire) & AT_WORK) == 0;
}

// Waits until a condition holds, first awake, then asleep.
//
// Who is awake may hold a core that the others need, where there are more threads than cores.
static void wait_until(condition *holds, bp_pool *pool, uint64_t job, pthread_cond_t *news) {
  for (int64_t end = 0; end == 0 || now() < end;) {
    for (int i = 0; i < 64; i++) {
      if (holds(pool, job)) { return; }
      pause_briefly();
    }
    if (end == 0) { end = now() + PATIENCE; }
  }
  pthread_mutex_lock(&pool->mutex);
  while (!holds(pool, job)) { pthread_cond_wait(news, &pool->mutex); }
  pthread_mutex_unlock(&pool->mutex);
}

// Begins to work on the job that is open, unless there is none any more; gives its number, or 0.
static uint64_t begin(bp_pool *pool) {
  uint64_t state = atomic_load(&pool->state);
  while (state & IS_OPEN) {
    if (atomic_compare_exchange_weak(&pool->state, &state, state + 1)) { return state / ONE_JOB; }
  }
  return 0;
}

static void *work(void *argument) {
  const bp_seat seat = *(bp_seat *)argument;
  free(argument);
  bp_pool *pool = seat.pool;
  for (uint64_t last = 0;;) {
    wait_until(has_news, pool, last, &pool->posted);
    if (atomic_load(&pool->ends)) { return NULL; }
    const uint64_t job = begin(pool);
    if (job == 0) { continue; }
    last = job;
    pool->job(pool->context, seat.worker);
    const uint64_t state = atomic_fetch_sub(&pool->state, 1);
    if ((state & (AT_WORK | IS_OPEN)) == 1) {
      pthread_mutex_lock(&pool->mutex);
      pthread_cond_signal(&pool->finished);
      pthread_mutex_unlock(&pool->mutex);
    }
  }
}

bp_pool *bp_pool_create(size_t workers) {
  bp_pool *pool = calloc(1, sizeof *pool);
  if (pool == NULL) { return NULL; }
  pool->workers = 1;
  if (workers > AT_WORK) { workers = AT_WORK; }
  pool->threads = calloc(workers, sizeof *pool->threads);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->posted, NULL);
  pthread_cond_init(&pool->finished, NULL);
  // Signals are for the thread that started us, but for the one that tells of a thread's own memory.
  sigset_t all, before;
  sigfillset(&all);
  sigdelset(&all, SIGBUS);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool->threads != NULL && pool->workers < workers) {
    bp_seat *seat = malloc(sizeof *seat);
    if (seat == NULL) { break; }
    *seat = (bp_seat){pool, pool->workers};
    if (pthread_create(&pool->threads[pool->workers], NULL, work, seat) != 0) {
      free(seat);
      break;
    }
    pool->workers++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pool;
}

// Wakes the threads that are asleep.
static void wake(bp_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->posted);
  pthread_mutex_unlock(&pool->mutex);
}

void bp_pool_run(bp_pool *pool, bp_job *job, void *context) {
  pool->job = job;
  pool->context = context;
  atomic_fetch_add(&pool->state, ONE_JOB | IS_OPEN);
  wake(pool);
  job(context, 0);
  // Nothing is left for who has not begun.
  atomic_fetch_and(&pool->state, ~IS_OPEN);
  wait_until(is_done, pool, 0, &pool->finished);
}

void bp_pool_destroy(bp_pool *pool) {
  if (pool == NULL) { return; }
  atomic_store(&pool->ends, 1);
  wake(pool);
  for (size_t worker = 1; worker < pool->workers; worker++) {
    pthread_join(pool->threads[worker], NULL);
  }
  pthread_mutex_destroy(&pool->mutex);
  pthread_cond_destroy(&pool->posted);
  pthread_cond_destroy(&pool->finished);
  free(pool->threads);
  free(pool);
}

typedef struct {
  bp_job *job;
  void *context;
  size_t count;
  // The first number that nobody has taken yet.
  atomic_size_t next;
} bp_numbers;

static void take_numbers(void *argument, size_t worker) {
  (void)worker;
  bp_numbers *numbers = argument;
  for (size_t number; (number = atomic_fetch_add(&numbers->next, 1)) < numbers->count;) {
    numbers->job(numbers->context, number);
  }
}

void bp_concurrently(size_t count, bp_job *job, void *context) {
  bp_numbers numbers = {job, context, count, 0};
  bp_pool *pool = count > 1 ? bp_pool_create(count) : NULL;
  if (pool == NULL) {
    take_numbers(&numbers, 0);
    return;
  }
  bp_pool_run(pool, take_numbers, &numbers);
  bp_pool_destroy(pool);
}

size_t bp_core_count(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) { return (size_t)CPU_COUNT(&allowed); }
  const long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (size_t)count : 1;
}

void *bp_stack_pointer(void) { return __builtin_frame_address(0); }

void *bp_stack_end(void) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) { return NULL; }
  void *end;
  size_t size;
  if (pthread_attr_getstack(&attributes, &end, &size) != 0) { end = NULL; }
  pthread_attr_destroy(&attributes);
  return end;
}
