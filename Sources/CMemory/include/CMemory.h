/// An end for a process whose memory is out: a line on standard error and a status, instead of a trace.
///
/// Swift aborts where memory cannot be had, and leaves nobody a say. So the program that this is linked into has
/// malloc and its relatives from here: glibc's own, whose failure is looked at first.
#ifndef CMEMORY_H
#define CMEMORY_H

/// From now on `clear_up` is called when memory cannot be had, and the process ends with `status`.
///
/// It is called on the thread that asked for memory, and must not need any itself. No library in the process gets NULL any
/// more, not even one that would live with it. Under a sanitizer, which has a malloc of its own, nothing changes.
void bp_end_without_memory(int status, void (*clear_up)(void));

#endif
