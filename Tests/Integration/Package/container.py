"""Boots the systemd of this machine in a container: an overlay of `/` in memory, without a network but loopback."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time

# The end of every wait, in seconds, however busy the machine is.
PATIENCE = 300
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# A mount in this process's own namespace, so that nothing else sees it and nothing stays.
WORKSPACE = REPOSITORY + "/.build/package-test"

CLONE_NEWNET = 0x4000_0000


class CheckFailure(Exception):
    """The package does not do what it is for."""


def require(condition, sentence):
    if not condition:
        raise CheckFailure(sentence)


def wait_until(condition, sentence):
    """What the condition gives, once it is true; `sentence` is the failure if it never is."""
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        require(time.monotonic() < end, f"{sentence} That was so for {PATIENCE} seconds.")
        time.sleep(0.1)
    return result


class Container:
    def __init__(self):
        self.root = WORKSPACE + "/root"
        self._console = WORKSPACE + "/console.log"
        self._process, self._leader = None, None

    def boot(self):
        for name in ("upper", "work", "root"):
            os.mkdir(f"{WORKSPACE}/{name}")
        layers = f"lowerdir=/,upperdir={WORKSPACE}/upper,workdir={WORKSPACE}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, self.root], check=True)
        # It keeps packages from starting services, which is what this test is about.
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.root + "/usr/sbin/policy-rc.d")
        os.makedirs(self.root + "/srv/packages")
        command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot", "--directory", self.root]
        command += ["--console=pipe", "systemd.unit=basic.target", "systemd.show_status=1"]
        with open(self._console, "wb") as console:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        self._leader = wait_until(self._child, "systemd-nspawn has started nothing.")
        wait_until(self._is_booted, "systemd does not boot in the container.")

    def _child(self):
        self._require_process()
        with open(f"/proc/{self._process.pid}/task/{self._process.pid}/children", encoding="ascii") as file:
            # The first one is a helper for a moment, before systemd is there.
            children = [int(word) for word in file.read().split()]
        return next((child for child in children if os.path.realpath(f"/proc/{child}/exe").endswith("/systemd")), None)

    def _is_booted(self):
        self._require_process()
        result = self.run("systemctl", "is-active", "basic.target", check=False)
        return result.stdout.strip() == "active"

    def _require_process(self):
        if self._process.poll() is not None:
            with open(self._console, encoding="utf-8", errors="replace") as console:
                raise CheckFailure(f"The container has ended with status {self._process.returncode}: {console.read()[-2000:]}")

    def enter_network(self):
        """Has this thread, and those that it starts, connect to the services of the container."""
        descriptor = os.open(f"/proc/{self._leader}/ns/net", os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(descriptor)

    def path(self, path):
        """A path of the container, with all that is mounted there, as this process sees it."""
        return f"/proc/{self._leader}/root{path}"

    def copy(self, source):
        """Copies a package into the container; gives its path there."""
        shutil.copy(source, self.root + "/srv/packages")
        return "/srv/packages/" + os.path.basename(source)

    def run(self, *command, check=True):
        """Runs a command in the container; a status other than 0 is a failure, unless `check` is false."""
        environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
        entry = ["nsenter", "--target", str(self._leader), "--all", "--wd=/", *environment]
        result = subprocess.run([*entry, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE)
        if check and result.returncode != 0:
            raise CheckFailure(f"`{' '.join(command)}` ended with status {result.returncode}: {result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result

    def shell(self, line):
        return self.run("sh", "-c", line)

    def write(self, path, text):
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)

    def journal(self, unit, *options):
        return self.run("journalctl", "--no-pager", "--unit", unit, *options, check=False).stdout

    def end(self):
        if self._process and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._leader or self._process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
