// What Swift cannot say of a process: its arguments as they were handed over, and a handler of signals.
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>

// How many arguments the process was started with, its own name among them; 0 where the C library hands them to `main` alone.
int cprocess_argument_count (void);

// An argument, which stays where it is until the process ends; the index is below the count.
const char *cprocess_argument (int index);

// A variable of the environment, NAME=VALUE; NULL from the first index on that has none.
const char *cprocess_variable (int index);

// Whether the process ignores a signal, as one does that `nohup` has started.
bool cprocess_ignores (int number);

// From now on each of these signals writes its number, one byte, to a descriptor that does not block.
// Returns false where the system has no such signal.
bool cprocess_forward (int number, int descriptor);

// Writes what standard output has kept until now; returns false where that, or something before it, has failed.
bool cprocess_flush_output (void);

#endif
