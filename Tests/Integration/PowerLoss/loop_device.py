"""Loop devices that the kernel frees with their last user."""

import dataclasses
import errno
import fcntl
import os
import struct

import disk_log

# linux/loop.h
LOOP_CTL_GET_FREE, LOOP_CONFIGURE = 0x4C82, 0x4C0A
LO_FLAGS_AUTOCLEAR, LO_FLAGS_DIRECT_IO = 4, 16
# struct loop_config: file, block size, struct loop_info64 with the flags as its ninth number, reserved numbers.
LOOP_CONFIG = struct.Struct("=2I 5Q 4I 160x 2Q 8Q")


@dataclasses.dataclass
class Traffic:
    """What has gone to a disk."""

    sectors_written: int
    flushes: int

    def __sub__(self, other):
        return Traffic(self.sectors_written - other.sectors_written, self.flushes - other.flushes)


class LoopDevice:
    """A block device over a file, for a `with`. It goes when it is neither mounted nor open any more, however this process ends."""

    def __init__(self, path, direct_io=False):
        flags = LO_FLAGS_AUTOCLEAR | (LO_FLAGS_DIRECT_IO if direct_io else 0)
        self.file = None
        with open(path, "r+b", buffering=0) as file, open("/dev/loop-control", "r+b", buffering=0) as control:
            config = LOOP_CONFIG.pack(file.fileno(), disk_log.SECTOR, *[0] * 8, flags, *[0] * 10)
            while self.file is None:
                self.number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
                self.path = f"/dev/loop{self.number}"
                self.file = self._configured(config)

    def _configured(self, config):
        """The open device; None where another process was faster to take it."""
        device = os.open(self.path, os.O_RDWR)
        try:
            fcntl.ioctl(device, LOOP_CONFIGURE, config)
            return device
        except OSError as error:
            os.close(device)
            if error.errno != errno.EBUSY:
                raise
            return None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        os.close(self.file)

    def traffic(self):
        """What the kernel has counted (its Documentation/block/stat.rst), in earlier uses of the device too."""
        with open(f"/sys/block/loop{self.number}/stat", encoding="ascii") as file:
            numbers = [int(word) for word in file.read().split()]
        return Traffic(sectors_written=numbers[6], flushes=numbers[15])
