"""The one sample that the canvas shows in place of the batch: a row of the data, or something drawn by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m

if TYPE_CHECKING:
    from .session import Session


def shown_sample_of(session: Session) -> ShownSample:
    """That of a session."""
    found = session.findChild(ShownSample)
    return found if isinstance(found, ShownSample) else ShownSample(session)


class ShownSample(QObject):
    """`title` says which, as the engine tells it; "" while the batch is shown. The run itself stands as it was.

    Training, stepping and edits of the graph end it, and so does Esc on the canvas.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.title = ""
        session.engine.answered.connect(self._take)
        session.engine.link.lost.connect(self._forget)
        session.opened.connect(self._forget)

    def of_row(self, split: str, place: int, row: int) -> None:
        """Shows the row at that place of a split, which is that row of the data. Training pauses."""
        self._session.engine.send(m.LookAtSample(f"row {row:,} ({split})", {}, split, place))

    def of_arrays(self, title: str, given: Mapping[tuple[str, str], Any]) -> None:
        """Shows what one row of these arrays becomes, by the engine's (key, output) of sources. Training pauses."""
        arrays = {f"{key}.{output}": array for (key, output), array in given.items()}
        self._session.engine.send(m.LookAtSample(title, arrays))

    def leave(self) -> None:
        """Shows the batch again."""
        if self.title:
            self._session.engine.send(m.LookAtSample())

    def _forget(self, *_: object) -> None:
        self._say("")

    def _say(self, title: str) -> None:
        if title != self.title:
            self.title = title
            self.changed.emit()

    def _take(self, event: m.Event) -> None:
        if not isinstance(event, m.SampleShown):
            return
        if event.message:
            self._session.notify("warning", event.message, event.hint)
        elif not event.title:
            self._session.engine.tensors.outdate()  # what the pass has not computed is the sample's no more
        self._say(event.title)
