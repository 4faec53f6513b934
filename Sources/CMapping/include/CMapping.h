// Files as memory that survive being cut short.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Maps the first `size` bytes of a file, to be read, over this process's own memory at `start`, the first of a page.
// What cannot be read any more, as the file was cut short or its disk failed, turns into zeros, where the system
// would end the process by SIGBUS. False if there is nothing to map or too much is mapped already.
bool bp_map(void *start, size_t size, int file);

// Whether anything of what `bp_map` mapped at `start` has turned into zeros.
bool bp_has_failed(void *start);

// Says that what `bp_map` mapped at `start` will not be read any more.
void bp_unmap(void *start);
