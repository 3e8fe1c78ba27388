"""What storms on a directory have acknowledged, and what later processes must find there."""

import collections
import dataclasses

MODELS = ("First", "Second", "Third", "Fourth", "Left", "Right")

# The codes of faults: an acknowledged commit is gone, half of a commit is there, a number has come again, nothing can be opened.
LOST, HALF, REPEATED, UNUSABLE = "lost", "half", "repeated", "unusable"


@dataclasses.dataclass(frozen=True)
class Fault:
    code: str
    sentence: str


Commit = collections.namedtuple("Commit", "value revision")


class Ledger:
    """What was told until some moment."""

    def __init__(self):
        # The last acknowledged commit of each model. What was found counts too: a value that was seen must not go.
        self.kept = {}
        # The highest revision or publication.
        self.highest = 0
        # How many acknowledged commits there were; one of two models counts once.
        self.commits = 0

    def copy(self):
        copy = Ledger()
        copy.kept, copy.highest, copy.commits = dict(self.kept), self.highest, self.commits
        return copy

    def take(self, line):
        """Takes what a process has told."""
        self.highest = max(self.highest, line.number or 0)
        if line.kind not in ("durable", "found"):
            return
        self.commits += line.kind == "durable"
        _, models, value, revision = line.words
        # Before its first commit, a model has a value that is nowhere on disk.
        if int(value) > 0:
            self.kept.update({model: Commit(int(value), int(revision)) for model in models.split("+")})

    def faults(self, lines):
        """What is wrong with all lines of the next process."""
        found = {line.words[1]: Commit(int(line.words[2]), int(line.words[3])) for line in lines if line.kind == "found"}
        return self._faults_of_found(found) + self._faults_of_numbers([line for line in lines if line.kind != "found"])

    def _faults_of_found(self, found):
        if set(found) != set(MODELS):
            return [Fault(UNUSABLE, f"Only these models were found: {', '.join(found)}.")]
        faults = []
        for model, last in self.kept.items():
            if found[model].value < last.value or found[model].revision < last.revision:
                faults.append(Fault(LOST, f"{model} was {last}, and is {found[model]}."))
        left, right = found["Left"], found["Right"]
        # Before their first commit the revisions differ.
        if left.value != right.value or (left.value > 0 and left.revision != right.revision):
            faults.append(Fault(HALF, f"Half of a commit is there: left {left}, right {right}."))
        return faults

    def _faults_of_numbers(self, lines):
        faults, revisions = [], set()
        for line in lines:
            if line.number is not None and line.number <= self.highest:
                faults.append(Fault(REPEATED, f"`{line.text}` comes after the number {self.highest} was told."))
            if line.kind in ("durable", "passing"):
                if line.number in revisions:
                    faults.append(Fault(REPEATED, f"`{line.text}` has a revision that this process has told before."))
                revisions.add(line.number)
        return faults
