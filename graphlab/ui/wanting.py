"""What somebody wants to know of units and answers: said anywhere in the window, shown by the panels that tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..engine.wants.eye import has_eye

if TYPE_CHECKING:
    from .session import Session

End = tuple[str, str]


def wanting_of(session: Session) -> Wanting:
    """That of a session."""
    found = session.findChild(Wanting)
    return found if isinstance(found, Wanting) else Wanting(session)


class Wanting(QObject):
    """`asked` comes with (the engine's end, which unit of it): the panel is to be seen, and to look into that.

    `why_asked`: somebody wants to know what the answer to a row of the data rests on.
    """

    asked = Signal(object, object)
    why_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.wished: tuple[End, tuple[int, ...], tuple[int, ...]] | None = None  # until the panel takes it
        self.row: int | None = None  # of which somebody asked why, until the panel takes it
        self._known: tuple[object, bool] = (None, False)

    @property
    def is_possible(self) -> bool:
        """Whether pictures go into the graph; found out once an edit."""
        whole = self._session.seen.whole
        if self._known[0] is not whole:
            self._known = (whole, has_eye(whole))
        return self._known[1]

    def ask(self, end: End, at: tuple[int, ...] = (), place: tuple[int, ...] = ()) -> None:
        """Somebody wants to know what this unit wants. place: (row, column) of a map that is to be at hand too."""
        self.wished = (end, at, place)
        self.asked.emit(end, at)

    def ask_why(self, row: int) -> None:
        """Somebody wants to know what the answer to this row of the data rests on."""
        self.row = row
        self._session.command_wanted.emit("tools.why")
        self.why_asked.emit()
