"""Numbers that a person watches over the steps, such as the norm of a gradient or one weight; of one session."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.breakpoints import require_names
from ..engine.conditions import parse_number
from ..errors import ConditionError
from .following import Nodes, Sleepers, moved

if TYPE_CHECKING:
    from .session import Session

MOST = 24  # watches
KEPT = 4096  # points of a curve; when there are more, every second goes


@dataclass
class Watch:
    """An expression at a node, named by the engine's key; what it came to, newest last."""

    node: str
    expression: str
    now: float = math.nan
    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Steps and values, (n,) each."""
        return np.array(self.steps, dtype=np.float64), np.array(self.values, dtype=np.float64)

    def note(self, step: int, value: float) -> None:
        """It came to that at that step. One step has one value, the newest; going back forgets what lay ahead."""
        self.now = value
        while self.steps and self.steps[-1] >= step:
            self.steps.pop()
            self.values.pop()
        if math.isfinite(value):
            self.steps.append(step)
            self.values.append(value)
        if len(self.steps) > KEPT:
            self.steps, self.values = self.steps[::2], self.values[::2]


class Watches(QObject):
    """The watches of a session, in the order in which they were made."""

    changed = Signal()  # others are watched
    moved = Signal()  # they came to something new
    wanted = Signal()  # somebody wants to see them

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.all: list[Watch] = []
        self._asleep: list[Watch] = []  # of nodes that are gone and may come back
        self._sleepers = Sleepers()
        self._nodes: Nodes = session.seen.whole.nodes
        session.engine.probed.connect(self._take)
        session.opened.connect(self._forget)
        session.whole_changed.connect(self._follow)

    def add(self, node: str, expression: str) -> None:
        """Watches an expression at a node of the sheet. ConditionError when it makes no sense there."""
        key = self._session.seen.key(node)
        flat = self._session.seen.whole.nodes.get(key)
        found = parse_number(expression)
        require_names(found, flat.op if flat else None)
        if any((w.node, w.expression) == (key, found.text) for w in self.all):
            return
        if len(self.all) >= MOST:
            raise ConditionError(f"{MOST} numbers are watched already.", hint="Remove some first.")
        self._set([*self.all, Watch(key, found.text)])

    def plot(self, node: str) -> None:
        """Watches what a node of the sheet gives, the mean of it where it is more than a number, for all to see."""
        output = next((s for (key, _), s in self._session.inference.specs.items() if key == node), None)
        self.add(node, "value" if output is not None and output.ndim == 0 else "value.mean")
        self.wanted.emit()

    def remove(self, watches: Iterable[Watch]) -> None:
        gone = list(watches)
        self._set([watch for watch in self.all if watch not in gone])

    def clear_curves(self) -> None:
        """Training begins anew."""
        for watch in self.all:
            watch.steps.clear()
            watch.values.clear()
        self.moved.emit()

    def title(self, watch: Watch) -> str:
        """ "hidden: weight[0, 2]"."""
        flat = self._session.seen.whole.nodes.get(watch.node)
        return f"{flat.path if flat else watch.node}: {watch.expression}"

    def _set(self, watches: list[Watch]) -> None:
        if watches == self.all:
            return
        self.all = watches
        self._session.engine.set_probes(m.Probe(w.node, w.expression) for w in watches)
        self.changed.emit()

    def _forget(self) -> None:
        """Another document."""
        self._asleep.clear()
        self._nodes = self._session.seen.whole.nodes
        self._set([])

    def _follow(self, *_: object) -> None:
        """What is at a node goes with it into a group and out of it, and comes back with it."""
        before, now = self._nodes, self._session.seen.whole.nodes
        self._nodes = now
        if not self._asleep and all(watch.node in now for watch in self.all):
            return
        there = moved(before, now, {watch.node for watch in self.all})
        gone = [watch for watch in self.all if watch.node not in there]
        for watch in gone:
            self._sleepers.add(watch.node, before.get(watch.node))
        woken = [watch for watch in self._asleep if self._sleepers.awake(watch.node, now)]
        kept = [_at(watch, there[watch.node]) for watch in self.all if watch.node in there]
        self._asleep = [watch for watch in self._asleep if watch not in woken] + gone
        self._set([*kept, *woken][:MOST])

    def _take(self, event: m.Probed) -> None:
        if len(event.values) != len(self.all):  # of the watches before
            return
        under_way = 0 < event.cursor < len(self._session.schedule)
        for watch, value in zip(self.all, event.values, strict=True):
            watch.note(event.step + under_way, value)
        self.moved.emit()


def _at(watch: Watch, node: str) -> Watch:
    """The same watch, with its curve, at the key that its node has now."""
    return watch if watch.node == node else dataclasses.replace(watch, node=node)
