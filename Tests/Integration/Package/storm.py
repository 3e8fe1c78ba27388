"""Clients that write without a pause, each its own field, and remember what was acknowledged."""

import http.client
import json
import threading
import time

from container import PATIENCE, require, wait_until

WRITERS = 6
MODEL = "Ledger"
FIELDS = [f"writer{number}" for number in range(WRITERS)]
SCHEMA = json.dumps({
    "type": "object",
    "properties": {field: {"type": "integer", "minimum": 0, "default": 0} for field in FIELDS},
    "required": FIELDS,
})


def request(method, path, body=None, connection=None):
    """Status and text of an answer on loopback, with a connection of its own or the given one."""
    own = connection or http.client.HTTPConnection("127.0.0.1", 8000, timeout=PATIENCE)
    try:
        own.request(method, path, body)
        answer = own.getresponse()
        return answer.status, answer.read().decode()
    finally:
        if not connection:
            own.close()


class Storm:
    """Runs from the beginning to the end of a `with` block."""

    # The last numbers acknowledged and sent, by field, and all acknowledged writes. They go on from one storm to the next.
    acknowledged = dict.fromkeys(FIELDS, 0)
    count = 0
    sent = dict.fromkeys(FIELDS, 0)
    _lock = threading.Lock()

    def __init__(self):
        # Answers other than success, connections that were refused, and those that ended without an answer: new ones, and ones on which
        # a client sent its next request when the service closed them.
        self.refusals, self.refused_connections, self.broken_connections, self.former_connections = [], 0, 0, 0
        self.writes = 0
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(field,), daemon=True) for field in FIELDS]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def await_writes(self, count=200):
        """Returns when so many more writes are acknowledged."""
        aim = self.writes + count
        wait_until(lambda: self.writes >= aim, "The clients of the storm get no more answers.")

    def _write(self, field):
        # Half of the clients keep their connections.
        keeps = FIELDS.index(field) % 2 == 0
        connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=PATIENCE)
        while not self._is_over.is_set():
            is_new = connection.sock is None
            Storm.sent[field] += 1
            number = Storm.sent[field]
            try:
                status, text = request("PATCH", f"/state/{MODEL}", json.dumps({field: number}), connection)
                if status == 200:
                    Storm.acknowledged[field] = number
                    with Storm._lock:
                        Storm.count += 1
                        self.writes += 1
                else:
                    self.refusals.append(f"{status} {text}")
            except ConnectionRefusedError:
                self.refused_connections += 1
            except (OSError, http.client.HTTPException):
                if is_new:
                    self.broken_connections += 1
                else:
                    self.former_connections += 1
                connection.close()
            if not keeps:
                connection.close()
            # So that ports of closed connections do not run out.
            time.sleep(0.005)
        connection.close()


def require_acknowledged_writes():
    """Fails where an acknowledged write is gone, or a number is there that was never sent; gives the number of writes."""
    status, text = request("GET", f"/state/{MODEL}")
    require(status == 200, f"The ledger is gone: {status} {text}")
    ledger = json.loads(text)
    for field in FIELDS:
        first, last = Storm.acknowledged[field], Storm.sent[field]
        require(first <= ledger[field] <= last, f"{field} is {ledger[field]}; {first} was acknowledged and {last} was sent last.")
    return Storm.count
