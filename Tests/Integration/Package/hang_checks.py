"""Checks of the watchdog: a loop that hangs, and a disk that hangs."""

import contextlib
import os
import subprocess
import time

import tracing
from container import WORKSPACE, require, wait_until
from service import STATE, UNIT
from storm import MODEL, WRITERS, Storm, request, require_acknowledged_writes

# Seconds; longer than a busy machine keeps a thread from running.
WATCHDOG = 15
DROP_IN = f"/etc/systemd/system/{UNIT}.d/watchdog.conf"


def set_watchdog(test):
    container = test.container
    container.run("mkdir", "-p", os.path.dirname(DROP_IN))
    container.write(DROP_IN, f"[Service]\nWatchdogSec={WATCHDOG}s\nRestartSec=100ms\n")
    container.run("systemctl", "daemon-reload")
    container.run("systemctl", "restart", UNIT)
    test.service.await_active()


def watchdog_restarts_a_loop_that_hangs(test):
    """The thread alone that serves connections is stopped; systemd must end the process and start another one."""
    service = test.service
    set_watchdog(test)
    restarts = int(service.show("NRestarts"))
    with Storm() as storm:
        storm.await_writes()
        before = service.process
        with tracing.stopped(tracing.loop_thread(before)):
            wait_until(lambda: service.process not in (0, before), "The watchdog does not restart a service whose loop hangs.")
        service.await_active()
        storm.await_writes()
    require(int(service.show("NRestarts")) == restarts + 1, "It was restarted more than once.")
    lines = test.container.journal(UNIT, "--lines=200")
    require("Watchdog timeout" in lines, "The journal does not say that the watchdog has restarted it.")
    return f"All {require_acknowledged_writes()} acknowledged writes are there."


@contextlib.contextmanager
def disk(test):
    """A file system of its own for the state, on a loop device."""
    container, image = test.container, WORKSPACE + "/disk"
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    device = subprocess.run(["losetup", "--find", "--show", image], check=True, capture_output=True, text=True).stdout.strip()
    number = os.stat(device).st_rdev
    try:
        container.run("mknod", "/dev/disk-that-hangs", "b", str(os.major(number)), str(os.minor(number)))
        container.run("mount", "/dev/disk-that-hangs", STATE)
        yield
    finally:
        container.run("umount", STATE, check=False)
        subprocess.run(["losetup", "--detach", device], check=False)


def hanging_disk_is_no_reason_to_kill(test):
    """Writes hang on a frozen file system for longer than the watchdog waits; reads go on, and so do the writes later."""
    service, container = test.service, test.container
    container.run("systemctl", "stop", UNIT)
    with disk(test):
        container.run("systemctl", "start", UNIT)
        # The ledger is empty there.
        former, former_count = dict(Storm.acknowledged), Storm.count
        Storm.acknowledged.update(dict.fromkeys(former, 0))
        with Storm() as storm:
            storm.await_writes()
            before, restarts = service.process, service.show("NRestarts")
            container.run("fsfreeze", "--freeze", STATE)
            stuck = storm.writes
            try:
                # Less than the 30 seconds after which the writes themselves are given up.
                end, answers = time.monotonic() + 1.5 * WATCHDOG, 0
                while time.monotonic() < end:
                    require(request("GET", f"/state/{MODEL}")[0] == 200, "Reads are not answered while the disk hangs.")
                    answers += 1
                    time.sleep(0.1)
                require(storm.writes <= stuck + WRITERS, "Writes are acknowledged that cannot be on the disk, because it hangs.")
                require(service.process == before, "The service was killed while its disk hung.")
            finally:
                container.run("fsfreeze", "--unfreeze", STATE)
            storm.await_writes()
        require(service.process == before and service.show("NRestarts") == restarts, "The service was restarted.")
        require(not storm.refusals, f"Writes were refused: {storm.refusals[:3]}")
        count = require_acknowledged_writes() - former_count
        container.run("systemctl", "stop", UNIT)
    Storm.acknowledged.update(former)
    Storm.count = former_count
    container.run("rm", DROP_IN)
    container.run("systemctl", "daemon-reload")
    container.run("systemctl", "start", UNIT)
    require_acknowledged_writes()
    return f"{answers} reads were answered meanwhile; {stuck} writes were acknowledged before, and all {count} are there."
