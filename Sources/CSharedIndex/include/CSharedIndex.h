// Keeps a process alive when the file of a database's shared index is cut off.
//
// SQLite maps `state.sqlite-shm` into memory. Where another program makes that file shorter, as `cp` does before it writes over
// it, or the disk cannot read it, the next access to the lost part is answered with SIGBUS, which ends the process.
#ifndef CSHAREDINDEX_H
#define CSHAREDINDEX_H

#include <sqlite3.h>
#include <stdbool.h>

// From now on a part of the index of this connection that is lost is replaced by an empty page of this process alone. SQLite takes
// an empty index for a damaged one and makes it anew from the log, so nothing but time is lost.
// Other causes of SIGBUS go to whoever has handled it before.
void csharedindex_guard (sqlite3 *connection);

// Whether a part of the index of this connection was lost, so that it no longer shares it with other programs.
bool csharedindex_is_lost (sqlite3 *connection);

#endif
