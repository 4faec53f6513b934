#define _GNU_SOURCE
#include "CMPI.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Open MPI's mpi.h in short: handles are pointers, and the predefined ones point at data of the library.
typedef void *handle;
#define IN_PLACE ((void *)1)
#define THREAD_FUNNELED 1
#define OUT_OF_MEMORY 34  // MPI_ERR_NO_MEM
// Names and error texts have at most 256 bytes in Open MPI, more in some others.
#define TEXT 8192

#define FUNCTIONS(of)                                                                            \
  of(Initialized, (int *))                                                                       \
  of(Init_thread, (int *, char ***, int, int *))                                                 \
  of(Finalize, (void))                                                                           \
  of(Abort, (handle, int))                                                                       \
  of(Comm_set_errhandler, (handle, handle))                                                      \
  of(Comm_rank, (handle, int *))                                                                 \
  of(Comm_size, (handle, int *))                                                                 \
  of(Barrier, (handle))                                                                          \
  of(Bcast, (void *, int, handle, int, handle))                                                  \
  of(Allgather, (const void *, int, handle, void *, int, handle, handle))                        \
  of(Allgatherv, (const void *, int, handle, void *, const int *, const int *, handle, handle)) \
  of(Isend, (const void *, int, handle, int, int, handle, handle *))                             \
  of(Irecv, (void *, int, handle, int, int, handle, handle *))                                   \
  of(Waitall, (int, handle *, void *))                                                           \
  of(Error_string, (int, char *, int *))                                                         \
  of(Get_library_version, (char *, int *))

static struct {
#define POINTER(name, parameters) int(*name) parameters;
  FUNCTIONS(POINTER)
  handle world, byte, errors_return;
  int rank, count;
  // Somebody else has started MPI in this process, and will end it.
  int is_guest;
  // Two numbers for each rank.
  int *numbers;
  // What was begun and is not yet waited for.
  handle *requests;
  int begun, room;
  size_t largest;
} mpi = {.largest = (size_t)1 << 30};

// Calls a function by its name, which a failure tells.
#define CALL(name, ...) ((bp_mpi_result){"MPI_" #name, mpi.name(__VA_ARGS__)})
#define TRY(name, ...)                                   \
  do {                                                   \
    const bp_mpi_result result = CALL(name, __VA_ARGS__); \
    if (result.code != 0) { return result; }             \
  } while (0)

static const bp_mpi_result done = {"", 0};

static long number(const char *name) {
  const char *text = getenv(name);
  const long value = text == NULL ? 0 : strtol(text, NULL, 10);
  return value > 0 ? value : -1;
}

long bp_mpi_launched(void) {
  if (getenv("OMPI_COMM_WORLD_SIZE") != NULL) { return number("OMPI_COMM_WORLD_SIZE"); }
  if (getenv("PMI_RANK") != NULL && getenv("PMI_SIZE") != NULL) { return number("PMI_SIZE"); }
  if (getenv("PMIX_RANK") == NULL && getenv("PMI_RANK") == NULL) { return 0; }
  return number("SLURM_STEP_NUM_TASKS");
}

// The library's name and version, cut to `size`.
static void version(char *text, size_t size) {
  char all[TEXT] = "";
  int length = 0;
  mpi.Get_library_version(all, &length);
  all[strcspn(all, ",\n")] = '\0';
  snprintf(text, size, "%s", all);
}

bp_mpi_finding bp_mpi_load(char *text, size_t size) {
  // Open MPI 3, 4 and 5; Open MPI 1.10 and MPICH; whatever the system takes for its MPI.
  static const char *const names[] = {"libmpi.so.40", "libmpi.so.12", "libmpi.so"};
  const size_t name_count = sizeof names / sizeof *names;
  bp_mpi_finding finding = BP_MPI_NO_LIBRARY;
  for (size_t i = 0; i < name_count; i++) {
    // Open MPI's own plugins look for its symbols among the global ones.
    void *library = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
      // The first name is the one to ask for.
      const char *reason = dlerror();
      if (i == 0) { snprintf(text, size, "%s", reason != NULL ? reason : names[i]); }
      continue;
    }
    mpi.world = dlsym(library, "ompi_mpi_comm_world");
    mpi.byte = dlsym(library, "ompi_mpi_byte");
    mpi.errors_return = dlsym(library, "ompi_mpi_errors_return");
    int complete = mpi.world != NULL && mpi.byte != NULL && mpi.errors_return != NULL;
#define FIND(name, parameters)                                \
  {                                                           \
    void *const found = dlsym(library, "MPI_" #name);         \
    complete = complete && found != NULL;                     \
    memcpy(&mpi.name, &found, sizeof found);                  \
  }
    FUNCTIONS(FIND)
    if (complete) { return BP_MPI_LOADED; }
    finding = BP_MPI_FOREIGN_LIBRARY;
    if (mpi.Get_library_version != NULL) {
      version(text, size);
    } else {
      snprintf(text, size, "%s", names[i]);
    }
    dlclose(library);
  }
  return finding;
}

