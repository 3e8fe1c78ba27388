// What Swift's Glibc module leaves out of Linux: epoll, inotify, timers, the eventfd that wakes a thread, accept4, fallocate and renameat2.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <linux/falloc.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

// Both are declared for GNU sources only, and Swift's module is not one.
int accept4 (int descriptor, struct sockaddr *address, socklen_t *address_bytes, int flags);
int fallocate (int descriptor, int mode, off_t start, off_t bytes);
long syscall (long number, ...);
int dup3 (int descriptor, int replaced, int flags);

// From linux/fs.h and fcntl.h, whose other declarations Swift expects in its own module.
#define CLINUX_RENAME_NOREPLACE 1
#define CLINUX_RENAME_EXCHANGE 2
#define CLINUX_CURRENT_DIRECTORY -100

// Older C libraries have no function for it.
static inline int
clinux_rename (const char *from, const char *to, unsigned int flags)
{
  return (int) syscall (SYS_renameat2, CLINUX_CURRENT_DIRECTORY, from, CLINUX_CURRENT_DIRECTORY, to, flags);
}

// Gives free memory back to the system, in C libraries that keep it.
#ifdef __GLIBC__
int malloc_trim (size_t kept_bytes);
#endif
static inline void
clinux_trim_memory (void)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}

// Puts one descriptor in the place of another.
static inline int
clinux_replace (int descriptor, int replaced)
{
  return dup3 (descriptor, replaced, SOCK_CLOEXEC);
}

static inline int
clinux_socketpair (int ends[2])
{
  return socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
}

// A timer that never comes by itself, and is readable once the wall clock was set; -1 where there is none. In Swift the module of the
// members of timespec depends on the build.
static inline int
clinux_clock_timer (void)
{
  int timer = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  struct itimerspec time = { { 0, 0 }, { sizeof (time_t) > 4 ? (time_t) (1LL << 36) : (time_t) 0x7fffffff, 0 } };
  if (timer >= 0 && timerfd_settime (timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &time, NULL) != 0)
    {
      close (timer);
      return -1;
    }
  return timer;
}

static inline int
clinux_datagram_socket (void)
{
  return socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

// What the other end of a Unix socket has not read yet; -1 where that is not known. ioctl is variadic.
static inline int
clinux_unread_bytes (int descriptor)
{
  int bytes = 0;
  return ioctl (descriptor, SIOCOUTQ, &bytes) == 0 ? bytes : -1;
}

static inline int
clinux_accept (int descriptor, struct sockaddr_storage *address, socklen_t *address_bytes)
{
  return accept4 (descriptor, (struct sockaddr *) address, address_bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

#endif
