#!/usr/bin/python3 -B
"""Tests the Debian package in a systemd that a container boots, from its installation to its purge.

The checks go on from each other, in the order below. Each prints what it found; the first that fails ends the test, with the end of the
journal. `make build` must have made the executable. Needs root.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

import hang_checks
import install_checks
import load_checks
from container import REPOSITORY, WORKSPACE, CheckFailure, Container
from service import UNIT, Service

CHECKS = (
    install_checks.lintian_has_no_errors,
    install_checks.installation_starts_the_service,
    install_checks.service_has_no_privileges,
    install_checks.journal_has_priorities,
    install_checks.documents_can_be_read,
    install_checks.other_systems_get_the_same_files,
    install_checks.prometheus_scrapes_it,
    install_checks.start_is_repeated_until_it_succeeds,
    load_checks.reload_declares_models_under_load,
    load_checks.upgrade_keeps_everything,
    hang_checks.watchdog_restarts_a_loop_that_hangs,
    hang_checks.hanging_disk_is_no_reason_to_kill,
    load_checks.listens_where_the_manual_says,
    load_checks.sockets_start_the_service,
    load_checks.restart_refuses_no_connection,
    load_checks.root_backs_up_and_restores,
    install_checks.removal_keeps_the_state,
    install_checks.purge_leaves_only_the_user,
)


class Test:
    """What the checks share."""

    def __init__(self, container):
        self.container, self.service = container, Service(container)
        self.package, self.upgrade = None, None


def fail(sentence):
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(1)


def require_what_is_needed():
    """Ends with a sentence where the machine cannot run this."""
    if os.geteuid() != 0:
        fail("Only root may boot a container. Run this as root.")
    for command in ("systemd-nspawn", "unshare", "nsenter", "lintian", "dpkg-shlibdeps", "mkfs.ext4", "losetup", "man", "prometheus", "curl"):
        if not shutil.which(command):
            fail(f"There is no {command}. Type `make package-test`, which installs what is needed.")
    if not os.access(REPOSITORY + "/.build/device/myosin-exporter", os.X_OK):
        fail("There is no .build/device/myosin-exporter. Type `make package-test`, which makes it.")
    if subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        fail("This process may not make a mount namespace. Start the container with --cap-add SYS_ADMIN.")


def run_check(check, test):
    """Prints how a check went; whether it passed."""
    name, began = check.__name__.replace("_", " "), time.monotonic()
    try:
        result = check(test)
    except CheckFailure as failure:
        print(f"✘ {name}: {failure}", flush=True)
    except Exception:  # pylint: disable=broad-except
        print(f"✘ {name}: {traceback.format_exc()}", flush=True)
    else:
        print(f"✔ {name} ({time.monotonic() - began:.1f} s): {result}", flush=True)
        return True
    return False


def main():
    # Ends by an exception, so that the container is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.makedirs(WORKSPACE, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g,mode=755", "package-test", WORKSPACE], check=True)
    container = Container()
    test = Test(container)
    try:
        if not run_check(install_checks.package_is_reproducible, test):
            sys.exit(1)
        container.boot()
        container.enter_network()
        for check in CHECKS:
            if not run_check(check, test):
                print("The end of the journal:", container.journal(UNIT, "--lines=40"), sep="\n", flush=True)
                sys.exit(1)
        print(f"{len(CHECKS) + 1} checks of the package passed.", flush=True)
    finally:
        container.end()


if __name__ == "__main__":
    if sys.argv[1:] == ["in-namespace"]:
        main()
    else:
        require_what_is_needed()
        os.execvp("unshare", ["unshare", "-m", sys.executable, "-B", os.path.abspath(__file__), "in-namespace"])
