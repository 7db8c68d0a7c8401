"""The trail of a run: states at some of its steps, and what it was trained with from which step on.

From the state before a step the steps up to it can be made again, to the bit. What cannot be made again (a weight set
by hand, another graph) has a state of its own, a fixed one. Memory is bounded: when there are too many, every second
goes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..graph import Document

LIMIT = 256_000_000  # bytes of all states together
MOST = 256  # states; nearer together than the places that a hand can tell apart on a line of all steps


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on with step number `step` (see `Run.state`).

    seconds: of training until then. is_fixed: it does not come of the steps before it.
    """

    step: int
    state: Mapping[str, Any]
    seconds: float = 0.0
    is_fixed: bool = False
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """The document that was trained with from step number `step` on."""

    step: int
    document: Document


@dataclass(slots=True)
class Branch:
    """What came after step `at` on a way that was left there, up to step `end`; its branches are those further on."""

    number: int
    at: int
    end: int
    checkpoints: list[Checkpoint]
    versions: list[Version]
    branches: list[Branch] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        own = sum(checkpoint.bytes for checkpoint in self.checkpoints)
        return own + sum(branch.bytes for branch in self.branches)


def bytes_of(state: Mapping[str, Any]) -> int:
    """What the arrays of a state take."""
    arrays = [state["parameters"], state["states"], *state["optimizer"].values()]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


class Trail:
    """The checkpoints of the way that the run is on, by step, and the branches that were left.

    end: so many steps of it are known. spacing: steps between two checkpoints at least; it doubles whenever they are
    thinned out. forgotten: whether steps at the beginning cannot be reached any more for want of memory.
    """

    def __init__(self, first: Checkpoint, document: Document, limit: int = LIMIT, most: int = MOST) -> None:
        self.checkpoints = [first]
        self.versions = [Version(first.step, document)]
        self.branches: list[Branch] = []
        self.end = first.step
        self.spacing = 1
        self.bytes = first.bytes
        self.limit, self._most = limit, most
        self.forgotten = False
        self._numbers = 0

    # Looking

    @property
    def first(self) -> int:
        """The first step that can be reached."""
        return self.checkpoints[0].step

    @property
    def last(self) -> Checkpoint:
        return self.checkpoints[-1]

    def nearest(self, step: int) -> Checkpoint:
        """The last checkpoint that is not after a step, which is not before the first."""
        return self.checkpoints[max(_after(self.checkpoints, step) - 1, 0)]

    def fixed_at(self, step: int) -> Checkpoint | None:
        """The fixed checkpoint of that very step."""
        found = self.nearest(step)
        return found if found.is_fixed and found.step == step else None

    def document(self, step: int) -> Document:
        """What that step was trained with."""
        return self.versions[max(_after(self.versions, step) - 1, 0)].document

    def next_change(self, step: int) -> int | None:
        """The first step after that one at which something was changed."""
        changes = [v.step for v in self.versions[_after(self.versions, step) :][:1]]
        later = self.checkpoints[_after(self.checkpoints, step) :]
        changes += [c.step for c in later if c.is_fixed][:1]
        return min(changes, default=None)

    # Writing

    def put(self, checkpoint: Checkpoint) -> None:
        """Enters a checkpoint, in place of one of the same step."""
        at = _after(self.checkpoints, checkpoint.step)
        before = self.checkpoints[at - 1] if at else None
        if before is not None and before.step == checkpoint.step:
            at -= 1
            self.bytes -= before.bytes
            self.checkpoints[at] = checkpoint
        else:
            self.checkpoints.insert(at, checkpoint)
        self.bytes += checkpoint.bytes
        self.make_room()

    def change(self, step: int, document: Document) -> None:
        """From that step on this document is trained with."""
        self.versions = [v for v in self.versions if v.step < step]
        if not self.versions or self.versions[-1].document is not document:
            self.versions.append(Version(step, document))

    def cut(self, at: int, keep: bool) -> Branch | None:
        """Leaves the way at a step: what is known after it becomes a branch; None where that is too little.

        keep: what was changed at that very step holds for the way that goes on, too.
        """
        piece = Branch(
            self._numbers + 1,
            at,
            self.end,
            [c for c in self.checkpoints if c.step >= at],
            [v for v in self.versions if v.step >= at],
            [branch for branch in self.branches if branch.at > at],
        )
        stays = at if keep else at - 1
        self.checkpoints = [
            c for c in self.checkpoints if c.step <= stays or (c.step == at and not c.is_fixed)
        ]
        self.versions = [v for v in self.versions if v.step <= stays]
        self.branches = [branch for branch in self.branches if branch.at <= at]
        self.end = at
        if piece.end - at > 1:
            self._numbers += 1
            self.branches.append(piece)
        self._count()
        return piece if piece.end - at > 1 else None

    def join(self, branch: Branch) -> Branch | None:
        """Takes up a branch again; the way that was taken instead becomes one, which is returned."""
        self.branches.remove(branch)
        left = self.cut(branch.at, keep=False)
        own = {c.step for c in branch.checkpoints}
        self.checkpoints = [c for c in self.checkpoints if c.step not in own] + branch.checkpoints
        self.versions += branch.versions
        self.branches += branch.branches
        self.end = branch.end
        self._count()
        return left

    def branch(self, number: int) -> Branch | None:
        """The branch of that number, if it can be taken up from here."""
        return next((branch for branch in self.branches if branch.number == number), None)

    def make_room(self) -> None:
        """Keeps within the limit: every second checkpoint goes, then the oldest branch, then the beginning."""
        while self.bytes > self.limit or len(self.checkpoints) > self._most:
            if self._thin():
                self.spacing *= 2
            elif self.branches:
                del self.branches[0]
            elif len(self.checkpoints) > 1:
                self._forget_first()
            else:
                return
            self._count()

    def _thin(self) -> bool:
        """Lets every second checkpoint go that can be made again; False when that helps no more."""
        before = len(self.checkpoints)
        self.checkpoints = _every_second(self.checkpoints)
        thinner = len(self.checkpoints) < before
        for branch in self.branches:
            count = len(branch.checkpoints)
            branch.checkpoints = _every_second(branch.checkpoints)
            thinner = thinner or len(branch.checkpoints) < count
        return thinner

    def _forget_first(self) -> None:
        del self.checkpoints[0]
        first, document = self.first, self.document(self.first)
        self.versions = [Version(first, document), *(v for v in self.versions if v.step > first)]
        self.forgotten = True

    def _count(self) -> None:
        own = sum(checkpoint.bytes for checkpoint in self.checkpoints)
        self.bytes = own + sum(branch.bytes for branch in self.branches)


def _after(entries: list[Any], step: int) -> int:
    """Where those begin that come after a step."""
    return bisect_right(entries, step, key=lambda entry: entry.step)


def _every_second(checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
    """The first, the fixed ones, and every second of the others."""
    kept: list[Checkpoint] = []
    odd = False
    for checkpoint in checkpoints:
        if checkpoint.is_fixed or not kept:
            kept.append(checkpoint)
            continue
        odd = not odd
        if not odd:
            kept.append(checkpoint)
    return kept
