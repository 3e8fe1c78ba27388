"""Does with myosin from PyPI what the benchmarks do with the engine.

    engine.py checkout|commit COUNT               prints the nanoseconds that one takes, on one thread
    engine.py cached SECONDS THREADS MODELS       prints the commits a second, each with cache=True;
                                                  the directory is MYOSIN_CACHE_BASE_PATH
"""
import sys
import threading
import time

from myosin import State, StateModel


class User(StateModel):
    """The model of its usage page."""

    def __init__(self, name, email):
        super().__init__()
        self.name = name
        self.email = email

    @property
    def name(self):
        return self.__name

    @name.setter
    def name(self, name):
        self.__name = name

    @property
    def email(self):
        return self.__email

    @email.setter
    def email(self, email):
        self.__email = email

    def serialize(self):
        return {"id": self.id, "name": self.name, "email": self.email}

    def deserialize(self, **kwargs):
        for k, v in kwargs.items():
            setattr(self, k, v)


def load(model):
    with State() as state:
        state.load(model("chris", "chris@email.com"))


def change(model, cache=False):
    with State(model) as state:
        user = state.checkout(model)
        user.name = "cS" if user.name == "chris" else "chris"
        state.commit(user, cache=cache)


def nanoseconds(operation, count):
    load(User)
    if operation == "commit":
        start = time.perf_counter_ns()
        for _ in range(count):
            change(User)
        return (time.perf_counter_ns() - start) / count
    # One context for all of them: opening one costs as much again.
    with State(User) as state:
        start = time.perf_counter_ns()
        for _ in range(count):
            state.checkout(User)
        return (time.perf_counter_ns() - start) / count


def cached_commits_per_second(seconds, thread_count, model_count):
    models = [type(f"User{number:02}", (User,), {}) for number in range(model_count)]
    for model in models:
        load(model)
    counts = [0] * thread_count
    start = time.monotonic()

    def work(number):
        model = models[number % model_count]
        while time.monotonic() < start + seconds:
            change(model, cache=True)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(thread_count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - start)


words = sys.argv[1:]
if words[0] == "cached":
    print(cached_commits_per_second(*map(int, words[1:])))
else:
    print(nanoseconds(words[0], int(words[1])))
