"""Stops single threads of a process, as a debugger does, so that the others go on."""

import contextlib
import ctypes
import os
import platform
import threading

from container import wait_until

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
# Waits for threads too (__WALL).
WAIT_FOR_THREADS = 0x4000_0000
# poll and ppoll, by architecture.
POLL = {"x86_64": ("7", "271"), "aarch64": ("73",)}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


def threads_that_poll(process):
    """The threads that wait for sockets just now."""
    found = []
    for thread in os.listdir(f"/proc/{process}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{process}/task/{thread}/syscall", encoding="ascii") as file:
            if file.read().split(" ")[0] in POLL[platform.machine()]:
                found.append(int(thread))
    return found


def loop_thread(process):
    """The thread that serves all connections."""
    return wait_until(lambda: threads_that_poll(process), "No thread of the service waits for sockets.")[0]


@contextlib.contextmanager
def stopped(thread):
    """Keeps a thread from running until the end of the block, unless its process ends."""
    _trace(PTRACE_SEIZE, thread)
    _trace(PTRACE_INTERRUPT, thread)
    os.waitpid(thread, WAIT_FOR_THREADS)
    # A process is not gone before its traced threads have been waited for.
    waiting = threading.Thread(target=_await_end, args=(thread,), daemon=True)
    waiting.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            _trace(PTRACE_DETACH, thread)


def _await_end(thread):
    with contextlib.suppress(ChildProcessError):
        while not os.WIFSIGNALED(status := os.waitpid(thread, WAIT_FOR_THREADS)[1]) and not os.WIFEXITED(status):
            pass


def _trace(request, thread):
    if _libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
