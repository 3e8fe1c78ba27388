"""Checks under load: a reload, an upgrade, and sockets that systemd holds."""

import http.client
import os
import socket

from container import CheckFailure, require, wait_until
from service import MODELS, SETTINGS, SOCKET, STATE, UNIT
from storm import MODEL, SCHEMA, Storm, request, require_acknowledged_writes

RELOADS = 10


def reload_declares_models_under_load(test):
    """No write fails while models come and go."""
    service, container = test.service, test.container
    service.declare(MODEL, SCHEMA)
    service.reload()
    service.await_model(MODEL)
    with Storm() as storm:
        storm.await_writes()
        for command in service.commands("Declare models")[:3]:
            container.shell(f"cd {MODELS} && {command}")
        service.await_model("Thermostat")
        for number in range(RELOADS):
            service.declare(f"Further{number}", SCHEMA)
            service.reload()
            service.await_model(f"Further{number}")
        for number in range(RELOADS):
            os.remove(container.path(f"{MODELS}/Further{number}.schema.json"))
        service.reload()
        wait_until(lambda: request("GET", "/state/Further0")[0] == 404, "A model whose file is gone stays.")
        storm.await_writes()
    require(not storm.refusals, f"Writes were refused: {storm.refusals[:3]}")
    broken = storm.refused_connections + storm.broken_connections + storm.former_connections
    require(broken == 0, f"{broken} connections have ended.")
    return f"{RELOADS + 2} reloads; all {require_acknowledged_writes()} acknowledged writes are there."


def upgrade_keeps_everything(test):
    """An upgrade under load keeps the state and the operator's changes, and restarts the service."""
    service, container = test.service, test.container
    settings = 'ARGS="--log.access"\n# Mine.\n'
    container.write(SETTINGS, settings)
    schema = SCHEMA.replace('"type": "object"', '"description": "Mine.", "type": "object"')
    service.declare(MODEL, schema)
    before = service.process
    with Storm() as storm:
        storm.await_writes()
        container.run("apt-get", "install", "--yes", container.copy(test.upgrade))
        storm.await_writes()
    require_same(container, SETTINGS, settings)
    require_same(container, f"{MODELS}/{MODEL}.schema.json", schema)
    require(service.process not in (0, before), "The upgrade has not restarted the service.")
    require(container.run("systemctl", "is-enabled", UNIT).stdout.strip() == "enabled", "The service is no longer enabled.")
    require(not storm.refusals, f"Writes were refused: {storm.refusals[:3]}")
    require(any("msg=Request" in text for _, text in service.lines("--lines=200")), "The settings are not those of the file.")
    container.write(SETTINGS, "")
    return (
        f"All {require_acknowledged_writes()} acknowledged writes are there; meanwhile {storm.refused_connections} connections were "
        f"refused and {storm.broken_connections + storm.former_connections} ended without an answer."
    )


def require_same(container, path, text):
    with open(container.path(path), encoding="utf-8") as file:
        require(file.read() == text, f"The upgrade has changed {path}.")


def sockets_start_the_service(test):
    """The commands of README.Debian give the sockets to systemd; then each starts the service that was stopped."""
    service, container = test.service, test.container
    for command in service.commands("Sockets that systemd holds"):
        container.shell(command)
    service.await_active()
    path = "/run/myosin/myosin.sock"
    for name, ask in (("TCP", lambda: request("GET", f"/state/{MODEL}")), ("Unix", lambda: request_at(container.path(path)))):
        container.run("systemctl", "stop", UNIT)
        require(not service.process, "The service still runs after its stop.")
        status, text = ask()
        require(status == 200, f"The first request at the {name} socket was answered with {status}: {text}")
        service.await_active()
    owner = container.run("stat", "--format", "%U:%G %a", path).stdout.strip()
    require(owner == "myosin:myosin 660", f"The Unix socket is {owner}.")
    return f"A request at each started it; all {require_acknowledged_writes()} acknowledged writes are there."


