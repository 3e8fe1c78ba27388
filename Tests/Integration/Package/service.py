"""The installed service, as its operator and systemd see it."""

import json
import os

from container import CheckFailure, require, wait_until
from storm import request

UNIT = "myosin-exporter.service"
SOCKET = "myosin-exporter.socket"
STATE = "/var/lib/myosin"
MODELS = "/etc/myosin/models"
SETTINGS = "/etc/default/myosin-exporter"
README = "/usr/share/doc/myosin-exporter/README.Debian"
# The numbers of syslog.
ERROR, NOTICE, INFORMATION = 3, 5, 6


class Service:
    def __init__(self, container):
        self._container = container

    def show(self, name, unit=UNIT):
        """A property of the unit."""
        return self._container.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    @property
    def process(self):
        """The process as the machine numbers it; 0 where none runs."""
        inside = self.show("MainPID")
        if inside == "0":
            return 0
        for entry in os.listdir("/proc"):
            try:
                with open(f"/proc/{entry}/status", encoding="ascii", errors="replace") as file:
                    numbers = next(line.split()[1:] for line in file if line.startswith("NSpid:"))
                if len(numbers) > 1 and numbers[-1] == inside and os.readlink(f"/proc/{entry}/exe").endswith("/myosin-exporter"):
                    return int(entry)
            except (OSError, StopIteration):
                # It has ended meanwhile, or is no process.
                continue
        return 0

    def require_active(self):
        state = self.show("ActiveState")
        require(state == "active", f"The service is {state}, not active.")

    def await_active(self):
        wait_until(lambda: self.show("ActiveState") == "active", "The service does not become active.")

    def declare(self, model, schema):
        self._container.write(f"{MODELS}/{model}.schema.json", schema)

    def reload(self):
        self._container.run("systemctl", "reload", UNIT)

    def await_model(self, model):
        wait_until(lambda: request("GET", f"/state/{model}")[0] == 200, f"The model {model} does not come.")

    def lines(self, *options):
        """What it has logged, as priority and text."""
        text = self._container.journal(UNIT, "--output", "json", *options)
        entries = [json.loads(line) for line in text.splitlines()]
        # systemd's own lines on the unit have another source.
        return [(int(entry["PRIORITY"]), entry["MESSAGE"]) for entry in entries if entry.get("_COMM") == "myosin-exporter"]

    def commands(self, section):
        """The commands that README.Debian shows in a section."""
        with open(self._container.path(README), encoding="utf-8") as file:
            text = file.read()
        _, found, rest = text.partition(f"\n{section}\n---")
        if not found:
            raise CheckFailure(f"README.Debian has no section {section}.")
        # The next section begins with a line of hyphens below its heading.
        body = rest.partition("\n---")[0]
        return [line.strip() for line in body.splitlines() if line.startswith("    ")]
