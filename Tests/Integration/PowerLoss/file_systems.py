"""Mounts ext4 file systems that are in files."""

import contextlib
import os
import subprocess
import sys

import disk_log
from loop_device import LoopDevice, Traffic

IMAGE_SIZE = 32 << 20


def run(*command):
    """Runs a program that must succeed; the error has what it printed."""
    ending = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ending.returncode != 0:
        raise OSError(f"`{' '.join(command)}` has failed: {ending.stdout.strip()}")


def make_image(path):
    """Makes an empty file system, with the blocks of large disks and the smallest journal for these."""
    with open(path, "wb") as file:
        file.truncate(IMAGE_SIZE)
    run("mkfs.ext4", "-q", "-b", "4096", "-m", "0", "-J", "size=4", "-E", "lazy_itable_init=0,lazy_journal_init=0", path)


@contextlib.contextmanager
def mounted(device, directory, options="barrier"):
    """Mounts the file system of a loop device."""
    run("mount", "-t", "ext4", "-o", options, device.path, directory)
    try:
        yield
    finally:
        run("umount", directory)


@contextlib.contextmanager
def recording_disk(directory, image, log):
    """Serves a recording disk with the content of an image as the file `disk` of a directory."""
    program = os.path.dirname(os.path.abspath(__file__)) + "/recording_disk.py"
    command = [sys.executable, "-B", program, directory, image, log]
    # The process ends with its standard input, which the end of this block closes.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout.readline() != b"ready\n":
                raise OSError("The recording disk has not started. Can this process mount a FUSE file system?")
            yield directory + "/disk"
        finally:
            # Another program may look at the loop device for a moment still, which keeps the file open.
            subprocess.run(["umount", "--lazy", directory], stderr=subprocess.DEVNULL, check=False)


class Recording:
    """A mounted file system whose disk records what it is told to do."""

    def __init__(self, directory, log):
        self.directory = directory
        # All writes and flushes; there when it is no longer mounted.
        self.records = []
        self._log = log

    def position(self):
        """The size of the log.

        A request that has ended before this call is below it: a record is in the log before the request ends.
        """
        return os.stat(self._log).st_size

    def end(self, start, counted):
        """Reads the log.

        Each write and each flush must have reached it: since the position `start` it must have what the kernel has counted.
        """
        self.records = disk_log.read_records(self._log)
        os.remove(self._log)
        records = [record for record in self.records if record.position > start]
        size = sum(len(record.data) for record in records)
        logged = Traffic(size // disk_log.SECTOR, sum(record.kind == disk_log.FLUSH for record in records))
        if logged != counted:
            raise OSError(f"The log has {logged}, but the kernel has counted {counted}.")


@contextlib.contextmanager
def recorded(workspace, image, options):
    """Mounts the file system of an image on a recording disk; the image stays as it is."""
    recording = Recording(workspace + "/recorded", workspace + "/log")
    # With direct I/O several requests are under way at once, as on a real disk.
    with recording_disk(workspace + "/disk", image, workspace + "/log") as disk, LoopDevice(disk, direct_io=True) as device:
        start, before = recording.position(), device.traffic()
        with mounted(device, recording.directory, options):
            yield recording
        recording.end(start, device.traffic() - before)
