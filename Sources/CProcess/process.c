#include "CProcess.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

static int argument_count = 0;
static char **arguments = NULL;

#ifdef __GLIBC__
// Before `main`, glibc calls this with what the kernel has put on the stack. Swift looks for that beside `environ`, which a
// library that was loaded before has perhaps moved, and in /proc, which is perhaps not there.
__attribute__ ((constructor)) static void
keep_arguments (int count, char **values, char **environment)
{
  (void) environment;
  argument_count = count;
  arguments = values;
}
#endif

int
cprocess_argument_count (void)
{
  return argument_count;
}

const char *
cprocess_argument (int index)
{
  return arguments[index];
}

const char *
cprocess_variable (int index)
{
  extern char **environ;
  return environ == NULL ? NULL : environ[index];
}

bool
cprocess_ignores (int number)
{
  struct sigaction action;
  return sigaction (number, NULL, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
}

// Written before the handler is installed; a handler may read no other kind.
static volatile sig_atomic_t forwarding_descriptor = -1;

static void
forward (int number)
{
  int error = errno;
  unsigned char byte = (unsigned char) number;
  // A full pipe has thousands of them already.
  ssize_t count = write (forwarding_descriptor, &byte, 1);
  (void) count;
  errno = error;
}

bool
cprocess_forward (int number, int descriptor)
{
  forwarding_descriptor = descriptor;
  struct sigaction action = { 0 };
  action.sa_handler = forward;
  action.sa_flags = SA_RESTART;
  sigfillset (&action.sa_mask);
  return sigaction (number, &action, NULL) == 0;
}

bool
cprocess_flush_output (void)
{
  return fflush (stdout) == 0 && ferror (stdout) == 0;
}
