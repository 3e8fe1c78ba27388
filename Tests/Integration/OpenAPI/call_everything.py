"""Calls each operation of a service through the client that openapi-python-client has made of its document.

Arguments: the service's URL and the document's file. What is read is written back, so each value goes through the client's
types twice.
"""

import datetime
import enum
import importlib
import json
import pkgutil
import sys
import types
import typing
import uuid

import httpx
import myosin_client.api
from myosin_client import Client
from myosin_client.models import Problem
from myosin_client.types import Unset

METHODS = ("get", "put", "patch", "delete")
SAMPLES = {
    int: 0, float: 0.5, str: "x", bool: True, type(None): None, typing.Any: 1, datetime.date: datetime.date(2026, 1, 31),
    datetime.datetime: datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc), uuid.UUID: uuid.UUID(int=1),
}


def sample(hint):
    """A value of a type, for a field that has none."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return sample(next(kind for kind in arguments if kind not in (Unset, type(None))))
    if origin is typing.Literal:
        return arguments[0]
    if origin is list:
        return []
    if hint in SAMPLES:
        return SAMPLES[hint]
    if issubclass(hint, enum.Enum):
        return next(iter(hint))
    return hint(**{name: sample(kind) for name, kind in required(hint.__init__)})


def required(function):
    """The names and types of the arguments that a function needs."""
    optional = function.__kwdefaults__ or {}
    count = len(function.__defaults__ or ())
    names = function.__code__.co_varnames[: function.__code__.co_argcount - count][1:]
    hints = typing.get_type_hints(function, vars(sys.modules[function.__module__]) | vars(myosin_client.models))
    return [(name, hints[name]) for name in names if name not in optional]


class Caller:
    def __init__(self, url):
        self.client = Client(base_url=url, raise_on_unexpected_status=True, timeout=httpx.Timeout(300))
        packages = pkgutil.walk_packages(myosin_client.api.__path__, "myosin_client.api.")
        self.modules = {}
        for found in packages:
            if not found.ispkg:
                self.modules[found.name.rpartition(".")[2]] = importlib.import_module(found.name)
        self.called = set()

    def call(self, name, **arguments):
        function = self.modules[name].sync_detailed
        hints = typing.get_type_hints(function)
        for parameter in function.__code__.co_varnames[: function.__code__.co_argcount]:
            # The parameters of paths: a position, or the name of an entry.
            arguments[parameter] = 0 if hints[parameter] is int else "a"
        if "if_match" in hints and not isinstance((function.__kwdefaults__ or {}).get("if_match"), Unset):
            arguments["if_match"] = "*"
        answer = function(client=self.client, **arguments)
        assert answer.status_code < 400 or isinstance(answer.parsed, Problem), (name, answer)
        self.called.add(name)
        return answer

    def body_type(self, name):
        hints = typing.get_type_hints(self.modules[name].sync_detailed)["body"]
        kinds = typing.get_args(hints) if typing.get_origin(hints) in (typing.Union, types.UnionType) else [hints]
        return [kind for kind in kinds if kind is not Unset]

    def read_and_write(self, name):
        """Reads what a function reads, and writes the same where there is a function for that."""
        read = self.call(name)
        writer = "replace" + name.removeprefix("get")
        if writer not in self.modules:
            assert read.status_code == 200, (name, read)
            return
        if read.status_code == 404:
            written = self.call(writer, body=sample(typing.Union[tuple(self.body_type(writer))]))
            assert written.status_code in (200, 404, 422), (writer, written)
            return
        assert read.status_code == 200, (name, read)
        written = self.call(writer, body=read.parsed)
        if read.parsed is None:
            # The library of generated clients sends no content for null; patches can set it.
            assert written.status_code == 400, (writer, written)
            return
        assert written.status_code == 200, (writer, read, written)
        assert written.parsed == read.parsed, (writer, read.parsed, written.parsed)
        assert json.loads(written.content) == json.loads(read.content), (writer, read.content, written.content)

    def call_everything(self):
        for name in self.modules:
            if name.startswith(("get_", "describe_")):
                self.read_and_write(name)
        for name in self.modules:
            if name.startswith("patch_"):
                assert self.call(name, body=self.body_type(name)[0]()).status_code == 200, name
            elif name.startswith("reset_"):
                assert self.call(name).status_code == 200, name


url, document = sys.argv[1:]
caller = Caller(url)
caller.call_everything()
with open(document) as file:
    paths = json.load(file)["paths"].values()
operations = [item[method] for item in paths for method in METHODS if method in item]
assert caller.called == set(caller.modules) and len(caller.called) == len(operations), set(caller.modules) - caller.called
print(len(operations))
