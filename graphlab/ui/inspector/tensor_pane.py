"""One tensor of the run in full: the numbers, whether they are of this step, statistics, spread."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from ...engine.messages import Tensor
from ..session import Session
from ..values.subject import Subject
from ..values.supply import AtHand, FromEngine, Supply, Whole
from ..values.tensor_view import TensorView
from ..widgets.histogram import Histogram
from ..widgets.stats_line import StatsLine
from .parts import Mark, column

_SPREAD = 32  # elements from which on a histogram says more than the numbers themselves
_BINS = 24
_REST = 500  # milliseconds without a new frame, until a very large tensor is gone through as a whole


class TensorPane(QWidget):
    """Shows a `messages.Tensor`; passes on the view's signals, whose positions are full indices.

    With a `session` it shows also what was too large to be sent whole: the engine is asked for what one looks at.
    `large`: the numbers take all the room there is.
    """

    elementActivated = Signal(object)
    elementSelected = Signal(object)
    elementQuestioned = Signal(object)
    elementSupposed = Signal(object)
    elementWatched = Signal(object)

    def __init__(
        self,
        missing: str,
        session: Session | None = None,
        parent: QWidget | None = None,
        *,
        large: bool = False,
    ) -> None:
        super().__init__(parent)
        self._missing, self._session = missing, session
        self._supply: FromEngine | None = None
        self._tensor: Tensor | None = None
        self.view, self.stats, self.histogram = TensorView(large=large), StatsLine(), Histogram()
        self._told_at = 0.0
        self._exactly = QTimer(self)
        self._exactly.setSingleShot(True)
        self._exactly.setInterval(_REST)
        self._exactly.timeout.connect(self._tell_exactly)
        self._stale = _Strip("Not yet in this pass; what an earlier one left:")
        rows = column(self, spacing=8)
        rows.addWidget(self._stale)
        rows.addWidget(self.view, 1 if large else 0)
        for widget in (self.stats, self.histogram):
            rows.addWidget(widget)
        vertical = QSizePolicy.Policy.Expanding if large else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self.view.elementActivated.connect(self.elementActivated)
        self.view.elementSelected.connect(self.elementSelected)
        self.view.head.modeChosen.connect(lambda _: self._show_spread())
        self.view.elementQuestioned.connect(self.elementQuestioned)
        self.view.elementSupposed.connect(self.elementSupposed)
        self.view.elementWatched.connect(self.elementWatched)
        self.stats.placeWanted.connect(lambda index: self.view.select_index(index, closely=True))
        if session is not None:
            self.view.is_busy = lambda: session.status.state == "training"
            self.view.told.connect(session.notify)
            self.view.largeWanted.connect(self._want_large)
            session.scales.changed.connect(self._rescale)
        self.view.head.large.setVisible(session is not None and not large)
        self.show_tensor(None)

    def show_tensor(
        self,
        tensor: Tensor | None,
        axes: tuple[str, ...] = ("sample", "channel"),
        *,
        missing: str = "",
        subject: Subject | None = None,
    ) -> None:
        """Show a tensor, or `missing`: why there is none. `axes` names its axes."""
        self._tensor = tensor
        if tensor is None:
            self.view.show_words(missing or self._missing)
            shown = False
        else:
            self.view.set_subject(subject or Subject(tensor.key, self._session))
            self.view.has_bad = tensor.stats.bad > 0
            self.stats.set_stats(tensor.stats, tensor.shape)
            supply = self._supply_of(tensor)
            self.view.show_supply(
                supply, tensor.shape, axes=axes, scale_of=self._scale, note=self._note(tensor, supply)
            )
            shown = tensor.stats.count > 1
            if shown:
                self._tell_whole(tensor, supply)
        self._stale.setVisible(tensor is not None and not tensor.fresh)
        self.stats.setVisible(shown)
        self._show_spread()

    def _show_spread(self) -> None:
        """The small histogram, unless the numbers are few, or shown as one."""
        tensor, view = self._tensor, self.view
        wanted = tensor is not None and tensor.stats.count >= _SPREAD and not view.large
        self.histogram.setVisible(wanted and view.mode != "histogram")

    def _supply_of(self, tensor: Tensor) -> Supply:
        if self._session is None or tuple(tensor.shape) == tensor.array.shape:
            return AtHand(tensor.array)
        if self._supply is None or self._supply.key != tensor.key:
            if self._supply is not None:
                self._supply.leave()
            self._supply = FromEngine(self._session, tensor.key, self)
        return self._supply

    def _note(self, tensor: Tensor, supply: Supply) -> str:
        if not isinstance(supply, AtHand) or tuple(tensor.shape) == tensor.array.shape:
            return ""
        return "Only the first elements are here."

    def _scale(self, shown: object) -> float:
        tensor = self._tensor
        if tensor is None:
            return 0.0
        if self._session is None:
            return max(abs(tensor.stats.low), abs(tensor.stats.high))
        return self._session.scales.of(tensor.key, tensor.stats, shown)  # type: ignore[arg-type]

    def _rescale(self) -> None:
        if self.isVisible():
            self.view.refresh()

    def _tell_whole(self, tensor: Tensor, supply: Supply) -> None:
        """The spread, and of a large tensor the exact statistics, a moment after the sample's."""
        if isinstance(supply, AtHand):
            if tensor.stats.count >= _SPREAD:
                self.histogram.set_array(tensor.array)
            if tensor.stats.bad:
                supply.whole(0, False, self._know)
            return
        now = time.monotonic()
        if self.view.is_busy() and now < self._told_at + _REST / 1000:
            return  # training is not to wait for it with every frame
        self._told_at = now
        supply.whole(_BINS, True, self._know)
        if tensor.stats.about:
            self._exactly.start()  # anew with every frame, so that stepping does not wait for it

    def _tell_exactly(self) -> None:
        supply = self.view.supply
        if supply is not None and self.isVisible() and not self.view.is_busy():
            supply.whole(_BINS, False, self._know)

    def _know(self, whole: Whole) -> None:
        tensor = self._tensor
        if tensor is None:
            return
        self.view.has_bad = whole.stats.bad > 0
        self.stats.set_whole(whole.stats, tensor.shape, whole.nans, whole.infinities, whole.bad)
        if whole.counts is not None:
            self.histogram.set_counts(whole.counts, whole.edges if whole.edges is not None else ())
        self.view.tell_legend()

    def _want_large(self) -> None:
        if self._session is not None and self._tensor is not None:
            self._session.looking.large_wanted.emit(self._tensor.key)

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
