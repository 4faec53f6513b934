#define _GNU_SOURCE
#include "CThreads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

// How often a thread looks for news before it goes to sleep: some tens of microseconds.
#define PATIENCE 20000

struct bp_pool {
  size_t workers;
  pthread_t *threads;
  // What is to be done, valid while `round` is the round it was posted for.
  bp_job *job;
  void *context;
  // Counts the jobs posted; workers wait for it to change.
  atomic_size_t round;
  atomic_size_t unfinished;
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

// Waits until `value` is no longer `old`, first awake, then asleep.
static void wait_for_change(bp_pool *pool, atomic_size_t *value, size_t old, pthread_cond_t *news) {
  for (int i = 0; i < PATIENCE; i++) {
    if (atomic_load_explicit(value, memory_order_acquire) != old) { return; }
    pause_briefly();
  }
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load_explicit(value, memory_order_acquire) == old) {
    pthread_cond_wait(news, &pool->mutex);
  }
  pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *argument) {
  const bp_seat seat = *(bp_seat *)argument;
  free(argument);
  bp_pool *pool = seat.pool;
  for (size_t round = 0;; round++) {
    wait_for_change(pool, &pool->round, round, &pool->posted);
    if (atomic_load(&pool->ends)) { return NULL; }
    pool->job(pool->context, seat.worker);
    if (atomic_fetch_sub_explicit(&pool->unfinished, 1, memory_order_acq_rel) == 1) {
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

static void post(bp_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
  pthread_cond_broadcast(&pool->posted);
  pthread_mutex_unlock(&pool->mutex);
}

void bp_pool_run(bp_pool *pool, bp_job *job, void *context) {
  pool->job = job;
  pool->context = context;
  atomic_store(&pool->unfinished, pool->workers - 1);
  post(pool);
  job(context, 0);
  for (size_t left; (left = atomic_load_explicit(&pool->unfinished, memory_order_acquire)) != 0;) {
    wait_for_change(pool, &pool->unfinished, left, &pool->finished);
  }
}

void bp_pool_destroy(bp_pool *pool) {
  if (pool == NULL) { return; }
  atomic_store(&pool->ends, 1);
  post(pool);
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
