/// Open MPI, looked for at run time where a launcher has started this process; building needs nothing of it.
///
/// All calls go over all processes of the job and belong to the thread that joined. Messages may have any length.
#ifndef CMPI_H
#define CMPI_H

#include <stddef.h>
#include <stdnoreturn.h>

/// How many processes a launcher (mpirun, srun) has started together with this one, by what it left in the
/// environment: 0 without a launcher, -1 if it does not say.
long bp_mpi_launched(void);

typedef enum {
  BP_MPI_LOADED,
  /// There is no such library, or it cannot be loaded.
  BP_MPI_NO_LIBRARY,
  /// The library is of another MPI, whose handles are not Open MPI's.
  BP_MPI_FOREIGN_LIBRARY,
} bp_mpi_finding;

/// Loads the library; `text` gets the loader's reason, or the foreign library's name, cut to `size`.
bp_mpi_finding bp_mpi_load(char *text, size_t size);

/// How a call went: `code` is 0, or MPI's error code from the function named `call`.
typedef struct {
  const char *call;
  int code;
} bp_mpi_result;

/// Becomes part of the job, once the library is loaded.
bp_mpi_result bp_mpi_join(int *rank, int *count);
/// Leaves the job; all processes must call it; nothing may follow.
bp_mpi_result bp_mpi_leave(void);
/// Ends all processes of the job.
noreturn void bp_mpi_abort(int code);

bp_mpi_result bp_mpi_barrier(void);
/// Every rank has filled its part of `bytes`, from offsets[rank] up to offsets[rank + 1], and gets the others'.
bp_mpi_result bp_mpi_all_gather(void *bytes, const size_t *offsets);
/// The same for parts of one size.
bp_mpi_result bp_mpi_all_gather_equal(void *bytes, size_t size);

/// Begins to send or to receive; what one rank sends to another arrives in order.
bp_mpi_result bp_mpi_send(const void *bytes, size_t size, int to);
bp_mpi_result bp_mpi_receive(void *bytes, size_t size, int from);
/// Waits until all that was begun is done; the bytes must live and rest until then.
bp_mpi_result bp_mpi_wait(void);

/// What an error code means, cut to `size`.
void bp_mpi_describe(int code, char *text, size_t size);

/// Cuts messages at so many bytes, a gigabyte if nothing is said; MPI's own counts are ints. For tests.
void bp_mpi_cut_at(size_t size);

#endif
