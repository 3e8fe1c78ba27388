"""Storms of commits on one file system, each ended by power losses at random moments of its disk's log."""

import collections
import dataclasses

import disk_log
from file_systems import make_image, mounted, recorded
from ledger import LOST, UNUSABLE, Fault, Ledger
from loop_device import LoopDevice
from programs import ProgramFailure, start_service, storm


@dataclasses.dataclass
class Counts:
    """What was tried and found."""

    cuts: int = 0
    # Cuts with writes after the last flush.
    cuts_with_cached_writes: int = 0
    # Cuts after an acknowledged commit, and how many such commits the cuts had to keep, summed over all cuts.
    cuts_after_commit: int = 0
    commits: int = 0
    # Cuts that lost an acknowledged commit, and those after which nothing could be opened.
    cuts_with_loss: int = 0
    cuts_unusable: int = 0

    def __add__(self, other):
        return Counts(*(one + two for one, two in zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)))


class Series:
    """A file system that goes through storms and power losses in turn: a storm begins with what a loss before it has left."""

    def __init__(self, workspace, random, options="barrier"):
        self.counts = Counts()
        self.faults = []
        self._workspace, self._random, self._options = workspace, random, options
        self._image = workspace + "/image"
        make_image(self._image)
        # What was told until the power loss that left the image.
        self._ledger = Ledger()

    def run(self, cut_count):
        """Runs storms, cuts their log at so many places, and goes on with what one of the cuts has left."""
        recording, lines, end = self._record()
        positions = self._positions(recording.records, lines, end, cut_count)
        survivor = self._random.choice(positions)
        lines, ledger = collections.deque(lines), self._ledger
        disk = disk_log.CachedDisk(content_of(self._image))
        for record in recording.records:
            disk.take(record)
            if record.position not in positions:
                continue
            # A line that was read at this position is about something on disk by then; it must survive.
            while lines and lines[0].position <= record.position:
                ledger.take(lines.popleft())
            remainder = self._random.choice(disk_log.REMAINDERS)
            content = disk.content_after_power_loss(remainder, self._random)
            name = f"cut at {record.position}, where {len(disk.cached)} writes were not flushed, kept: {remainder}"
            self._take_cut(name, disk, content, ledger)
            if record.position == survivor:
                self._ledger = ledger.copy()
                write(content, self._image)

    def _record(self):
        """Runs one storm or more, with a killed process but no power loss between them."""
        lines, ledger = [], self._ledger.copy()
        with recorded(self._workspace, self._image, self._options) as recording:
            for _ in range(self._random.choice((1, 1, 2, 3))):
                commits = int(10 ** self._random.uniform(1, 3.3))
                news = storm(recording.directory + "/state", self._random.getrandbits(32), commits, recording.position)
                self.faults += [f"after a kill: {fault.sentence}" for fault in ledger.faults(news)]
                for line in news:
                    ledger.take(line)
                lines += news
            end = recording.position()
        return recording, lines, end

    def _positions(self, records, lines, end, count):
        """Where to cut: a fifth before the first acknowledged commit, because opening a directory writes little, the others anywhere."""
        first = next(line.position for line in lines if line.kind == "durable")
        opening = [record.position for record in records if record.position < first]
        others = [record.position for record in records if first <= record.position <= end]
        early = min(count // 5, len(opening))
        return self._random.sample(opening, early) + self._random.sample(others, min(count - early, len(others)))

    def _take_cut(self, name, disk, content, ledger):
        faults = self._check(content, ledger)
        self.faults += [f"{name}: {fault.sentence}" for fault in faults]
        codes = [fault.code for fault in faults]
        has_commits = ledger.commits > 0
        self.counts += Counts(1, bool(disk.cached), has_commits, ledger.commits, LOST in codes, UNUSABLE in codes)

    def _check(self, content, ledger):
        """Mounts what a power loss has left, and runs the service and a storm there; either may be the first to open it."""
        image, directory = self._workspace + "/cut", self._workspace + "/mounted"
        write(content, image)
        service_is_first = self._random.random() < 0.5
        try:
            with LoopDevice(image) as device, mounted(device, directory):
                if service_is_first:
                    start_service(directory + "/state")
                lines = storm(directory + "/state", self._random.getrandbits(32), commits=5)
                if not service_is_first:
                    start_service(directory + "/state")
        except (OSError, ProgramFailure) as error:
            return [Fault(UNUSABLE, str(error))]
        return ledger.faults(lines)


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


def write(content, path):
    with open(path, "wb") as file:
        file.write(content)
