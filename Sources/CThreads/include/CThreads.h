/// Work shared by threads, by a pool that is kept for many short jobs or threads for one long one; and their stacks.
#ifndef CTHREADS_H
#define CTHREADS_H

#include <stddef.h>

/// What is done with the context that the threads share, by a worker or for a number.
typedef void bp_job(void *context, size_t number);

/// A fixed set of threads that take pieces of a job as long as there are any; the caller of bp_pool_run is worker 0.
typedef struct bp_pool bp_pool;

/// Starts `workers` - 1 threads, or as many as the system allows; NULL if memory is out.
bp_pool *bp_pool_create(size_t workers);
/// Has workers do the job, and waits for those that have begun.
///
/// The job of worker 0 returns when no piece is left, and those who come later are not waited for: a thread for which
/// the system has no core just now holds up nobody. So a worker may miss a job, even one of several that belong
/// together.
void bp_pool_run(bp_pool *pool, bp_job *job, void *context);
/// Ends the threads.
void bp_pool_destroy(bp_pool *pool);

/// Does the job once for each number below `count`, side by side where the system has threads for it.
void bp_concurrently(size_t count, bp_job *job, void *context);

/// How many processors the process may use; at least 1.
size_t bp_core_count(void);

/// Where the calling thread's stack has grown to.
void *bp_stack_pointer(void);

/// The lowest address that the calling thread's stack may reach; NULL if the system does not say.
void *bp_stack_end(void);

#endif
