"""Which part of the data is looked at; the test rows among them are sealed, and only opened on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from ...lab.sweeps.seal import TEST
from ..session import Session
from .fields import QuietCombo
from .seal_popup import SealPopup

BESIDE = 60  # pixels of a choice that its words do not have


class PartChoice(QuietCombo):
    """For the title bar of a panel. `part` is the one that holds; `chosen` tells of another, never by `show_parts`.

    Whoever takes the test rows is asked first, once a session. When the weights are others it falls back.
    """

    chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._sealing = session, session.sealing
        self.part = ""
        self._counts: dict[str, int] = {}
        self.setAccessibleName("Part of the data")
        self.setToolTip("Which rows are looked at: held out for validation or test, or trained on")
        self.setFixedHeight(22)
        self.setStyleSheet("min-height: 16px; padding: 0 20px 0 6px; font-size: 11px;")
        self.activated.connect(self._pick)
        self._sealing.changed.connect(self._write)
        self._sealing.closed.connect(self._fall_back)

    @property
    def parts(self) -> tuple[str, ...]:
        """Those that can be chosen."""
        return tuple(self._counts)

    def show_parts(self, counts: Mapping[str, int], part: str) -> None:
        """These parts with so many rows are there, and one of them holds."""
        counts = dict(counts)
        if list(counts) != list(self._counts):
            self.clear()
            for name in counts:
                self.addItem(name, name)
            if TEST in counts and TEST not in self._counts:
                self._sealing.look()
        self._counts = counts
        self._hold(part)

    def choose(self, part: str) -> None:
        """As a hand would."""
        at = self.findData(part)
        if at >= 0:
            self._pick(at)

    def _pick(self, at: int) -> None:
        part = str(self.itemData(at))
        if part != TEST or self._sealing.is_open:
            self._take(part)
            return
        self._hold(self.part)
        why, hint = self._sealing.obstacle
        open_ = partial(self._sealing.open, self._counts[TEST], partial(self._take, TEST))
        if why:
            self._session.notify("info", why, hint)
        elif self._sealing.is_granted:
            open_()
        else:
            SealPopup.of(self).ask(self._sealing.question, self, open_)

    def _take(self, part: str) -> None:
        self._hold(part)
        self.chosen.emit(part)

    def _fall_back(self) -> None:
        if self.part == TEST:
            self._sealing.tell_closed()
            others = [name for name in ("validation", "train") if name in self._counts]
            self._take(others[0] if others else "")

    def _hold(self, part: str) -> None:
        self.part = part
        self._write()

    def _write(self) -> None:
        """The words for each part; the one for the test rows says how often they were opened."""
        at = self.findData(TEST)
        if at >= 0 and self.itemText(at) != self._sealing.label:
            self.setItemText(at, self._sealing.label)
            self.setItemData(at, "Opening them is counted", Qt.ItemDataRole.ToolTipRole)
        there = self.findData(self.part)
        if there != self.currentIndex():
            self.setCurrentIndex(there)
        room = self.fontMetrics().horizontalAdvance(self._sealing.label) + BESIDE
        self.setMinimumWidth(room if self.part == TEST else 0)

    def showPopup(self) -> None:
        if TEST in self._counts:
            self._sealing.look()
            self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 12)
        super().showPopup()
