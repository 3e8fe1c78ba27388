// What an operation of the engine must cost at least: a mutex around the value, and as many clock reads as the engine makes.
//
// The value is the engine's `User`. Its strings are Swift's: up to 15 bytes in the value itself, others shared and counted, so
// that neither side copies what the other does not. Another thread waits meanwhile, as glibc's mutexes are cheaper where there
// is none.
//
//     mutex checkout|commit COUNT CLOCK_READS
//
// It prints the nanoseconds that one operation takes.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct shared {
  atomic_int references;
  char bytes[];
};

struct text {
  struct shared *shared; // NULL where the bytes are here
  char bytes[16];
};

struct user {
  struct text id, name, email;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct user published;
static volatile long last_read;

static struct text make_text (const char *bytes)
{
  struct text text = { .shared = NULL };
  if (strlen (bytes) < sizeof (text.bytes))
    {
      strcpy (text.bytes, bytes);
      return text;
    }
  text.shared = malloc (sizeof (struct shared) + strlen (bytes) + 1);
  if (text.shared == NULL)
    exit (1);
  atomic_init (&text.shared->references, 1);
  strcpy (text.shared->bytes, bytes);
  return text;
}

static void retain (const struct text *text)
{
  if (text->shared != NULL)
    atomic_fetch_add_explicit (&text->shared->references, 1, memory_order_relaxed);
}

static void release (struct text *text)
{
  if (text->shared != NULL && atomic_fetch_sub_explicit (&text->shared->references, 1, memory_order_acq_rel) == 1)
    free (text->shared);
}

static void copy (struct user *to, const struct user *from)
{
  *to = *from;
  retain (&to->id), retain (&to->name), retain (&to->email);
}

static void discard (struct user *user) { release (&user->id), release (&user->name), release (&user->email); }

static void read_clock (long times)
{
  struct timespec time;
  for (long i = 0; i < times; i++)
    {
      clock_gettime (CLOCK_MONOTONIC, &time);
      last_read = time.tv_nsec;
    }
}

__attribute__ ((noinline)) static void checkout (struct user *user)
{
  pthread_mutex_lock (&mutex);
  copy (user, &published);
  pthread_mutex_unlock (&mutex);
}

__attribute__ ((noinline)) static void commit (void)
{
  struct user user, former;
  pthread_mutex_lock (&mutex);
  copy (&user, &published);
  struct text name = make_text (strcmp (user.name.bytes, "chris") == 0 ? "cS" : "chris");
  release (&user.name);
  user.name = name;
  former = published;
  published = user;
  pthread_mutex_unlock (&mutex);
  discard (&former);
}

static void *wait_for_end (void *unused)
{
  pause ();
  return unused;
}

int main (int words, char **word)
{
  if (words != 4)
    return 2;
  const long count = atol (word[2]), reads = atol (word[3]);
  const int is_commit = strcmp (word[1], "commit") == 0;
  published.id = make_text ("f0d8e1f2-3c4b-4a5d-8e6f-7a8b9c0d1e2f");
  published.name = make_text ("chris");
  published.email = make_text ("chris@email.com");
  pthread_t other;
  if (pthread_create (&other, NULL, wait_for_end, NULL) != 0)
    return 1;
  struct timespec start, end;
  clock_gettime (CLOCK_MONOTONIC, &start);
  for (long i = 0; i < count; i++)
    {
      read_clock (reads);
      if (is_commit)
        commit ();
      else
        {
          struct user user;
          checkout (&user);
          discard (&user);
        }
    }
  clock_gettime (CLOCK_MONOTONIC, &end);
  const double nanoseconds = 1e9 * (double) (end.tv_sec - start.tv_sec) + (double) (end.tv_nsec - start.tv_nsec);
  printf ("%.1f\n", nanoseconds / (double) count);
  return 0;
}
