"""Typesets formulas one at a time while nothing else is to be done: one takes some twenty milliseconds."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtSvg import QSvgRenderer

from ..formula import typeset
from ..theme import theme, theme_changed

KEPT = 1500


class Typesetter(QObject):
    """`get` gives a formula that is typeset already, else None; `ready` tells when one has been.

    What was asked for last comes first: it is what one looks at.
    """

    ready = Signal(str)

    def __init__(self, parent: QObject, size: int) -> None:
        super().__init__(parent)
        self._size = size
        self._kept: OrderedDict[tuple[str, str], QSvgRenderer | None] = OrderedDict()
        self._waiting: dict[tuple[str, str], None] = {}
        self._soon = QTimer(self, interval=0)
        self._soon.timeout.connect(self._next)
        theme_changed.connect(self._waiting.clear)

    def has(self, latex: str) -> bool:
        """Whether it is typeset, in the colours of the theme."""
        return (latex, theme().text.name()) in self._kept

    def get(self, latex: str, colour: str) -> QSvgRenderer | None:
        """The formula in that colour ("#rrggbb"); None while it is not ready, and where it cannot be typeset."""
        key = (latex, colour)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._waiting.pop(key, None)
        self._waiting[key] = None
        if not self._soon.isActive():
            self._soon.start()
        return None

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked for is there."""
        return not self._waiting

    def forget_waiting(self) -> None:
        """What was asked for is not looked at any more."""
        self._waiting.clear()

    def _next(self) -> None:
        if not self._waiting:
            self._soon.stop()
            return
        key, _ = self._waiting.popitem()
        self._kept[key] = typeset(*key, self._size)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(key[0])
