"""Typesets formulas while nothing else is to be done: one takes some twenty milliseconds, and a list has a screenful.

Not in a thread: what Python clears away there may be a widget, which must go in the main thread.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap

from ..formula import drawing, typeset
from ..painting import painting

log = logging.getLogger("graphlab.ui")

KEPT = 400  # pictures
PAUSE = 8  # milliseconds between two formulas, for what a hand wants meanwhile


class Typesetter(QObject):
    """`picture` gives a formula that is there already, else None; `ready` tells when another is.

    What was asked for last comes first: it is what one looks at.
    """

    ready = Signal()

    def __init__(self, parent: QObject, size: int) -> None:
        super().__init__(parent)
        self._size = size
        self._there: set[str] = set()
        self._pictures: OrderedDict[tuple[str, str, float, float], QPixmap | None] = OrderedDict()
        self._waiting: dict[str, None] = {}
        self._asked: set[str] = set()  # once each: what cannot be typeset stays text
        self._next = QTimer(self, interval=PAUSE)
        self._next.timeout.connect(self._work)

    def picture(self, latex: str, colour: str, tallest: float, ratio: float) -> QPixmap | None:
        """The formula in that colour ("#rrggbb"), at most so many pixels high, for a screen of that pixel ratio.

        None while it is not ready, and where it cannot be typeset.
        """
        key = (latex, colour, tallest, ratio)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        if latex not in self._there:
            self._ask(latex)
            return None
        self._pictures[key] = self._drawn(latex, colour, tallest, ratio)
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        return self._pictures[key]

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked for is there."""
        return not self._next.isActive()

    @property
    def count(self) -> int:
        """How many formulas are typeset."""
        return len(self._there)

    def forget_waiting(self) -> None:
        """What was asked for is not looked at any more."""
        self._asked -= self._waiting.keys()
        self._waiting.clear()

    def _drawn(self, latex: str, colour: str, tallest: float, ratio: float) -> QPixmap | None:
        renderer = typeset(latex, colour, self._size)
        if renderer is None:
            return None
        box = renderer.viewBoxF()
        factor = min(1.0, tallest / box.height())
        size = QSize(round(box.width() * factor * ratio) + 1, round(box.height() * factor * ratio) + 1)
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        with painting(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            renderer.render(
                painter, QRectF(0, 0, box.width() * factor * ratio, box.height() * factor * ratio)
            )
        picture.setDevicePixelRatio(ratio)
        return picture

    def _ask(self, latex: str) -> None:
        if latex in self._asked and latex not in self._waiting:
            return
        self._asked.add(latex)
        self._waiting.pop(latex, None)
        self._waiting[latex] = None
        if not self._next.isActive():
            self._next.start()

    def _work(self) -> None:
        """The formula that was asked for last."""
        if not self._waiting:
            self._next.stop()
            return
        latex, _ = self._waiting.popitem()
        try:
            drawing(latex, self._size)
        except Exception:  # one formula must not end the others, whatever the library makes of it
            log.exception("Formula %r cannot be typeset", latex)
        else:
            self._there.add(latex)
            self.ready.emit()
