"""Numbers and arrays that a person watches over the steps, such as the norm of a gradient, a weight, or all of it.

They belong to the session: they stay over edits and go with the document's window.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.breakpoints import key_named, require_names
from ..engine.conditions import Expression, parse_number
from ..engine.flatten import FlatNode
from ..engine.optimizer_state import STEP, split
from ..errors import ConditionError
from . import numbers, panel_files
from .following import Nodes, Sleepers, moved

if TYPE_CHECKING:
    from .session import Session

MOST = 24  # watches
KEPT = 4096  # points of a curve; when there are more, every second goes


@dataclass
class Watch:
    """An expression at a node, named by the engine's key; what it came to, newest last.

    `whole`: the array that it is, where it is more than a number; its curve is that of its norm.
    """

    node: str
    expression: str
    now: float = math.nan
    steps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    whole: m.TensorKey | None = None

    @property
    def probe(self) -> m.Probe:
        """The number that the engine reads for it."""
        return m.Probe(self.node, self.expression if self.whole is None else f"{self.expression}.norm")

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Steps and values, (n,) each."""
        return np.array(self.steps, dtype=np.float64), np.array(self.values, dtype=np.float64)

    def at(self, step: float) -> float:
        """What it was at that step or, where that was not noted, at the one noted before; NaN before the first."""
        found = int(np.searchsorted(self.steps, step, side="right")) - 1
        return self.values[found] if found >= 0 else math.nan

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
        session.engine.answered.connect(self._take_series)
        session.opened.connect(self._forget)
        session.whole_changed.connect(self._follow)

    def add(self, node: str, expression: str) -> None:
        """Watches an expression at a node of the sheet. ConditionError when it makes no sense there."""
        self.add_at(self._session.seen.key(node), expression)

    def add_at(self, key: str, expression: str) -> bool:
        """The same at a node of the engine's; False when it is watched already."""
        flat = self._session.seen.whole.nodes.get(key)
        found = parse_number(expression)
        require_names(found, flat.op if flat else None)
        if any((w.node, w.expression) == (key, found.text) for w in self.all):
            return False
        if len(self.all) >= MOST:
            raise ConditionError(f"{MOST} numbers are watched already.", hint="Remove some first.")
        self._set([*self.all, Watch(key, found.text, whole=self._whole(flat, found))])
        return True

    def pin(
        self, kind: str, key: str, socket: str, index: Sequence[int] | None = None, *, show: bool = True
    ) -> None:
        """Watches an element (all of it without `index`) of an array, by the engine's names.

        kind: "value" or "grad" of an output or parameter; "term", what goes back along the wire that ends in `socket`.
        """
        expression = self.expression(kind, key, socket, index)
        if not self._session.attempt(self._pin, key, expression):
            return
        if show:
            self.wanted.emit()

    def _pin(self, key: str, expression: str) -> None:
        said = "is watched now" if self.add_at(key, expression) else "is watched already"
        self._session.notify("info", f"{self._named(key, expression)} {said}.")

    def expression(self, kind: str, key: str, socket: str, index: Sequence[int] | None = None) -> str:
        """What the language of conditions calls an element of an array, or all of it."""
        flat = self._session.seen.whole.nodes.get(key)
        first = flat.op.results()[:1] if flat is not None and flat.op is not None else ()
        if kind == "term":
            name = f"{socket}.grad"
        elif socket in first:
            name = "value" if kind == "value" else "grad"
        else:
            name = socket if kind == "value" else f"{socket}.grad"
        return name + numbers.index(tuple(index or ()))

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
        return self._named(watch.node, watch.expression)

    def tensor(self, watch: Watch) -> m.Tensor | None:
        """The newest of a whole array that is watched, if somebody looks at it."""
        return None if watch.whole is None else self._session.tensor_at(watch.whole)

    def table(self) -> tuple[list[str], list[list[float | None]]]:
        """All curves: a row for each step at which one was noted, a column for each watch; None where one was not."""
        columns = [dict(zip(watch.steps, watch.values, strict=True)) for watch in self.all]
        titles = [self.title(w) + (" (norm)" if w.whole is not None else "") for w in self.all]
        steps = sorted({step for column in columns for step in column})
        return ["step", *titles], [[step, *(column.get(step) for column in columns)] for step in steps]

    def csv(self) -> str:
        """The same as text."""
        return panel_files.table(*self.table()).decode()

    def _named(self, key: str, expression: str) -> str:
        return f"{self._session.name_of(key) or key}: {expression}"

    def _whole(self, flat: FlatNode | None, found: Expression) -> m.TensorKey | None:
        """The array that an expression is, if it is one of more than a number."""
        named = found.whole
        if named is None or flat is None:
            return None
        key, whole = key_named(flat, *named), self._session.seen.whole
        end = (key.node, key.socket)
        if key.kind == "term":
            target, socket = key.taker
            end = whole.nodes[target].inputs[socket]
        parameter, state = split(key.socket)
        if state:
            owned = whole.learnables.get((key.node, parameter), ())
            return key if owned and state != STEP else None
        axes = len(whole.learnables.get(end, whole.states.get(end, ())))
        spec = whole.specs.get(end)
        return key if axes or (spec is not None and spec.ndim) else None

    def _set(self, watches: list[Watch]) -> None:
        if watches == self.all:
            return
        self.all = watches
        self._tell()

    def _tell(self) -> None:
        watches = self.all
        self._session.engine.set_probes(w.probe for w in watches)
        self.changed.emit()

    def _forget(self) -> None:
        """Another document."""
        self._asleep.clear()
        self._nodes = self._session.seen.whole.nodes
        self._set([])

    def _follow(self, *_: object) -> None:
        """What is at a node goes with it into a group and out of it, and comes back with it."""
        now = self._session.seen.whole.nodes
        self._set(self._still_there(now))
        shapes = [watch.whole for watch in self.all]
        for watch in self.all:  # another shape may make a number of an array, another wire another array
            watch.whole = self._whole(now[watch.node], parse_number(watch.expression))
        if shapes != [watch.whole for watch in self.all]:
            self._tell()

    def _still_there(self, now: Nodes) -> list[Watch]:
        """The watches after an edit: they go along into groups and out of them, and come back with their nodes."""
        before, self._nodes = self._nodes, now
        if not self._asleep and all(watch.node in now for watch in self.all):
            return self.all
        there = moved(before, now, {watch.node for watch in self.all})
        gone = [watch for watch in self.all if watch.node not in there]
        for watch in gone:
            self._sleepers.add(watch.node, before.get(watch.node))
        woken = [watch for watch in self._asleep if self._sleepers.awake(watch.node, now)]
        kept = [_at(watch, there[watch.node]) for watch in self.all if watch.node in there]
        self._asleep = [watch for watch in self._asleep if watch not in woken] + gone
        return [*kept, *woken][:MOST]

    def _take(self, event: m.Probed) -> None:
        if len(event.values) != len(self.all):  # of the watches before
            return
        under_way = 0 < event.cursor < len(self._session.schedule)
        is_known = self._session.travel.knows(event.step)
        for watch, value in zip(self.all, event.values, strict=True):
            if is_known:  # its curve goes on
                watch.now = value
            else:
                watch.note(event.step + under_way, value)
        self.moved.emit()

    def _take_series(self, event: object) -> None:
        """What was read between two frames; the frame itself follows."""
        if not isinstance(event, m.Sampled) or event.values.shape != (len(event.steps), len(self.all)):
            return
        for watch, column in zip(self.all, event.values.T.tolist(), strict=True):
            for step, value in zip(event.steps.tolist(), column, strict=True):
                if not self._session.travel.knows(step):
                    watch.note(step, value)


def _at(watch: Watch, node: str) -> Watch:
    """The same watch, with its curve, at the key that its node has now."""
    return watch if watch.node == node else dataclasses.replace(watch, node=node)
