#!/usr/bin/python3 -B
"""A file system with one file, `disk`, that records each write and each flush of it in the order of their arrival.

    recording_disk.py MOUNTPOINT IMAGE LOG

The file begins as a copy of IMAGE and lives in memory, so that serving it never waits for a file system above it. LOG has a record, whole,
before its write or flush returns to the caller. The program prints `ready`, and ends when it is unmounted or its standard input ends.
"""

import errno
import os
import stat
import sys

import disk_log
import pyfuse3
import trio

DISK_INODE = pyfuse3.ROOT_INODE + 1


class RecordingDisk(pyfuse3.Operations):
    """Serves the file. No method awaits anything, so a request ends before the next one begins."""

    def __init__(self, image, log):
        super().__init__()
        self.content = bytearray(image)
        self.log = log

    async def getattr(self, inode, ctx=None):
        entry = pyfuse3.EntryAttributes()
        entry.st_ino, entry.st_nlink = inode, 1
        if inode == DISK_INODE:
            entry.st_mode, entry.st_size = stat.S_IFREG | 0o600, len(self.content)
        else:
            entry.st_mode = stat.S_IFDIR | 0o700
        return entry

    async def lookup(self, parent_inode, name, ctx=None):
        if name != b"disk":
            raise pyfuse3.FUSEError(errno.ENOENT)
        return await self.getattr(DISK_INODE)

    async def open(self, inode, flags, ctx):
        # Without a page cache of its own, a write or read is here before it returns, also where the loop device does buffered I/O.
        return pyfuse3.FileInfo(fh=inode, direct_io=True)

    async def read(self, fh, off, size):
        return bytes(self.content[off : off + size])

    async def write(self, fh, off, buf):
        if off + len(buf) > len(self.content):
            raise pyfuse3.FUSEError(errno.ENOSPC)
        self.content[off : off + len(buf)] = buf
        self.append(disk_log.write_record(off, buf))
        return len(buf)

    async def fsync(self, fh, datasync):
        self.append(disk_log.FLUSH_RECORD)

    def append(self, record):
        """Adds a record with one system call."""
        if os.write(self.log, record) != len(record):
            # A log that lacks something proves nothing.
            os.abort()


async def serve_until_input_ends():
    async def end_with_input(scope):
        await trio.lowlevel.wait_readable(sys.stdin.fileno())
        scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(end_with_input, nursery.cancel_scope)
        await pyfuse3.main()
        nursery.cancel_scope.cancel()


def main():
    mountpoint, image, log = sys.argv[1:]
    with open(image, "rb") as file:
        disk = RecordingDisk(file.read(), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600))
    pyfuse3.init(disk, mountpoint, {*pyfuse3.default_options, "fsname=recording-disk"})
    print("ready", flush=True)
    try:
        trio.run(serve_until_input_ends)
    finally:
        pyfuse3.close(unmount=False)


if __name__ == "__main__":
    main()
