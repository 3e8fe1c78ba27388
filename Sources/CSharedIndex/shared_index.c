#define _GNU_SOURCE
#include "CSharedIndex.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// A mapped part of an index. The handler reads them without a lock: it can run in the midst of anything. `start` is written last
// when a part comes and first when it goes, so a part with a start has its size.
struct part
{
  atomic_uintptr_t start;
  atomic_size_t size;
  // Whether a page of it was replaced.
  atomic_bool is_lost;
  // Whose it is; guarded by `parts_lock`.
  sqlite3_file *file;
};

// SQLite maps 32 KiB for 4096 pages in the log, which is checkpointed long before there are so many; further ones are not guarded.
enum { max_parts = 4096 };
static struct part parts[max_parts];
static pthread_mutex_t parts_lock = PTHREAD_MUTEX_INITIALIZER;

// Whether any page was replaced, so that whoever asks seldom has to look at the parts.
static atomic_bool is_any_lost;
static struct sigaction former_action;
static pthread_once_t is_prepared = PTHREAD_ONCE_INIT;
static uintptr_t page_size;

// The methods of SQLite's own files, and the same with two of them replaced.
static const sqlite3_io_methods *original;
static sqlite3_io_methods guarded;

static struct part *
part_at (uintptr_t address)
{
  for (size_t index = 0; index < max_parts; index++)
    {
      uintptr_t start = atomic_load (&parts[index].start);
      if (start != 0 && address - start < atomic_load (&parts[index].size))
        return &parts[index];
    }
  return NULL;
}

static void
replace_lost_page (int number, siginfo_t *information, void *context)
{
  int error = errno;
  uintptr_t address = (uintptr_t) information->si_addr;
  struct part *part = part_at (address);
  if (part != NULL)
    {
      void *page = (void *) (address & ~(page_size - 1));
      int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
      if (mmap (page, page_size, PROT_READ | PROT_WRITE, flags, -1, 0) == page)
        {
          atomic_store (&part->is_lost, true);
          atomic_store (&is_any_lost, true);
          errno = error;
          return;
        }
    }
  errno = error;
  if (former_action.sa_flags & SA_SIGINFO)
    former_action.sa_sigaction (number, information, context);
  else if (former_action.sa_handler != SIG_DFL && former_action.sa_handler != SIG_IGN)
    former_action.sa_handler (number);
  else
    // The access is repeated on return, and then ends the process as it would have.
    sigaction (SIGBUS, &former_action, NULL);
}

static int
map_part (sqlite3_file *file, int number, int size, int extends, void volatile **result)
{
  int code = original->xShmMap (file, number, size, extends, result);
  uintptr_t start = code == SQLITE_OK ? (uintptr_t) *result : 0;
  if (start == 0)
    return code;
  struct part *place = NULL;
  bool is_known = false;
  pthread_mutex_lock (&parts_lock);
  for (size_t index = 0; index < max_parts && !is_known; index++)
    {
      struct part *part = &parts[index];
      if (atomic_load (&part->start) == 0)
        place = place != NULL ? place : part;
      else
        is_known = part->file == file && atomic_load (&part->start) == start;
    }
  if (!is_known && place != NULL)
    {
      place->file = file;
      atomic_store (&place->size, (size_t) size);
      atomic_store (&place->is_lost, false);
      atomic_store (&place->start, start);
    }
  pthread_mutex_unlock (&parts_lock);
  return code;
}

static int
unmap_parts (sqlite3_file *file, int deletes)
{
  pthread_mutex_lock (&parts_lock);
  for (size_t index = 0; index < max_parts; index++)
    if (parts[index].file == file)
      {
        atomic_store (&parts[index].start, 0);
        parts[index].file = NULL;
      }
  pthread_mutex_unlock (&parts_lock);
  return original->xShmUnmap (file, deletes);
}

static void
prepare (void)
{
  page_size = (uintptr_t) sysconf (_SC_PAGESIZE);
  struct sigaction action;
  memset (&action, 0, sizeof action);
  action.sa_sigaction = replace_lost_page;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset (&action.sa_mask);
  sigaction (SIGBUS, &action, &former_action);
}

static sqlite3_file *
file_of (sqlite3 *connection)
{
  sqlite3_file *file = NULL;
  int code = sqlite3_file_control (connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return code == SQLITE_OK ? file : NULL;
}

void
csharedindex_guard (sqlite3 *connection)
{
  sqlite3_file *file = file_of (connection);
  if (file == NULL)
    return;
  pthread_once (&is_prepared, prepare);
  pthread_mutex_lock (&parts_lock);
  // A file that is opened without its log has no index to map.
  if (original == NULL && file->pMethods != NULL && file->pMethods->iVersion >= 2 && file->pMethods->xShmMap != NULL)
    {
      original = file->pMethods;
      guarded = *original;
      guarded.xShmMap = map_part;
      guarded.xShmUnmap = unmap_parts;
    }
  // Another kind of file system may have other methods, and a database in memory has none at first; they go unguarded.
  if (original != NULL && file->pMethods == original)
    file->pMethods = &guarded;
  pthread_mutex_unlock (&parts_lock);
}

bool
csharedindex_is_lost (sqlite3 *connection)
{
  if (!atomic_load (&is_any_lost))
    return false;
  sqlite3_file *file = file_of (connection);
  bool is_lost = false;
  pthread_mutex_lock (&parts_lock);
  for (size_t index = 0; index < max_parts && !is_lost; index++)
    is_lost = file != NULL && parts[index].file == file && atomic_load (&parts[index].is_lost);
  pthread_mutex_unlock (&parts_lock);
  return is_lost;
}
