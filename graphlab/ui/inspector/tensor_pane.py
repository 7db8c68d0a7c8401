"""One tensor of the run in full: picture or numbers, whether it is of this step, statistics, spread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from ...engine.messages import Tensor
from ..widgets.histogram import Histogram
from ..widgets.stats_line import StatsLine
from ..widgets.tensor_view import TensorView
from .parts import Mark, column

_SPREAD = 32  # elements from which on a histogram says more than the numbers themselves


class TensorPane(QWidget):
    """Shows a `messages.Tensor`; passes on the view's signals, whose positions are full indices."""

    elementActivated = Signal(object)
    elementSelected = Signal(object)
    elementQuestioned = Signal(object)
    elementSupposed = Signal(object)

    def __init__(self, missing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._missing = missing
        self.view, self.stats, self.histogram = TensorView(), StatsLine(), Histogram()
        self._stale = _Strip("Not yet in this pass; what an earlier one left:")
        rows = column(self, spacing=8)
        for widget in (self._stale, self.view, self.stats, self.histogram):
            rows.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.view.elementActivated.connect(self.elementActivated)
        self.view.elementSelected.connect(self.elementSelected)
        self.view.elementQuestioned.connect(self.elementQuestioned)
        self.view.elementSupposed.connect(self.elementSupposed)
        self.show_tensor(None)

    def show_tensor(
        self, tensor: Tensor | None, axes: tuple[str, ...] = ("sample", "channel"), *, missing: str = ""
    ) -> None:
        """Show a tensor, or `missing`: why there is none. `axes` names the axes before the last two."""
        if tensor is None:
            self.view.set_array(None, missing=missing or self._missing)
            shown = False
        else:
            self.view.set_array(tensor.array, shape=tensor.shape, axes=axes)
            self.stats.set_stats(tensor.stats)
            shown = tensor.array.size > 1
            if tensor.array.size >= _SPREAD:
                self.histogram.set_array(tensor.array)
        self._stale.setVisible(tensor is not None and not tensor.fresh)
        self.stats.setVisible(shown)
        self.histogram.setVisible(tensor is not None and tensor.array.size >= _SPREAD)

    def is_stale(self) -> bool:
        """Whether it says that what it shows is of the step before."""
        return not self._stale.isHidden()


class _Strip(QFrame):
    """A quiet remark over what it is about."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 5, 8, 5)
        row.setSpacing(8)
        row.addWidget(Mark("recent", "secondary", 14), 0, Qt.AlignmentFlag.AlignTop)
        label = QLabel(words)
        label.setProperty("role", "secondary")
        label.setWordWrap(True)
        row.addWidget(label, 1)
