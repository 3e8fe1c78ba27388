"""Runs the programs that open a directory: a storm of commits, and the service."""

import contextlib
import dataclasses
import os
import select
import signal
import subprocess
import tempfile

# The end of every wait, in seconds, however busy the machine is.
PATIENCE = 300
# Some storms soon stop to commit on disk, and go on in memory.
MAX_LINES = 30_000
# The first words of what it prints.
NUMBERED_LINES = ("found", "durable", "passing", "publication")
STORM_LINES = ("opening", *NUMBERED_LINES)
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class ProgramFailure(Exception):
    """A program did not do what it is for."""


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of a storm (StormLine.swift has their forms), and a position of the disk's log that was read after the line."""

    text: str
    position: int

    @property
    def words(self):
        return self.text.split(" ")

    @property
    def kind(self):
        return self.words[0]

    @property
    def number(self):
        """The revision or publication; None for other lines."""
        return int(self.words[-1]) if self.kind in NUMBERED_LINES else None


@contextlib.contextmanager
def started(*command, **streams):
    """A program, which is killed at the end of the block if it has not ended by then."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


def executable(name):
    """A program of the release build, or of the build that `MYOSIN_EXECUTABLES` names."""
    return os.environ.get("MYOSIN_EXECUTABLES", REPOSITORY + "/.build-static/release") + "/" + name


def storm(directory, seed, commits, position=lambda: 0):
    """Commits in a directory until so many commits on disk are acknowledged, then kills the process; gives all of its lines.

    `position` is called after each read of lines.
    """
    lines, rest, is_killed = [], b"", False
    command = (executable("storage-probe"), "storm", directory, str(seed))
    with tempfile.TemporaryFile() as errors, started(*command, stdout=subprocess.PIPE, stderr=errors) as process:
        while chunk := read(process.stdout):
            now = position()
            *whole, rest = (rest + chunk).split(b"\n")
            lines += [Line(text.decode(), now) for text in whole]
            if not is_killed and (len(lines) >= MAX_LINES or sum(line.kind == "durable" for line in lines) >= commits):
                is_killed = True
                process.kill()
        if process.wait() != -signal.SIGKILL or not is_killed:
            errors.seek(0)
            raise ProgramFailure(f"The storm has ended with status {process.returncode}: {errors.read().decode(errors='replace')}")
    if strange := [line.text for line in lines if line.kind not in STORM_LINES]:
        raise ProgramFailure(f"These are no lines of a storm: {strange}")
    return lines


def start_service(directory):
    """Starts the service on a directory, and stops it when it listens."""
    models = ("--state.models", REPOSITORY + "/docker/models")
    command = (executable("myosin-exporter"), "--state.path", directory, *models, "--web.listen-address", "127.0.0.1:0")
    with started(*command, stderr=subprocess.PIPE) as process:
        log = b""
        while b"Listening" not in log:
            chunk = read(process.stderr)
            if not chunk:
                raise ProgramFailure(f"The service does not start: {log.decode(errors='replace')}")
            log += chunk
        process.terminate()
        while chunk := read(process.stderr):
            log += chunk
        if process.wait() != 0:
            raise ProgramFailure(f"The service has ended with status {process.returncode}: {log.decode(errors='replace')}")


def read(stream):
    """What there is; empty at the end."""
    if not select.select([stream], [], [], PATIENCE)[0]:
        raise ProgramFailure(f"A program has written nothing for {PATIENCE} seconds.")
    return os.read(stream.fileno(), 65_536)
