"""What a person likes and used last: favourite operations, recent ones and how often each was added, in all windows.

Operations are named by their key (see `offers`) and remembered in the settings. A group belongs to one document and is
remembered while that is open. What this program does not know (an operation of a package that is gone) is kept, and
offered again when it is back.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from ..graph import Graph
from . import settings
from .offers import is_group

SHOWN = 8  # recent ones in a list
_KEPT = 200  # of which it is remembered how often they were used
_FAVOURITES, _USED = "library/favourites", "library/used"


@dataclass(frozen=True)
class Use:
    """How often something was added, and when last (seconds since 1970)."""

    key: str
    times: int
    last: float


class Favourites(QObject):
    """The one memory of the program; see `favourites`. `graph` is the whole document's (`Session.root`)."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._groups: weakref.WeakKeyDictionary[Graph, _OfGraph] = weakref.WeakKeyDictionary()

    def liked(self, graph: Graph) -> list[str]:
        """The keys of the favourites, in the order in which they became so."""
        return [*_texts(_FAVOURITES), *self._of(graph).liked]

    def is_liked(self, graph: Graph, key: str) -> bool:
        return key in self.liked(graph)

    def like(self, graph: Graph, key: str, on: bool) -> None:
        """Makes it a favourite, or one no more."""
        present = self._of(graph).liked if is_group(key) else _texts(_FAVOURITES)
        wanted = [k for k in present if k != key] + [key] * on
        if wanted == present:
            return
        if is_group(key):
            self._of(graph).liked = wanted
        else:
            settings.settings().setValue(_FAVOURITES, wanted)
        self.changed.emit()

    def toggle(self, graph: Graph, key: str) -> None:
        self.like(graph, key, not self.is_liked(graph, key))

    def used(self, graph: Graph) -> list[Use]:
        """What was added, the latest first."""
        return sorted([*_uses(), *self._of(graph).used.values()], key=lambda use: -use.last)

    def use(self, graph: Graph, key: str) -> None:
        """Says that it was added just now."""
        before = {use.key: use for use in self.used(graph)}
        newest = next(iter(before.values())).last if before else 0.0
        times = before[key].times if key in before else 0
        use = Use(key, times + 1, max(time.time(), newest + 0.001))  # a clock may stand still, or be set back
        if is_group(key):
            self._of(graph).used[key] = use
        else:
            _keep([use, *(other for other in _uses() if other.key != key)])
        self.changed.emit()

    def forget_used(self, graph: Graph) -> None:
        """Forgets what was added, and how often."""
        settings.settings().remove(_USED)
        self._of(graph).used.clear()
        self.changed.emit()

    def _of(self, graph: Graph) -> _OfGraph:
        return self._groups.setdefault(graph, _OfGraph())


class _OfGraph:
    """What is remembered of the groups of one document."""

    def __init__(self) -> None:
        self.liked: list[str] = []
        self.used: dict[str, Use] = {}


favourites = Favourites()


def _texts(name: str) -> list[str]:
    """A list of texts in the settings; a single one comes back from Qt as itself."""
    stored = settings.settings().value(name, [])
    found = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
    return [text for text in found if isinstance(text, str) and text]


def _uses() -> list[Use]:
    """Those of operations; lines that somebody else has written into the settings are passed over."""
    found: dict[str, Use] = {}
    for line in _texts(_USED):
        key, *numbers = line.split()
        try:
            times, last = int(numbers[0]), float(numbers[1])
        except (IndexError, ValueError):
            continue
        found.setdefault(key, Use(key, times, last))
    return list(found.values())


def _keep(uses: Iterable[Use]) -> None:
    lines = [f"{use.key} {use.times} {use.last:.3f}" for use in uses]
    settings.settings().setValue(_USED, lines[:_KEPT])
