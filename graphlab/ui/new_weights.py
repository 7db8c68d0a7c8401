"""Weights that come all at once: from a file, from another graph, or drawn anew. One undo entry each.

They replace those that the engine has while it stands still. Undo puts the former ones back for as long as no step of
training has followed; `restore` brings back those before the last replacement, or before a reset, at any time, with the
optimizer's state and the step that they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.flatten import End
from ..engine.fresh import fresh_values
from ..engine.inference import Inference
from ..errors import GraphlabError
from . import numbers

if TYPE_CHECKING:
    from .session import Session

Arrays = dict[End, Any]

MOST_KEPT = 256 << 20  # bytes of former weights that undo may hold
PATIENCE = 3.0  # seconds that the engine gets to tell the weights as they are


@dataclass
class Replacement:
    """An undo entry: parameters that were replaced in one step of training. Without arrays it is past."""

    owner: NewWeights
    era: int
    step: int
    before: Arrays = field(default_factory=dict)
    after: Arrays = field(default_factory=dict)

    @property
    def is_past(self) -> bool:
        return not self.before or not self.owner.is_at(self.era, self.step)

    @property
    def size(self) -> int:
        return sum(np.asarray(a).nbytes for arrays in (self.before, self.after) for a in arrays.values())

    def replay(self, forward: bool) -> None:
        self.owner.send(self.after if forward else self.before)

    def forget(self) -> None:
        self.before, self.after = {}, {}


@dataclass(frozen=True)
class Former:
    """All weights as they were, with what it takes to train on from there. why: before what they are from."""

    arrays: Mapping[str, Any]
    state: Mapping[str, Any]
    why: str

    @property
    def step(self) -> int:
        step = self.state.get("step", 0)
        return step if isinstance(step, int) else 0


class NewWeights(QObject):
    """Replaces weights, and keeps the former ones."""

    replaced = Signal()  # the engine has others, and undo another entry

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._kept: list[Replacement] = []
        self.former: Former | None = None
        self._seed = 0
        session.opened.connect(self._forget)

    # What there is

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter and running statistic of the whole, by "node name.socket"."""
        found = self._session.seen.whole
        return {self.name(end): tuple(shape) for end, shape in (found.learnables | found.states).items()}

    def name(self, end: End) -> str:
        return f"{self._session.seen.whole.nodes[end[0]].path}.{end[1]}"

    def of_nodes(self, ids: Iterable[str]) -> list[End]:
        """The parameters and running statistics that nodes of the sheet own, groups with all inside."""
        found: list[End] = []
        for node in ids:
            key = self._session.seen.prefix + node
            found += _owned(self._session.seen.whole, key)
        return found

    def may_own(self, ids: Iterable[str]) -> bool:
        """Whether one of these nodes owns parameters, as far as that is told without looking into groups."""
        seen, document = self._session.seen, self._session.document
        return any(
            seen.whole.parameter_count(seen.prefix + node) or "definition" in document.nodes[node].params
            for node in ids
            if node in document.nodes
        )

    def is_at(self, era: int, step: int) -> bool:
        """Whether no step of training has followed, and nothing has begun anew."""
        return era == self._session.editing.era and step == self._session.status.step

    # Replacing

    def put(self, arrays: Mapping[str, Any], label: str) -> None:
        """Replaces these parameters, by "node name.socket", which must fit; training pauses."""
        ends = {self.name(end): end for end in self._ends()}
        after = {ends[name]: np.asarray(array) for name, array in arrays.items() if name in ends}
        if not after:
            raise GraphlabError("There is nothing to replace.", hint="Choose weights that fit this graph.")
        self.keep_former(label)
        self.send(after)
        self._session.marks.add(self._session.status.step, label)
        self._note(after, label)

    def draw_anew(self, ends: Iterable[End], seed: int) -> None:
        """Lets parameters begin again, by their initialisers, from a seed."""
        chosen = list(ends)
        found = self._session.seen.whole
        if sum(int(np.prod(found.learnables.get(end, ()))) for end in chosen) > MOST_KEPT // 4:
            raise GraphlabError(
                "They are too many to draw at once.", hint="Choose single layers, or reset all."
            )
        nodes = dict.fromkeys(self.name(end).rpartition(".")[0] for end in chosen)
        what = next(iter(nodes)) if len(nodes) == 1 else numbers.count(len(nodes), "layer")
        made = fresh_values(found, chosen, seed)
        self.put({self.name(end): array for end, array in made.items()}, f"Re-initialise {what}, seed {seed}")
        self._session.notify(
            "info", f"{what} began anew from seed {seed}.", "Undo brings the former weights back."
        )

    def next_seed(self) -> int:
        """A seed that was not drawn from yet: the document's own, at first, is what a reset gives."""
        self._seed = max(self._seed, self._session.whole.training.seed) + 1
        return self._seed

    def keep_former(self, why: str) -> None:
        """Remembers all weights as they are, with step and optimizer, for `restore`."""
        session = self._session
        if session.is_running:
            session.pause()
        arrays = dict(session.engine.fetch_weights(PATIENCE))
        if arrays:
            self.former = Former(arrays, dict(session.engine.state), why)

    @property
    def can_restore(self) -> bool:
        return self.former is not None

    def restore(self) -> None:
        """Brings back the former weights, step and optimizer; those that go take their place."""
        former, session = self.former, self._session
        if former is None:
            raise GraphlabError(
                "There are no former weights.", hint="They are kept when others replace them."
            )
        self.keep_former("Restore former weights")
        session.engine.send(m.SetWeights(dict(former.arrays), dict(former.state)))
        session.editing.weights_replaced()
        self.replaced.emit()
        at = f" of step {former.step:,}" if former.step else ""
        session.notify(
            "info",
            f"These are the weights{at} again, from before “{former.why}”.",
            "Once more takes that back.",
        )

    def send(self, arrays: Arrays) -> None:
        """Gives the engine weights without another undo entry."""
        there = {end: array for end, array in arrays.items() if end[0] in self._session.seen.whole.nodes}
        self._session.engine.bring({self.name(end): array for end, array in there.items()})
        self._session.editing.weights_replaced()
        self.replaced.emit()

    def _note(self, after: Arrays, label: str) -> None:
        former = self.former.arrays if self.former is not None else {}
        before = {end: former[self.name(end)] for end in after if self.name(end) in former}
        if len(before) < len(after):
            return  # the engine did not tell in time: there is nothing to go back to
        session = self._session
        edit = Replacement(self, session.editing.era, session.status.step, before, after)
        self._kept.append(edit)
        while len(self._kept) > 1 and sum(kept.size for kept in self._kept) > MOST_KEPT:
            self._kept.pop(0).forget()
        session.root.note(edit, label)
        session.editing.noted.emit()

    def _ends(self) -> list[End]:
        found = self._session.seen.whole
        return [*found.learnables, *found.states]

    def _forget(self) -> None:
        self._seed = 0
        self._kept.clear()
        self.former = None


def _owned(found: Inference, key: str) -> list[End]:
    """What a flat node owns; of what is none, a group, all that stands inside."""
    node = found.nodes.get(key)
    if node is None:
        return [
            end for ends in (found.learnables, found.states) for end in ends if end[0].startswith(f"{key}/")
        ]
    if node.op is None:
        return []
    sockets = [(key, socket.name) for socket in node.op.sockets()]
    states = [(key, name) for name in node.op.states]
    return [e for e in sockets if e in found.learnables] + [e for e in states if e in found.states]
