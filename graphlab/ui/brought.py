"""Weights that came with a document put into this one as a group: wherever a use of it appears, it begins with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject

from ..engine.inference import Inference
from ..graph import Document
from ..graph.groups import uses

if TYPE_CHECKING:
    from .session import Session


class Brought(QObject):
    """Sends the weights to the engine when a use appears: inserted, done again after undo, or copied.

    A group is known by its definition, the very object, which undo and redo keep: an edited group is another one.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._known: list[tuple[Document, Mapping[str, Any]]] = []
        session.whole_changed.connect(self._follow)
        session.opened.connect(self._known.clear)

    def expect(self, inner: Document, weights: Mapping[str, Any]) -> None:
        """From now on uses of this group begin with these weights, by name as in the document that it was."""
        if weights:
            self._known.append((inner, weights))

    def forget(self, inner: Document) -> None:
        self._known = [known for known in self._known if known[0] is not inner]

    def _follow(self, old: Document, new: Document) -> None:
        arrays: dict[str, Any] = {}
        for inner, weights in self._known:
            before = set(_prefixes_of(old, inner))
            for prefix in _prefixes_of(new, inner):
                if prefix not in before:
                    arrays |= {prefix + name: array for name, array in weights.items()}
        if arrays:
            shapes = shapes_of(self._session.seen.whole)
            fitting = {n: a for n, a in arrays.items() if shapes.get(n) == np.shape(a)}
            self._session.engine.bring(fitting)


def _prefixes_of(document: Document, inner: Document) -> Iterator[str]:
    """What stands before the names inside, for every use of that very group: "encoder/", "outer/encoder/"."""
    for definition, found in document.definitions.items():
        if found is inner:
            yield from _prefixes(document, definition)


def _prefixes(document: Document, definition: str) -> Iterator[str]:
    for place, node in uses(document, definition):
        for before in _prefixes(document, place) if place else ("",):
            yield f"{before}{node.name}/"


def shapes_of(found: Inference) -> dict[str, tuple[int, ...]]:
    """The shape of everything learnt and kept, by name: "encoder/hidden.weight"."""
    ends = (*found.learnables.items(), *found.states.items())
    return {f"{found.nodes[key].path}.{socket}": tuple(shape) for (key, socket), shape in ends}