bp_mpi_result bp_mpi_join(int *rank, int *count) {
  TRY(Initialized, &mpi.is_guest);
  int provided;
  // Where ranks share cores, one that waits without yielding costs the others their time slices: milliseconds for
  // each message instead of microseconds. Whoever knows better has set it.
  setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  if (!mpi.is_guest) { TRY(Init_thread, NULL, NULL, THREAD_FUNNELED, &provided); }
  TRY(Comm_set_errhandler, mpi.world, mpi.errors_return);
  TRY(Comm_rank, mpi.world, &mpi.rank);
  TRY(Comm_size, mpi.world, &mpi.count);
  *rank = mpi.rank;
  *count = mpi.count;
  mpi.numbers = calloc((size_t)mpi.count, 2 * sizeof *mpi.numbers);
  return mpi.numbers != NULL ? done : (bp_mpi_result){"calloc", OUT_OF_MEMORY};
}

bp_mpi_result bp_mpi_leave(void) { return mpi.is_guest ? done : CALL(Finalize); }

noreturn void bp_mpi_abort(int code) {
  mpi.Abort(mpi.world, code);
  _Exit(code);
}

bp_mpi_result bp_mpi_barrier(void) { return CALL(Barrier, mpi.world); }

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static bp_mpi_result broadcast(void *bytes, size_t size, int root) {
  for (size_t start = 0; start < size; start += mpi.largest) {
    const int piece = (int)smaller(size - start, mpi.largest);
    TRY(Bcast, (char *)bytes + start, piece, mpi.byte, root, mpi.world);
  }
  return done;
}

bp_mpi_result bp_mpi_all_gather_equal(void *bytes, size_t size) {
  if (size <= mpi.largest / (size_t)mpi.count) {
    return CALL(Allgather, IN_PLACE, 0, mpi.byte, bytes, (int)size, mpi.byte, mpi.world);
  }
  for (int rank = 0; rank < mpi.count; rank++) {
    const bp_mpi_result result = broadcast((char *)bytes + (size_t)rank * size, size, rank);
    if (result.code != 0) { return result; }
  }
  return done;
}

bp_mpi_result bp_mpi_all_gather(void *bytes, const size_t *offsets) {
  int *const sizes = mpi.numbers, *const places = mpi.numbers + mpi.count;
  const int is_large = offsets[mpi.count] - offsets[0] > mpi.largest;
  for (int rank = 0; rank < mpi.count; rank++) {
    const size_t size = offsets[rank + 1] - offsets[rank];
    if (is_large) {
      const bp_mpi_result result = broadcast((char *)bytes + offsets[rank], size, rank);
      if (result.code != 0) { return result; }
    } else {
      sizes[rank] = (int)size;
      places[rank] = (int)(offsets[rank] - offsets[0]);
    }
  }
  char *const start = (char *)bytes + offsets[0];
  return is_large ? done : CALL(Allgatherv, IN_PLACE, 0, mpi.byte, start, sizes, places, mpi.byte, mpi.world);
}

// A place for one more request; NULL if memory is out.
static handle *next_request(void) {
  if (mpi.begun == mpi.room) {
    const int room = 2 * mpi.room + 64;
    handle *const requests = realloc(mpi.requests, (size_t)room * sizeof *requests);
    if (requests == NULL) { return NULL; }
    mpi.requests = requests;
    mpi.room = room;
  }
  return &mpi.requests[mpi.begun];
}

bp_mpi_result bp_mpi_send(const void *bytes, size_t size, int to) {
  for (size_t start = 0; start < size; start += mpi.largest) {
    const int piece = (int)smaller(size - start, mpi.largest);
    handle *const request = next_request();
    if (request == NULL) { return (bp_mpi_result){"realloc", OUT_OF_MEMORY}; }
    TRY(Isend, (const char *)bytes + start, piece, mpi.byte, to, 0, mpi.world, request);
    mpi.begun++;
  }
  return done;
}

bp_mpi_result bp_mpi_receive(void *bytes, size_t size, int from) {
  for (size_t start = 0; start < size; start += mpi.largest) {
    const int piece = (int)smaller(size - start, mpi.largest);
    handle *const request = next_request();
    if (request == NULL) { return (bp_mpi_result){"realloc", OUT_OF_MEMORY}; }
    TRY(Irecv, (char *)bytes + start, piece, mpi.byte, from, 0, mpi.world, request);
    mpi.begun++;
  }
  return done;
}

bp_mpi_result bp_mpi_wait(void) {
  const int begun = mpi.begun;
  mpi.begun = 0;
  return CALL(Waitall, begun, mpi.requests, NULL);
}

void bp_mpi_describe(int code, char *text, size_t size) {
  char all[TEXT] = "";
  int length = 0;
  mpi.Error_string(code, all, &length);
  snprintf(text, size, "%s", all);
}

void bp_mpi_cut_at(size_t size) { mpi.largest = size; }
