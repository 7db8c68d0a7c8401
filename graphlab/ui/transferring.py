"""Weights on their way into the graph: what of a file, or of another tab, goes where. One chooses in the panel."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..errors import FileError, GraphlabError
from ..io import weight_files
from ..lab.transfer import Transfer, match, require_fit
from . import numbers
from .notice import of_error

if TYPE_CHECKING:
    from .session import Session

_all: weakref.WeakSet[Transferring] = weakref.WeakSet()  # of every tab


class Transferring(QObject):
    """What is at hand (`title`, `given`), how it matches (`found`), and what was chosen by hand.

    wanted: somebody has opened weights of which not all fit by name, and has to choose.
    """

    changed = Signal()
    wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.title = ""
        self.given: Mapping[str, Any] = {}
        self._broken: dict[str, int] = {}
        self._hand: dict[str, str] = {}
        self._choice: set[str] | None = None  # None: as it is by itself
        self.found = Transfer((), ())
        session.inference_changed.connect(self._match_again)
        session.opened.connect(self.end)
        _all.add(self)

    @property
    def is_on(self) -> bool:
        return bool(self.given)

    # What is at hand

    def load(self, path: Path) -> None:
        """Reads a file of weights. If all fit by name they are taken at once, else one chooses."""
        self._read(path, at_once=True)

    def open(self, path: Path) -> None:
        """Reads a file of weights to choose from."""
        self._read(path, at_once=False)

    def _read(self, path: Path, at_once: bool) -> None:
        session = self._session
        session.worker.start(
            path.name,
            lambda progress: weight_files.read(path),
            lambda found: session.attempt(self.show, path.name, found, at_once),
            lambda error: session.tell(of_error(error)),
        )

    def others(self) -> list[Session]:
        """The sessions of other tabs that have weights."""
        sessions = [each._session for each in _all if each is not self]
        return [s for s in sessions if s.engine.link.is_up and not s.whole.is_empty]

    def open_session(self, other: Session) -> None:
        """Takes the weights of another tab as they are now, to choose from."""
        self._session.attempt(self.show, other.whole.name, other.weights())

    def show(self, title: str, given: Mapping[str, Any], at_once: bool = False) -> None:
        """Puts arrays by name at hand. FileError when the graph has no place for any."""
        if not given:
            raise FileError(f"{title} has no weights.", hint="Open another file.")
        self.title, self.given = title, dict(given)
        self._broken, self._hand, self._choice = weight_files.bad_numbers(self.given), {}, None
        self._match()
        if at_once and self.found.is_whole:
            self.carry()
            self.end()
        else:
            self.changed.emit()
            self.wanted.emit()

    def end(self) -> None:
        """Puts away what is at hand."""
        self.title, self.given = "", {}
        self._broken, self._hand, self._choice = {}, {}, None
        self.found = Transfer((), ())
        self.changed.emit()

    # The choice

    def choose(self, targets: Iterable[str]) -> None:
        """Takes exactly these of those that fit, by their names here."""
        self._choice = set(targets)
        self._match()
        self.changed.emit()

    def assign(self, target: str, source: str) -> None:
        """Takes an array for a parameter whatever their names; "" leaves it as it is."""
        chosen = {row.target for row in self.found.chosen}
        self._hand = {row.target: row.source for row in self.found.chosen} | self._hand | {target: source}
        self._choice = chosen | {target} if source else chosen - {target}
        self._match()
        self.changed.emit()

    def _match(self) -> None:
        own = self._session.new_weights.shapes()
        found = match(self.given, own, self._hand, self._broken)
        self.found = found if self._choice is None else found.choose(self._choice)

    def _match_again(self, *_: object) -> None:
        """The graph is another; what was chosen by hand stays as far as it is there."""
        if self.is_on:
            self._match()
            self.changed.emit()

    # The step itself

    def carry(self) -> None:
        """Puts what is chosen into the graph, as one undo entry. GraphlabError when that is nothing, or broken."""
        rows, taken = self.found.chosen, self.found.taken(self.given)
        if not rows:
            raise GraphlabError("Nothing is chosen.", hint="Tick what is to be taken.")
        for row in rows:
            require_fit(row.target, row.shape, taken[row.target])
        total = numbers.count(len(self.found.rows), "array")
        self._session.new_weights.put(taken, f"Weights from {self.title}")
        self._session.notify(
            "info",
            f"Took {len(rows):,} of {total} from {self.title}.",
            "Undo brings the former weights back.",
        )
