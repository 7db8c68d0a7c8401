"""Which filter of the selected convolution is meant, and two buttons: take it onto the bench, put the bench's there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSpinBox, QWidget

from ..errors import GraphlabError
from .chosen_filters import ALL, ChosenFilters, chosen_filters
from .notice import of_error
from .session import Session


class FilterExchange(QWidget):
    """Tells where it leads: the name of the convolution stands above."""

    taken = Signal(object)  # the filter
    wanted = Signal()  # the bench's filter is to be put there

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.title = QLabel()
        self.title.setProperty("role", "secondary")
        self.title.setMinimumWidth(1)
        self.title.setWordWrap(True)
        self.output, self.channel = _counter("Filter"), _counter("Input")
        self.output.setPrefix("filter ")
        self.channel.setPrefix("input ")
        self.channel.setSpecialValueText("all inputs")
        self.channel.setMinimum(ALL)
        self.channel.setToolTip(
            "Which input of the filter; of all of them the sum is taken, and each gets its share"
        )
        self.take_it, self.put_it = QPushButton("Take"), QPushButton("Put")
        for button in (self.take_it, self.put_it):
            button.setProperty("role", "small")
        self.take_it.clicked.connect(self.take)
        self.put_it.clicked.connect(self.wanted)
        self._build()
        self._of: ChosenFilters | None = None
        self.refresh()

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(self.title, 0, 0, 1, 4)
        for column, widget in enumerate((self.output, self.channel, self.take_it, self.put_it)):
            grid.addWidget(widget, 1, column)
            grid.setColumnStretch(column, 1 if column < 2 else 0)

    def refresh(self) -> None:
        """Another node may be selected."""
        found = chosen_filters(self._session)
        if found == self._of and self.title.text():
            return
        self._of = found
        for widget in (self.output, self.channel, self.take_it, self.put_it):
            widget.setVisible(found is not None)
        if found is None:
            self.title.setText("Select a convolution to use its filters.")
            return
        self.title.setText(f"{found.title}: {found.shape[0]} filters of {found.size[0]}×{found.size[1]}")
        self.output.setRange(0, found.shape[0] - 1)
        self.channel.setRange(ALL, found.shape[1] - 1)
        self.channel.setVisible(found.shape[1] > 1)
        self.take_it.setToolTip(f"Have this filter of {found.title} on the bench")
        self.put_it.setToolTip(
            f"Set these weights of {found.title} to the numbers above (undo takes it back)"
        )

    def take(self) -> None:
        if self._of is None:
            return
        try:
            self.taken.emit(self._of.take(self._session, self.output.value(), self._channel()))
        except GraphlabError as error:
            self._session.tell(of_error(error))

    def put(self, kernel: NDArray[np.float64]) -> None:
        """Sets the weights of the one that is meant; what does not fit is told."""
        if self._of is not None:
            self._session.attempt(self._of.put, self._session, kernel, self.output.value(), self._channel())

    def _channel(self) -> int:
        return self.channel.value() if self._of is not None and self._of.shape[1] > 1 else 0


def _counter(name: str) -> QSpinBox:
    made = QSpinBox()
    made.setAccessibleName(name)
    made.setMinimumWidth(1)
    made.setStyleSheet("min-height: 18px; font-size: 11px;")
    return made
