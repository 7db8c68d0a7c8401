"""Which unit somebody wants to look into: said in one place of the window, shown by the panel of what units want."""

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
    """`asked` comes with (the engine's end, which unit of it): the panel is to be seen, and to look into that."""

    asked = Signal(object, object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.wished: tuple[End, tuple[int, ...], tuple[int, ...]] | None = None  # until the panel takes it
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
