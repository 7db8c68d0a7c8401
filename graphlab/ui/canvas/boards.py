"""Notes and frames as geometry: where they are, also while a hand moves or stretches them, and how they lie.

Which part of a frame lies under the pointer is told by `frame_parts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from ...graph import Document, Frame, Note, Point
from ...graph.framing import by_size


class Boards:
    """The notes and frames of one document. `version` counts changes of their geometry."""

    def __init__(self) -> None:
        self.notes: Mapping[str, Note] = {}
        self.frames: Mapping[str, Frame] = {}
        self.order: list[str] = []  # the frames from the largest, which lies at the bottom
        self.version = 0
        self._rows: dict[bool, tuple[int, NDArray[np.float64]]] = {}
        self._places: dict[str, Point] = {}  # what differs from the document's for a while
        self._sizes: dict[str, Point] = {}

    def show(self, document: Document) -> None:
        """Shows another document."""
        if document.frames is not self.frames:
            self.order = by_size(document)
        if document.frames is not self.frames or document.notes is not self.notes or self._places:
            self.notes, self.frames = document.notes, document.frames
            self.settle()

    def __contains__(self, item: str) -> bool:
        return item in self.notes or item in self.frames

    def __iter__(self) -> Iterator[str]:
        yield from self.order
        yield from self.notes

    def item(self, item: str) -> Note | Frame:
        """The note or frame of that id; KeyError for none."""
        return self.notes[item] if item in self.notes else self.frames[item]

    # Places that differ from the document's for a while

    def displace(self, places: Mapping[str, Point]) -> None:
        """Shows these elsewhere than the document says."""
        self._places.update(places)
        self.version += 1

    def stretch(self, item: str, rect: QRectF) -> None:
        """Shows one in another size."""
        self._sizes[item] = rect.width(), rect.height()
        self.displace({item: (rect.x(), rect.y())})

    def settle(self) -> None:
        """Everything where the document says."""
        self._places.clear()
        self._sizes.clear()
        self.version += 1

    # Asking

    def place(self, item: str) -> Point:
        found = self._places.get(item)
        return self.item(item).position if found is None else found

    def rect(self, item: str) -> QRectF:
        return QRectF(*self.place(item), *(self._sizes.get(item) or self.item(item).size))

    def rows(self, frames: bool) -> NDArray[np.float64]:
        """x, y, width and height of all frames, in their order, or of all notes."""
        version, rows = self._rows.get(frames, (-1, np.empty((0, 4))))
        if version != self.version:
            names = self.order if frames else list(self.notes)
            table = [(*self.place(i), *(self._sizes.get(i) or self.item(i).size)) for i in names]
            rows = np.array(table, dtype=np.float64).reshape(-1, 4)
            self._rows[frames] = self.version, rows
        return rows

    def within(self, frames: bool, area: QRectF) -> list[str]:
        """The frames, in their order, or notes that touch `area`."""
        if not (self.frames if frames else self.notes):
            return []
        hits = touching(self.rows(frames), area)
        names = self.order if frames else list(self.notes)
        return [names[k] for k in np.flatnonzero(hits).tolist()]

    def bounds(self, items: Iterable[str]) -> QRectF:
        """The rectangle around these."""
        whole = QRectF()
        for item in items:
            whole = whole.united(self.rect(item))
        return whole

    def note_at(self, place: QPointF) -> str:
        """The topmost note there, "" for none."""
        return next(reversed(self.within(False, QRectF(place, place))), "")

    def frame_around(self, place: QPointF) -> str:
        """The smallest frame there, "" for none."""
        return next(reversed(self.within(True, QRectF(place, place))), "")


def touching(rows: NDArray[np.float64], area: QRectF, margin: float = 0.0) -> NDArray[np.bool_]:
    """Which rows of x, y, width, height touch `area`, widened by `margin`."""
    x, y, w, h = rows.T
    hits: NDArray[np.bool_] = (x <= area.right() + margin) & (x + w >= area.left() - margin)
    hits &= (y <= area.bottom() + margin) & (y + h >= area.top() - margin)
    return hits
