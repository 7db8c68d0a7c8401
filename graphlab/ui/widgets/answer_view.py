"""What the network answers to one row: the probabilities as bars, and the row's way through the layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ...engine.verdicts import Decision, layers
from ..icons import icon
from ..session import Session
from .chance_bars import ChanceBars
from .layer_strip import Layer, LayerStrip

TO_CANVAS = "See on the graph itself what this becomes, layer by layer; training pauses"


def to_canvas_button(run: Callable[[], object]) -> QPushButton:
    """Has the canvas show what is told of here."""
    button = QPushButton("Show on the canvas")
    button.setIcon(icon("locate"))
    button.setProperty("role", "link")
    button.setToolTip(TO_CANVAS)
    button.clicked.connect(lambda: run())
    return button


class AnswerView(QWidget):
    """Bars on the left, layers on the right; a click on a layer selects its node."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.bars, self.strip = ChanceBars(), LayerStrip()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.bars, 2)
        row.addWidget(self.strip, 5)
        self.bars.setMaximumWidth(280)
        self.strip.chosen.connect(session.select_key)

    def ends(self, where: Decision) -> list[tuple[str, str]]:
        """What to ask the engine for."""
        return layers(self._session.seen.whole, where)

    def clear(self) -> None:
        self.bars.show_chances((), np.zeros(0), None)
        self.strip.show_layers([])

    def show_layers(self, where: Decision, values: Sequence[Any]) -> None:
        """The values of `ends`, one row each."""
        ends, nodes = self.ends(where), self._session.seen.whole.nodes
        if len(ends) != len(values):
            return  # the graph has been edited since
        self.strip.show_layers(
            [
                Layer(key, nodes[key].path, np.asarray(value, np.float64)[0])
                for (key, _), value in zip(ends, values, strict=True)
            ]
        )
