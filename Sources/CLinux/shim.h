// What Swift's Glibc module leaves out of Linux: epoll, the eventfd that wakes a thread, accept4, fallocate and renameat2.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <linux/falloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

// Both are declared for GNU sources only, and Swift's module is not one.
int accept4 (int descriptor, struct sockaddr *address, socklen_t *address_bytes, int flags);
int fallocate (int descriptor, int mode, off_t start, off_t bytes);
long syscall (long number, ...);

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

static inline int
clinux_accept (int descriptor, struct sockaddr_storage *address, socklen_t *address_bytes)
{
  return accept4 (descriptor, (struct sockaddr *) address, address_bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

#endif
