"""Where the titles of frames stand: in a bar along the top, and seen from afar on a plate that stays legible.

From afar plates lie over the nodes, like names on a map; where they would cover each other, that of the larger frame
stays.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF

from ...graph.framing import TITLE
from .boards import Boards
from .ink import metrics

PX = 13  # canvas units
LEAST_PX = 11  # pixels on the screen
MOST_PX = 15
_BAR = 18.0  # pixels: a lower bar becomes a plate
_MARK = 20.0  # the sign of the colour, before the title; in proportion to 13 units of text
_PAD = 8.0
_NARROWEST, _LOWEST = 34.0, 14.0  # pixels of a frame that still is named
NAMELESS = "Frame"


class Plate(NamedTuple):
    """The place of a frame's title, in canvas units; `px` is the size of its text in pixels on the screen.

    over: it lies over the nodes, and is no wider than its text.
    """

    frame: str
    rect: QRectF
    px: int
    over: bool


def title_of(text: str) -> str:
    """A title in one line; what stands for an empty one."""
    return " ".join(text.split()) or NAMELESS


def text_left(px: float) -> float:
    """Where the text begins on a plate, in pixels."""
    return _PAD + _MARK * px / PX - 2


class Plates:
    """The plates of the frames on a canvas."""

    def __init__(self, boards: Boards) -> None:
        self._boards = boards
        self._known: tuple[int, float] = (-1, 0.0)
        self._plates: dict[str, Plate] = {}

    def at(self, zoom: float) -> dict[str, Plate]:
        """By frame, the largest frame first; seen at that zoom."""
        known = self._boards.version, zoom
        if known != self._known:
            self._known = known
            rects = [(i, self._boards.rect(i)) for i in self._boards.order]
            is_over = zoom * TITLE < _BAR
            self._plates = self._apart(rects, zoom) if is_over else {i: _bar(i, r, zoom) for i, r in rects}
        return self._plates

    def _apart(self, rects: list[tuple[str, QRectF]], zoom: float) -> dict[str, Plate]:
        plates: dict[str, Plate] = {}
        taken = np.empty((len(rects), 4))
        for frame, rect in rects:
            if rect.width() * zoom < _NARROWEST or rect.height() * zoom < _LOWEST:
                continue
            plate = self._plate(frame, rect, zoom)
            x, y, right, bottom = plate.rect.x(), plate.rect.y(), plate.rect.right(), plate.rect.bottom()
            there = taken[: len(plates)]
            hits = (there[:, 0] < right) & (there[:, 2] > x) & (there[:, 1] < bottom) & (there[:, 3] > y)
            if not hits.any():
                taken[len(plates)] = x, y, right, bottom
                plates[frame] = plate
        return plates

    def _plate(self, frame: str, rect: QRectF, zoom: float) -> Plate:
        most = min(LEAST_PX + (1 / zoom - TITLE / _BAR) * 3, MOST_PX)  # grows on the way out, without a jump
        px = int(max(min(rect.width() * zoom / 24, most), LEAST_PX))
        words = _width(title_of(self._boards.frames[frame].title), px)
        width = min((text_left(px) + words + _PAD) / zoom, rect.width())
        height = min((px + 8) / zoom, rect.height())
        return Plate(frame, QRectF(rect.x(), rect.y(), width, height), px, True)


@lru_cache(maxsize=4096)
def _width(words: str, px: int) -> float:
    return metrics(px, 600).horizontalAdvance(words)


def _bar(frame: str, rect: QRectF, zoom: float) -> Plate:
    height = min(TITLE, rect.height())
    px = max(round(PX * zoom), LEAST_PX)
    return Plate(frame, QRectF(rect.x(), rect.y(), rect.width(), height), px, False)
