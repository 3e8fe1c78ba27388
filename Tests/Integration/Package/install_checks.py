"""Checks of the package itself, of its installation and of its removal."""

import hashlib
import os
import subprocess

from container import REPOSITORY, WORKSPACE, require, wait_until
from service import ERROR, INFORMATION, MODELS, NOTICE, README, SETTINGS, SOCKET, STATE, UNIT
from storm import request, require_acknowledged_writes

# What systemd-analyze may count against the unit; 10 is a unit without any protection.
MAX_EXPOSURE = 1.5


def make_package(*arguments, **environment):
    """Makes the package; gives its path."""
    command = [REPOSITORY + "/debian/build-package", *arguments]
    text = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    require(text.returncode == 0, f"The package cannot be made: {text.stdout}{text.stderr}")
    return REPOSITORY + "/" + next(word for word in text.stdout.split() if word.endswith(".deb."))[:-1]


def hash_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def package_is_reproducible(test):
    """Two builds at other times and with other settings of the user have the same bytes."""
    test.package = make_package("1")
    first = hash_of(test.package)
    test.upgrade = make_package("2", "none")
    make_package("1", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", HOME="/nonexistent")
    require(first == hash_of(test.package), "Two builds of the package differ.")
    return f"Both have the SHA-256 hash {first}."


def lintian_has_no_errors(test):
    command = ["lintian", "--allow-root", "--fail-on", "error", "--suppress-tags", "bad-distribution-in-changes-file", test.package]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    require(result.returncode == 0, f"lintian has found errors: {result.stdout}{result.stderr}")
    lines = [line for line in result.stdout.splitlines() if line[:2] in ("E:", "W:")]
    return f"{len(lines)} warnings{': ' if lines else ''}{'; '.join(lines)}."


def installation_starts_the_service(test):
    container, service = test.container, test.service
    container.run("apt-get", "install", "--yes", container.copy(test.package))
    service.require_active()
    require(container.run("systemctl", "is-enabled", UNIT).stdout.strip() == "enabled", "The service is not enabled.")
    sockets = container.run("systemctl", "is-enabled", SOCKET, check=False).stdout.strip()
    require(sockets == "disabled", f"The sockets are {sockets}, not disabled.")
    text = service.show("StatusText")
    require("listening on" in text, f"The status is “{text}” and does not say where the service listens.")
    require(service.show("Type") == "notify", "The unit does not wait until the service is ready.")
    status, _ = request("GET", "/readyz")
    require(status == 200, f"/readyz was answered with {status}.")
    return f"Its status is “{text}”."


def service_has_no_privileges(test):
    container, service = test.container, test.service
    with open(f"/proc/{service.process}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    user = container.run("id", "--user", "myosin").stdout.strip()
    require(status["Uid"].split() == [user] * 4, f"The service runs as the user {status['Uid']}, not as myosin.")
    for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
        require(int(status[name], 16) == 0, f"The service has capabilities: {name} {status[name]}.")
    require(status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", "The service may get privileges or make any system call.")
    directory = container.run("stat", "--format", "%U:%G %a", STATE).stdout.strip()
    require(directory == "myosin:myosin 700", f"The directory of the state is {directory}.")
    others = container.run("find", STATE, "-type", "f", "-perm", "/077").stdout.strip()
    require(not others, f"Other users may read files of the state: {others}")
    line = container.run("systemd-analyze", "security", "--offline=true", "--no-pager", f"/lib/systemd/system/{UNIT}").stdout.splitlines()[-1]
    exposure = float(line.split(":")[1].split()[0])
    require(exposure <= MAX_EXPOSURE, f"systemd-analyze counts {exposure}, more than {MAX_EXPOSURE}.")
    return f"systemd-analyze counts {exposure} of 10 against the unit."


def prometheus_scrapes_it(test):
    """After the commands of README.md, which README.Debian has too."""
    container = test.container
    with open(f"{REPOSITORY}/README.md", encoding="utf-8") as file:
        block = next(block for block in file.read().split("```sh\n") if block.startswith("make package\n"))
    lines = block.split("\n```")[0].replace("sudo ", "").splitlines()
    require(len(lines) == 4 and lines[1].startswith("apt-get install ./.build/package/"), f"README.md has other commands: {lines}")
    job, reload = lines[2:]
    commands = test.service.commands("Let Prometheus scrape it")
    same = [commands[1].split(" >>")[0] == job.split(" | ")[0], commands[2] == reload]
    require(len(commands) == 3 and all(same), f"README.Debian has other commands than README.md: {commands}")
    # As the installation of Debian's package does where packages may start services.
    container.run("systemctl", "start", "prometheus")
    ready = ("curl", "-sf", "http://127.0.0.1:9090/-/ready")
    # Before that, the signal of a reload ends it.
    wait_until(lambda: container.run(*ready, check=False).returncode == 0, "Prometheus does not start.")
    container.shell(job)
    container.shell(reload)
    query = "http://127.0.0.1:9090/api/v1/query?query=up%7Bjob%3D%22myosin%22%7D"
    wait_until(lambda: '"1"]' in container.run("curl", "-s", query, check=False).stdout, "Prometheus does not scrape the service.")
    container.run("systemctl", "stop", "prometheus")
    return "It took three commands from the package on."


def documents_can_be_read(test):
    container = test.container
    page = container.run("man", "--warnings", "myosin-exporter")
    require("--web.listen-address" in page.stdout and "backup" in page.stdout, "The manual page lacks flags or subcommands.")
    require(not page.stderr, f"man warns of the manual page: {page.stderr}")
    container.run("bash", "-n", "/usr/share/bash-completion/completions/myosin-exporter")
    container.run("test", "-s", README)
    verified = container.run("systemd-analyze", "verify", f"/lib/systemd/system/{UNIT}", f"/lib/systemd/system/{SOCKET}")
    strange = [line for line in verified.stderr.splitlines() if "myosin" in line]
    require(not strange, f"systemd warns of the units: {strange}")
    return f"The manual page has {len(page.stdout.splitlines())} lines."


def journal_has_priorities(test):
    """A start has nothing to warn of, and a failed reload is an error."""
    service = test.service
    lines = service.lines()
    require(lines, "The service has logged nothing.")
    strange = [line for line in lines if line[0] not in (NOTICE, INFORMATION) or not line[1].startswith("time=")]
    require(not strange, f"The journal has lines that nothing has given a reason for: {strange[:5]}")
    service.declare("Broken", "{")
    service.reload()
    wait_until(lambda: any(priority == ERROR for priority, _ in service.lines()), "A failed reload is no error in the journal.")
    os.remove(test.container.path(f"{MODELS}/Broken.schema.json"))
    service.reload()
    service.require_active()
    return f"{len(lines)} lines of the start, and the error of a failed reload."


def start_is_repeated_until_it_succeeds(test):
    """A fault of a file may be mended at any time; a mistyped flag ends the attempts."""
    container, service = test.container, test.service
    container.write(SETTINGS, 'ARGS="--no-such-flag"\n')
    container.run("systemctl", "restart", UNIT, check=False)
    wait_until(lambda: service.show("ActiveState") == "failed", "A start with a mistyped flag is repeated.")
    require(service.show("NRestarts") == "0", "A start with a mistyped flag was repeated.")
    require(any(priority == ERROR and "--no-such-flag" in text for priority, text in service.lines()), "The journal has no error for it.")
    container.write(SETTINGS, "")
    service.declare("Broken", "{")
    container.run("systemctl", "start", UNIT, check=False)
    wait_until(lambda: int(service.show("NRestarts")) > 0, "A start that fails for a file is not repeated.")
    os.remove(container.path(f"{MODELS}/Broken.schema.json"))
    service.await_active()
    return f"A start that failed for a file was repeated {service.show('NRestarts')} times."


def other_systems_get_the_same_files(test):
    """`make install` puts all that the package has into another prefix."""
    container = test.container
    root, prefix = container.path("/").rstrip("/"), "/opt/myosin"
    command = ["make", "--no-print-directory", "install", f"DESTDIR={root}", f"PREFIX={prefix}"]
    text = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    require(text.returncode == 0, f"`make install` fails: {text.stdout}{text.stderr}")
    names = {name for _, _, files in os.walk(root + prefix) for name in files}
    missing = {"myosin-exporter", UNIT, SOCKET, "myosin-exporter.conf", "myosin-exporter.1.gz", "_myosin-exporter", "myosin-exporter.fish"} - names
    require(not missing, f"`make install` does not install {missing}.")
    unit = f"{prefix}/lib/systemd/system/{UNIT}"
    with open(root + unit, encoding="utf-8") as file:
        require(f"\nExecStart={prefix}/bin/myosin-exporter $ARGS\n" in file.read(), "The unit starts another executable.")
    verified = container.run("systemd-analyze", "verify", unit)
    strange = [line for line in verified.stderr.splitlines() if "myosin" in line]
    require(not strange, f"systemd warns of the unit: {strange}")
    container.run("rm", "-r", prefix)
    return f"{len(names)} files."


def removal_keeps_the_state(test):
    container, service = test.container, test.service
    container.run("apt-get", "remove", "--yes", "myosin-exporter")
    container.run("test", "-e", f"{STATE}/state.sqlite")
    require(not service.process, "The service still runs.")
    require(container.run("systemctl", "is-active", SOCKET, check=False).stdout.strip() == "inactive", "The sockets are still open.")
    container.run("apt-get", "install", "--yes", "/srv/packages/" + os.path.basename(test.upgrade))
    service.await_active()
    return f"{require_acknowledged_writes()} acknowledged writes are there after the package was installed again."


def purge_leaves_only_the_user(test):
    container = test.container
    container.run("apt-get", "purge", "--yes", "myosin-exporter")
    places = ["/etc", "/lib/systemd", "/run", "/usr/bin", "/usr/lib/sysusers.d", "/usr/share", "/var/lib", "/var/cache/apt/archives"]
    found = container.run("find", *places, "-xdev", "-iname", "*myosin*", check=False).stdout.split()
    # The drop-ins are the operator's, that is this test's, and systemd has records of timers and units that were.
    left = [path for path in found if not path.startswith(("/etc/systemd/system/myosin-exporter.", "/run/systemd", "/var/lib/systemd"))]
    require(not left, f"These are left: {left}")
    container.run("id", "myosin")
    return "No file is left."
