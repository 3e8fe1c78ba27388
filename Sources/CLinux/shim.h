// What Swift's Glibc module leaves out of Linux: epoll, the eventfd that wakes a thread, accept4 and fallocate.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <linux/falloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Both are declared for GNU sources only, and Swift's module is not one.
int accept4 (int descriptor, struct sockaddr *address, socklen_t *address_bytes, int flags);
int fallocate (int descriptor, int mode, off_t start, off_t bytes);

static inline int
clinux_accept (int descriptor, struct sockaddr_storage *address, socklen_t *address_bytes)
{
  return accept4 (descriptor, (struct sockaddr *) address, address_bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

#endif
