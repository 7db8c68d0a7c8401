"""The test rows in the window: sealed until somebody says to open them, once a session; each look is counted.

They are shown of the weights that they were opened at, and never live: as soon as there are other weights they are
sealed again. Whoever then looks again is not asked, but that is another look. A second one at the same weights is none.
What shows rows rather than what a network makes of them does not ask here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..errors import GraphlabError
from ..lab.sweeps.records import Opening
from ..lab.sweeps.seal import TEST, note, opening_by, read_openings
from . import numbers
from .notice import of_error

if TYPE_CHECKING:
    from .session import Session

ASKED = (
    "The test rows tell how good a network is on rows that nothing was chosen by. Opening them is counted: whoever "
    "chooses again after seeing that has a second validation set, and none to test with."
)
AGAIN = (
    "The test rows have been opened {times} already, so what they tell is no longer of rows that nothing was chosen "
    "by. Opening them is counted all the same."
)
Moment = tuple[int, int, int, int]


class Sealing(QObject):
    """count: how often the test rows of the document were opened, by whatever. is_granted: whether somebody has said
    to open them, of this document and in this session.
    """

    changed = Signal()  # `count` is another
    closed = Signal()  # they were open, and the weights are others now

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.count, self.is_granted = 0, False
        self._mine: list[Opening] = []
        self._seen: set[Moment] = set()  # the weights at which they were looked at
        self._at: Moment | None = None
        self._by_hand = 0  # how often weights were set
        self._is_told = False
        self._folder = session.sweeping.folder
        session.status_changed.connect(self._check)
        session.editing.weights_set.connect(self._set_by_hand)
        session.opened.connect(self._forget)
        session.saved.connect(self._moved)
        session.whole_changed.connect(self._moved)
        session.sweeping.sittings.evaluated.connect(self.look)

    @property
    def is_open(self) -> bool:
        """Whether they may be shown at present."""
        return self._at is not None

    @property
    def label(self) -> str:
        """What a choice calls them."""
        return f"{TEST} ({f'opened {numbers.times(self.count)}' if self.count else 'sealed'})"

    @property
    def question(self) -> str:
        """What is to be said before they are opened."""
        return AGAIN.format(times=numbers.times(self.count)) if self.count else ASKED

    @property
    def obstacle(self) -> tuple[str, str]:
        """What keeps them from being opened now, and what helps."""
        if self._session.is_running:
            return "Test rows are not looked at while it trains.", "Pause, then choose them."
        return "", ""

    def look(self, *_: object) -> None:
        """Has it read how often they were opened: another program may have."""
        self._do(partial(read_openings, self._session.sweeping.folder), self._take)

    def open(self, rows: int, then: Callable[[], object]) -> None:
        """Somebody wants to see so many test rows: it is written down, then `then` is called."""
        self.is_granted = True
        at = self._moment()
        if at in self._seen:
            self._show(at, then)
            return
        opening = opening_by("window", rows)
        job = partial(note, self._session.sweeping.folder, opening)
        self._do(job, partial(self._noted, at, opening, then))

    def tell_closed(self) -> None:
        """Somebody has shown them and shows others now, which is told once."""
        if not self._is_told:
            self._is_told = True
            self._session.notify(
                "info",
                "The weights are others now: the test rows are sealed again.",
                "Choose them once more to look; that is counted.",
            )

    def _do(self, job: Callable[[], list[Opening]], done: Callable[[list[Opening]], object]) -> None:
        self._session.sweeping.do(job, done, self._failed)

    def _failed(self, error: GraphlabError) -> None:
        self._session.tell(of_error(error))

    def _take(self, found: list[Opening]) -> None:
        if len(found) != self.count:
            self.count = len(found)
            self.changed.emit()

    def _noted(self, at: Moment, opening: Opening, then: Callable[[], object], found: list[Opening]) -> None:
        self._mine.append(opening)
        self._seen.add(at)
        self._take(found)
        self._show(at, then)

    def _show(self, at: Moment, then: Callable[[], object]) -> None:
        if at == self._moment():  # it may have gone on while that was written
            self._at, self._is_told = at, False
            then()

    # Other weights, other documents

    def _moment(self) -> Moment:
        """Which weights these are."""
        status = self._session.status
        return status.run, self._session.editing.era, self._by_hand, status.step

    def _set_by_hand(self) -> None:
        self._by_hand += 1
        self._check()

    def _check(self, *_: object) -> None:
        if self._at is not None and self._at != self._moment():
            self._at = None
            self.closed.emit()

    def _forget(self) -> None:
        self.is_granted = False
        self._mine.clear()
        self._seen.clear()
        self._folder = self._session.sweeping.folder
        self._take([])
        self._check()
        self.look()

    def _moved(self, *_: object) -> None:
        """The document lies elsewhere, or is called otherwise: what was opened here was opened there as well."""
        folder = self._session.sweeping.folder
        if folder == self._folder:
            return
        self._folder = folder
        self._do(
            partial(note, folder, *self._mine) if self._mine else partial(read_openings, folder), self._take
        )
