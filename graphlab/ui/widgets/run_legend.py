"""The legend of several runs in one chart: a click on a name hides its curves and shows them again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QWidget

from .. import numbers
from ..theme import theme
from .strokes import HEIGHT, WIDTH, stroke

TALL = 22
LONGEST = 28  # letters of a name


class Named(Protocol):
    """What has a line in the legend; `stroke`: see `strokes`."""

    @property
    def key(self) -> Any: ...
    @property
    def name(self) -> str: ...
    @property
    def stroke(self) -> int: ...
    @property
    def is_shown(self) -> bool: ...


class RunLegend(QScrollArea):
    """In one line, scrolled where it is long. `toggled` tells the key of a run and whether it is to be drawn."""

    toggled = Signal(object, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: list[QToolButton] = []
        self._shown: tuple[object, ...] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(TALL)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(6, 0, 6, 0)
        self._row.setSpacing(2)
        self._row.addStretch(1)
        self.setWidget(inside)

    def show_runs(self, runs: Sequence[Named], values: Sequence[float]) -> None:
        """A button for each run, with what it is worth at the cursor (NaN: say its name alone)."""
        made = (theme().name, *((run.key, run.name, run.stroke) for run in runs))
        if made != self._shown:
            self._shown = made
            self._make(runs)
        for button, run, value in zip(self.buttons, runs, values, strict=True):
            button.setChecked(run.is_shown)
            name = run.name if len(run.name) <= LONGEST else f"{run.name[: LONGEST - 1]}…"
            told = "" if math.isnan(value) else f"  {numbers.number(value, 4)}"
            button.setText(f"{name}{told}")
            button.setToolTip(f"{run.name}: {'hide' if run.is_shown else 'show'} its curves")
        self.setVisible(bool(runs))

    def _make(self, runs: Sequence[Named]) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = [self._button(run) for run in runs]
        for at, button in enumerate(self.buttons):
            self._row.insertWidget(at, button)

    def _button(self, run: Named) -> QToolButton:
        button = QToolButton()
        button.setIcon(QIcon(stroke(run.stroke, self.devicePixelRatioF())))
        button.setIconSize(QSize(WIDTH, HEIGHT))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setFixedHeight(20)
        button.setStyleSheet("font-size: 11px; padding: 0 6px; font-weight: normal;")
        button.setAccessibleName(f"Curves of {run.name}")
        button.clicked.connect(lambda on, key=run.key: self.toggled.emit(key, on))
        return button
