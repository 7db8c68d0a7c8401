"""The filter on the bench: its name, its size, its numbers, and the steps that can be taken back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ..errors import GraphlabError
from ..lab.filter_bench import NAMED, SIZES, flipped, is_balanced, named, normalised, recognised, resized
from . import numbers
from .notice import of_error
from .session import Session
from .widgets.fields import QuietCombo
from .widgets.kernel_grid import KernelGrid
from .widgets.own_keys import OwnKeys
from .widgets.picture_button import picture_button

Floats = NDArray[np.float64]

YOURS = "Your own"
MOST_STEPS = 100  # that can be taken back
FIRST = "Sobel x"


class FilterEditor(QWidget):
    """`kernel` is the filter that is shown. While a question is asked it is that of the question, and locked."""

    changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._before: list[Floats] = []
        self._undone: list[Floats] = []
        self.own = named(FIRST).of(3)  # as of the last edit that was over
        self.name, self.sizes, self.grid = QuietCombo(), QuietCombo(), KernelGrid()
        self.asked = QLabel("What does this filter make?")
        self.sum = QLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._choices())
        column.addWidget(self.asked)
        column.addWidget(self.grid, 1)
        column.addLayout(self._tools())
        self.grid.edited.connect(self._edited)
        OwnKeys(self.grid, "Ctrl+Z", run=self.undo)
        for key in ("Ctrl+Y", "Ctrl+Shift+Z"):
            OwnKeys(self.grid, key, run=self.redo)
        self.grid.set_kernel(self.own)
        self._tell()

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.name.addItems([*(each.name for each in NAMED), YOURS])
        self.name.setAccessibleName("Filter")
        self.name.setToolTip("A filter with a name")
        for k, each in enumerate(NAMED):
            self.name.setItemData(k, f"It {each.says}", Qt.ItemDataRole.ToolTipRole)
        self.name.textActivated.connect(self.choose)
        self.sizes.addItems([f"{side}×{side}" for side in SIZES])
        self.sizes.setMinimumContentsLength(3)
        self.sizes.setAccessibleName("Size of the filter")
        self.sizes.setToolTip("How many pixels the filter looks at")
        self.sizes.activated.connect(lambda k: self.resize_to(SIZES[k]))
        self.asked.setFixedHeight(self.name.sizeHint().height())
        self.asked.hide()
        row.addWidget(self.name, 1)
        row.addWidget(self.sizes)
        return row

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self.back = picture_button(
            "undo", "Take the last change of the filter back (Ctrl+Z on it)", self.undo
        )
        self.again = picture_button("redo", "Bring it again (Ctrl+Y on it)", self.redo)
        self.turn = picture_button(
            "filter-turn", "Turn the filter by half, as convolution does in mathematics", self.turn_over
        )
        self.even = picture_button(
            "filter-normalise",
            "Normalise (brightness stays: the sum becomes 1; where it is 0, the positive numbers sum to 1)",
            self.normalise,
        )
        self.sum.setProperty("role", "secondary")
        for button in self._buttons():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.sum)
        return row

    def _buttons(self) -> tuple[QToolButton, ...]:
        return self.back, self.again, self.turn, self.even

    # The filter

    @property
    def kernel(self) -> Floats:
        return self.grid.kernel

    @property
    def side(self) -> int:
        """The usual size that is nearest to that of one's own filter."""
        return min(SIZES, key=lambda size: abs(size - max(self.own.shape)))

    def set_kernel(self, kernel: Floats) -> None:
        """Another filter, as one step that can be taken back."""
        if kernel.shape == self.own.shape and np.array_equal(kernel, self.own):
            return
        self._before = [*self._before, self.own][-MOST_STEPS:]
        self._undone.clear()
        self._show(kernel)

    def _show(self, kernel: Floats) -> None:
        self.own = kernel
        self.grid.set_kernel(kernel)
        self._tell()
        self.changed.emit()

    def _edited(self, kernel: Floats, dragging: bool) -> None:
        if not dragging:
            self.set_kernel(kernel)
            return
        self._tell()
        self.changed.emit()

    def undo(self) -> None:
        if self._before and not self.grid.is_locked:
            self._undone.append(self.own)
            self._show(self._before.pop())

    def redo(self) -> None:
        if self._undone and not self.grid.is_locked:
            self._before.append(self.own)
            self._show(self._undone.pop())

    def choose(self, name: str) -> None:
        """The filter of that name, in the present size."""
        if name != YOURS:
            self.set_kernel(named(name).of(self.side))
        self.grid.setFocus()

    def resize_to(self, size: int) -> None:
        """A filter with a name is made anew, another one gets zeros around it or loses its rim."""
        known = recognised(self.kernel)
        self.set_kernel(known.of(size) if known is not None else resized(self.kernel, size))

    def turn_over(self) -> None:
        self.set_kernel(flipped(self.kernel))

    def normalise(self) -> None:
        try:
            self.set_kernel(normalised(self.kernel))
        except GraphlabError as error:
            self._session.tell(of_error(error))

    # What is asked about

    def lock(self, on: bool) -> None:
        """From now on the filter of a question is shown, and cannot be changed; or one's own again."""
        self.grid.is_locked = on
        self.asked.setVisible(on)
        for widget in (self.name, self.sizes):
            widget.setVisible(not on)
        for button in self._buttons():
            button.setEnabled(not on)
        if not on:
            self.grid.set_kernel(self.own)
        self._tell()

    def show_asked(self, kernel: Floats) -> None:
        self.grid.set_kernel(kernel)
        self._tell()

    # What is told

    def _tell(self) -> None:
        kernel, is_free = self.kernel, not self.grid.is_locked
        known = recognised(kernel)
        self.name.setCurrentText(known.name if known is not None else YOURS)
        side = max(kernel.shape)
        self.sizes.setCurrentIndex(
            SIZES.index(side) if kernel.shape == (side, side) and side in SIZES else -1
        )
        self.sizes.setPlaceholderText("×".join(map(str, kernel.shape)))
        total = 0.0 if is_balanced(kernel) else float(kernel.sum())
        self.sum.setText(f"sum {numbers.number(total)}")
        self.back.setEnabled(bool(self._before) and is_free)
        self.again.setEnabled(bool(self._undone) and is_free)

    def told(self) -> str:
        """What the filter does, and why."""
        known = recognised(self.kernel)
        return f"{known.name} {known.says}: {known.why}." if known is not None else _of_own(self.kernel)


def _of_own(kernel: Floats) -> str:
    """What can be said of a filter without a name."""
    total, plus = float(kernel.sum()), numbers.number(float(kernel[kernel > 0].sum()))
    if not np.abs(kernel).sum():
        return "All zeros: nothing comes through. Drag a number upwards, or type one."
    if is_balanced(kernel):
        return f"Plus and minus cancel: flat parts become 0, what differs comes out up to {plus} strong."
    told = numbers.number(total)
    if total < 0:
        return f"The numbers sum to {told}: bright becomes dark."
    return f"The numbers sum to {told}: flat parts come out {told} times as bright."