def request_at(path):
    """Status and text of the ledger at a Unix socket."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    return request("GET", f"/state/{MODEL}", connection=connection)


def restart_refuses_no_connection(test):
    """With sockets of systemd, clients wait while an upgrade restarts the service."""
    service, container = test.service, test.container
    packages = [test.package, test.upgrade]
    with Storm() as storm:
        for package in packages:
            before = service.process
            storm.await_writes()
            container.run("apt-get", "install", "--yes", "--allow-downgrades", container.copy(package))
            require(service.process not in (0, before), "The upgrade has not restarted the service.")
            storm.await_writes()
    require(storm.refused_connections == 0, f"{storm.refused_connections} connections were refused.")
    require(storm.broken_connections == 0, f"{storm.broken_connections} new connections ended without an answer.")
    require(not storm.refusals, f"Writes were refused: {storm.refusals[:3]}")
    require(service.show("ActiveState", SOCKET) == "active", "The sockets are closed.")
    return (
        f"{len(packages)} restarts; {storm.former_connections} kept connections ended under a request, and all "
        f"{require_acknowledged_writes()} acknowledged writes are there."
    )


def listens_where_the_manual_says(test):
    """At a port below 1024 and at a Unix socket of another group, with the drop-ins of README.Debian."""
    service, container = test.service, test.container
    lines = service.commands("Listen elsewhere")
    drop_in = f"/etc/systemd/system/{UNIT}.d/addresses.conf"
    container.run("mkdir", "-p", os.path.dirname(drop_in))
    container.write(drop_in, "".join(line + "\n" for line in lines if not line.startswith("MYOSIN_")))
    path, options = next(line for line in lines if "unix:" in line).partition("unix:")[2].rstrip('"').split(",", 1)
    container.write(SETTINGS, f'MYOSIN_WEB_LISTEN_ADDRESS="127.0.0.1:80 [::1]:8000 unix:{path},{options}"\n')
    container.run("systemctl", "daemon-reload")
    container.run("systemctl", "restart", UNIT)
    owner = container.run("stat", "--format", "%U:%G %a", path).stdout.strip()
    require(owner == "myosin:www-data 660", f"The Unix socket is {owner}.")
    container.run("runuser", "-u", "www-data", "--", "curl", "-fsS", "--unix-socket", path, f"http://localhost/state/{MODEL}")
    for address in ("127.0.0.1", "[::1]:8000"):
        container.run("curl", "-fsS", f"http://{address}/state/{MODEL}")
    container.run("rm", drop_in)
    container.write(SETTINGS, "")
    container.run("systemctl", "daemon-reload")
    container.run("systemctl", "restart", UNIT)
    return "At port 80, at IPv6 and at a socket of the group www-data."


def root_backs_up_and_restores(test):
    """The commands of README.Debian, as root; the service must start on what they leave."""
    service, container = test.service, test.container
    kept = require_acknowledged_writes()
    for command in service.commands("Back up and restore"):
        container.shell(command)
    service.await_active()
    owners = set(container.run("find", STATE, "-printf", "%U\n").stdout.split())
    user = container.run("id", "--user", "myosin").stdout.strip()
    require(owners == {user}, f"Files of the state belong to the users {owners}, not to {user}.")
    if require_acknowledged_writes() != kept:
        raise CheckFailure("The copy is another one.")
    # It reads files as root, also of a service that does not run, and must leave none of root's.
    container.run("systemctl", "stop", SOCKET, UNIT)
    for command in service.commands("Back up and restore")[:1] + service.commands("Declare models")[-1:]:
        container.run("rm", "-f", "/root/myosin.backup")
        container.shell(command)
    container.run("systemctl", "start", UNIT)
    wait_until(lambda: request("PATCH", f"/state/{MODEL}", "{}")[0] == 200, "The service does not write after a backup by root.")
    return f"All {require_acknowledged_writes()} acknowledged writes are there, and every file is the service's."
