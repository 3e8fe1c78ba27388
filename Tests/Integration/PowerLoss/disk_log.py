"""The log of a recording disk, and what a disk keeps when the power goes.

A disk with a cache keeps all that was written before the last flush. Of later writes it keeps any part, because it writes its cache back in
any order; a sector of 512 bytes stays whole. Of two writes to one sector that it keeps, the later one wins.

The first block stays whole too. ext4 writes its superblock there, two sectors with one checksum, outside of its journal, and cannot be
mounted with one sector old and the other new.

A write that was under way when a flush began may come before it in the log, and counts as flushed. No program can rely on that: the kernel
waits for the writes of a file before it flushes the disk for an fsync.
"""

import dataclasses
import struct

SECTOR = 512
FIRST_BLOCK = 4096
WRITE, FLUSH = 1, 2
# What a record is, where it was written, and the number of bytes, which follow.
HEADER = struct.Struct("=BQI")
FLUSH_RECORD = HEADER.pack(FLUSH, 0, 0)

# What is kept of the writes since the last flush.
ALL, NONE, SOME_WRITES, SOME_SECTORS = "all", "none", "some writes", "some sectors"
REMAINDERS = (ALL, NONE, SOME_WRITES, SOME_SECTORS)


def write_record(offset, data):
    return HEADER.pack(WRITE, offset, len(data)) + data


@dataclasses.dataclass(frozen=True)
class Record:
    """A write or a flush, and the size of the log with it: the position of a cut directly after it."""

    kind: int
    offset: int
    data: bytes
    position: int


def read_records(path):
    """All records of a log, in order."""
    with open(path, "rb") as file:
        log = memoryview(file.read())
    records, position = [], 0
    while position < len(log):
        kind, offset, size = HEADER.unpack_from(log, position)
        start, position = position + HEADER.size, position + HEADER.size + size
        records.append(Record(kind, offset, bytes(log[start:position]), position))
    return records


class CachedDisk:
    """A disk that has taken some records, and may lose power after any of them."""

    def __init__(self, image):
        self.flushed = bytearray(image)
        # The writes since the last flush, in order.
        self.cached = []

    def take(self, record):
        if record.kind == WRITE:
            self.cached.append((record.offset, record.data))
            return
        apply(self.cached, self.flushed)
        self.cached = []

    def content_after_power_loss(self, remainder, random):
        """What it has when the power is back.

        `remainder` is one of REMAINDERS; where it keeps only some, `random` decides how many and which ones.
        """
        share = random.choice((0.1, 0.5, 0.9))
        pieces = {ALL: self.cached, NONE: [], SOME_WRITES: self.cached, SOME_SECTORS: sectors_of(self.cached)}[remainder]
        content = bytearray(self.flushed)
        apply([piece for piece in pieces if remainder == ALL or random.random() < share], content)
        return content


def sectors_of(writes):
    """The writes in parts that stay whole."""
    pieces = []
    for offset, data in writes:
        start = 0
        while start < len(data):
            end = start + (FIRST_BLOCK if offset + start < FIRST_BLOCK else SECTOR)
            pieces.append((offset + start, data[start:end]))
            start = end
    return pieces


def apply(writes, content):
    for offset, data in writes:
        content[offset : offset + len(data)] = data
