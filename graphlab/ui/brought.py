"""Weights that wait for their parameters: those that came with a group, and those of a file whose nodes cannot run yet.

A group that was just inserted has no wires, so its parameters have no shapes and are not there. Whenever one appears,
be it by a wire, by undo or with a copy of the group, it begins with the weights that came along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject

from ..engine.flatten import End, flatten
from ..engine.inference import Inference
from ..graph import Document
from ..graph.groups import uses
from . import numbers

if TYPE_CHECKING:
    from .session import Session

Arrays = Mapping[End, Any]


class Brought(QObject):
    """Sends the engine the weights of every parameter that appears and has some waiting.

    A group is known by its definition, the very object, which undo and redo keep; editing it hands the weights on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._groups: list[tuple[Document, Arrays]] = []
        self._own: Arrays = {}  # of the document itself
        self._there: set[End] = set()
        session.whole_changed.connect(self._follow)

    def open(self, weights: Mapping[str, Any]) -> dict[str, Any]:
        """Another document, shown already. Returns its weights without those that wait for a node that cannot run."""
        found = self._session.seen.whole
        self._groups, self._there = [], set(_shapes(found))
        keys = {node.path: key for key, node in found.nodes.items() if key in found.unhealthy}
        ends = {name: (keys.get(name.rpartition(".")[0], ""), name.rpartition(".")[2]) for name in weights}
        self._own = {ends[name]: array for name, array in weights.items() if ends[name][0]}
        return {name: array for name, array in weights.items() if not ends[name][0]}

    def expect(self, inner: Document, guest: Document, weights: Mapping[str, Any]) -> None:
        """From now on uses of the group `inner`, which was the document `guest`, begin with that document's weights."""
        keys = {node.path: key for key, node in flatten(guest).nodes.items()}
        ends = {
            (keys.get(name.rpartition(".")[0], ""), name.rpartition(".")[2]): a for name, a in weights.items()
        }
        self._there = set(_shapes(self._session.seen.whole))
        self._groups.append((inner, {end: array for end, array in ends.items() if end[0]}))

    def forget(self, inner: Document) -> None:
        self._groups = [group for group in self._groups if group[0] is not inner]

    def pending(self) -> dict[str, Any]:
        """The weights that still wait, by "node name.socket": a file must hold them, too."""
        if not self._groups and not self._own:
            return {}
        idle = self._session.seen.whole.unhealthy
        waiting = self._all(self._session.whole)
        return {self._name(end): array for end, array in waiting.items() if end[0] in idle}

    def again(self) -> None:
        """All weights are fresh: what came with groups is what these begin with."""
        if self._groups:
            own, self._own = self._own, {}
            self._give(self._all(self._session.whole), _shapes(self._session.seen.whole))
            self._own = own

    def _follow(self, old: Document, new: Document) -> None:
        if not self._groups and not self._own:
            return
        self._hand_on(old, new)
        shapes = _shapes(self._session.seen.whole)
        fresh, self._there = shapes.keys() - self._there, set(shapes)
        if fresh:
            come = {end: array for end, array in self._all(new).items() if end in fresh}
            self._give(come, shapes)
            self._tell_misfits(come, shapes)

    def _give(self, arrays: Arrays, shapes: Mapping[End, tuple[int, ...]]) -> None:
        """Sends those that are there and fit."""
        self._session.engine.bring(
            {self._name(end): array for end, array in arrays.items() if shapes.get(end) == np.shape(array)}
        )

    def _tell_misfits(self, arrays: Arrays, shapes: Mapping[End, tuple[int, ...]]) -> None:
        misfits = [end for end, array in arrays.items() if shapes[end] != np.shape(array)]
        if misfits:
            first = misfits[0]
            was, now = numbers.shape(np.shape(arrays[first])), numbers.shape(shapes[first])
            more = f" (and {len(misfits) - 1} more)" if len(misfits) > 1 else ""
            self._session.notify(
                "warning",
                f"The weights that came for {self._name(first)}{more} are {was}, but {now} is needed: "
                "it begins afresh.",
                "Undo, or feed it what it was trained on.",
            )

    def _name(self, end: End) -> str:
        return f"{self._session.seen.whole.nodes[end[0]].path}.{end[1]}"

    def _hand_on(self, old: Document, new: Document) -> None:
        """A group that was edited is another object and keeps what it waits for."""
        known = {id(inner): arrays for inner, arrays in self._groups}
        for definition, before in old.definitions.items():
            after = new.definitions.get(definition)
            if after is not None and after is not before and id(before) in known and id(after) not in known:
                self._groups.append((after, known[id(before)]))

    def _all(self, document: Document) -> dict[End, Any]:
        """Everything that may have to be given, by the engine's keys."""
        wanted = dict(self._own)
        for inner, arrays in self._groups:
            for definition, found in document.definitions.items():
                if found is inner:
                    for prefix in _prefixes(document, definition):
                        wanted |= {(prefix + key, socket): array for (key, socket), array in arrays.items()}
        return wanted


def _prefixes(document: Document, definition: str) -> Iterator[str]:
    """What stands before the keys inside, for every use of a group: "n4/", "n9/n4/"."""
    for place, node in uses(document, definition):
        for before in _prefixes(document, place) if place else ("",):
            yield f"{before}{node.id}/"


def _shapes(found: Inference) -> dict[End, tuple[int, ...]]:
    """The shape of everything learnt and kept."""
    return {end: tuple(shape) for ends in (found.learnables, found.states) for end, shape in ends.items()}
