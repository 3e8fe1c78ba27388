#!/usr/bin/python3 -B
"""Cuts the power while programs commit, and looks for what was acknowledged.

A storm of commits runs on an ext4 file system whose disk records each write and each flush. The disk after some record, without a part of
the writes that were not flushed by then, is a disk after a power loss. It must mount, the service must start on it, each commit that was
acknowledged before must be there, and no revision or publication may come again.

In a control, the file system never flushes its disk (`nobarrier`). It must lose commits, or the cuts prove nothing.

`MYOSIN_POWER_CUTS` is the number of cuts, 300 by default. `MYOSIN_EXECUTABLES` is where `storage-probe` and `myosin-exporter` are.
"""

import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys

import programs
from series import Counts, Series

CUTS = int(os.environ.get("MYOSIN_POWER_CUTS", "300"))
CUTS_OF_A_STORM = 20
STORMS_OF_A_SERIES = 3
CONTROL_STORMS = 3
# After as many faults the rest tells nothing new.
MAX_FAULTS = 10
# A mount in this process's own namespace, so that nothing else sees it and nothing stays.
WORKSPACE = programs.REPOSITORY + "/.build/power-loss"


def fail(sentence):
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(1)


def require_what_is_needed():
    """Ends with a sentence where the machine cannot run this."""
    if os.geteuid() != 0:
        fail("Only root may mount file systems. Run this as root.")
    for device in ("/dev/fuse", "/dev/loop-control"):
        try:
            os.close(os.open(device, os.O_RDWR))
        except OSError as error:
            fail(f"{device} cannot be opened ({error.strerror}). Load its kernel module, or give the container the device.")
    for command in ("mkfs.ext4", "mount", "unshare"):
        if not shutil.which(command):
            fail(f"There is no {command}. Install the Debian packages e2fsprogs, mount and util-linux.")
    if not importlib.util.find_spec("pyfuse3"):
        fail("There is no pyfuse3. Install the Debian package python3-pyfuse3.")
    for name in ("storage-probe", "myosin-exporter"):
        if not os.access(programs.executable(name), os.X_OK):
            fail(f"There is no {programs.executable(name)}. Type `make power-test`, or name its directory in MYOSIN_EXECUTABLES.")
    if subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        fail("This process may not make a mount namespace. Start the container with --cap-add SYS_ADMIN.")


def make_workspace():
    """Makes an empty directory in memory, which the kernel removes with this process, as the mounts in it."""
    os.makedirs(WORKSPACE, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g,mode=700", "power-loss", WORKSPACE], check=True)
    for name in ("disk", "recorded", "mounted"):
        os.mkdir(f"{WORKSPACE}/{name}")


def cut_power():
    """The real test: what it has counted, and its faults."""
    counts, faults, seed = Counts(), [], 0
    while counts.cuts < CUTS and len(faults) < MAX_FAULTS:
        series = Series(WORKSPACE, random.Random(seed))
        for _ in range(STORMS_OF_A_SERIES):
            left = CUTS - counts.cuts - series.counts.cuts
            if left > 0 and len(series.faults) < MAX_FAULTS:
                series.run(min(CUTS_OF_A_STORM, left))
        counts += series.counts
        faults += [f"series {seed}: {fault}" for fault in series.faults]
        print(f"{counts.cuts} of {CUTS} cuts", flush=True)
        seed += 1
    return counts, faults


def cut_power_without_flushes():
    """The control: what it has counted."""
    counts = Counts()
    for seed in range(CONTROL_STORMS):
        series = Series(WORKSPACE, random.Random(seed), options="nobarrier")
        series.run(CUTS_OF_A_STORM)
        counts += series.counts
    return counts


def faults_of_proof(counts, control):
    """Why this run would not have found a loss."""
    faults = []
    if 2 * counts.cuts_with_cached_writes < counts.cuts:
        faults.append("Void: less than half of the cuts came between a write and its flush.")
    if 2 * counts.cuts_after_commit < counts.cuts:
        faults.append("Void: less than half of the cuts came after an acknowledged commit.")
    if 4 * control.cuts_with_loss < control.cuts:
        faults.append("Void: without flushes, less than a quarter of the cuts lost an acknowledged commit.")
    return faults


def main():
    # Ends by an exception, so that programs are killed and file systems unmounted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    make_workspace()
    counts, faults = cut_power()
    control = cut_power_without_flushes() if not faults else Counts()
    if not faults:
        faults = faults_of_proof(counts, control)
    for fault in faults[:MAX_FAULTS]:
        print(f"✘ {fault}", flush=True)
    print(
        f"{counts.cuts} cuts: {counts.cuts_with_cached_writes} with writes since the last flush, "
        f"{counts.cuts - counts.cuts_with_cached_writes} without; {counts.commits} acknowledged commits looked for, "
        f"{counts.cuts_with_loss} cuts lost some. Without flushes: {control.cuts_with_loss} of {control.cuts} cuts lost some, "
        f"{control.cuts_unusable} left nothing to open.",
        flush=True,
    )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["in-namespace"]:
        main()
    else:
        require_what_is_needed()
        os.execvp("unshare", ["unshare", "-m", sys.executable, "-B", os.path.abspath(__file__), "in-namespace"])
