"""The values of one node while it runs: their spread over the steps, their histogram, each unit, a heat map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from ... import ops
from ...engine.messages import Tensor, TensorKey
from .. import numbers
from ..session import Session
from ..shown_sample import shown_sample_of
from ..tensors import Wish
from ..widgets.bars import Bars
from ..widgets.heat_map import HeatMap
from ..widgets.histogram import Histogram
from ..widgets.spread_view import Spread, SpreadView, smoothed
from .live import LivePanel
from .registry import panel

ROWS, BINS, SAMPLES = 24, 60, 1024
VIEWS = ("over steps", "histogram", "units", "heat map")


@panel("activations", "Activations", "bottom", 30)
class ActivationsPanel(LivePanel):
    """Follows the selected node; without one, the last activation of the graph."""

    picture = "activations"
    limit = SAMPLES

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._node = ""
        self.history = History()
        self._sample = shown_sample_of(session)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 0, 12, 6)
        self.ridges, self.histogram = SpreadView(content), Histogram(content)
        self.units, self.heat = Bars(content), HeatMap(content, max_height=2000)
        self.stale = QLabel("Not yet in this pass; what an earlier one left:", content)
        self.stale.setProperty("role", "secondary")
        self.stale.setWordWrap(True)
        column.addWidget(self.stale)
        self._views = dict(zip(VIEWS, (self.ridges, self.histogram, self.units, self.heat), strict=True))
        for view in self._views.values():
            size = view.sizePolicy()
            size.setVerticalPolicy(size.Policy.Expanding)
            size.setHeightForWidth(False)
            view.setSizePolicy(size)
            column.addWidget(view)
        self._choice = QComboBox()
        self._choice.addItems(VIEWS)
        self._choice.setToolTip("How to show the values")
        self._choice.setFixedHeight(22)
        self._choice.setStyleSheet("min-height: 16px; padding: 0 20px 0 6px; font-size: 11px;")
        self._choice.currentTextChanged.connect(self.show_as)
        self.set_content(content)
        self.show_as(VIEWS[0])

    def header_tools(self) -> list[QWidget]:
        return [self._choice]

    def show_as(self, view: str) -> None:
        """Chooses one of `VIEWS`."""
        for name, widget in self._views.items():
            widget.setVisible(name == view)
        self._view = view
        self.changed()

    def node(self) -> str:
        """The node shown."""
        inference, nodes = self.session.inference, self.session.document.nodes

        def is_healthy(i: str) -> bool:
            return i in inference.nodes and i not in inference.unhealthy and i in nodes

        for i in (self.session.selected_node, self._node):
            if is_healthy(i):
                return i
        latest = [i for i in reversed(inference.order) if is_healthy(i)]
        active = (i for i in latest if ops.get(nodes[i].op).category == "Activation")
        return next(active, latest[0] if latest else "")

    def keys(self) -> Iterable[Wish]:
        node = self.node()
        if node != self._node:
            self._node = node
            self.history.clear()
        outputs = self.session.document.nodes[node].make().results() if node else ()
        output = next((name for name in outputs if (node, name) in self.session.inference.specs), "")
        return [TensorKey("value", node, output)] if output else []

    def missing(self) -> bool:
        tensor = self.session.tensor("value", self._node) if self._node else None
        is_drawn = self._view != "over steps" or bool(self.history.rows)
        if tensor is not None and np.asarray(tensor.array).size and (tensor.fresh or is_drawn):
            return False
        self.say_nothing_runs(
            "The values of the selected node stand here once it has been computed.", "forward"
        )
        return True

    def redraw(self) -> None:
        tensor = self.session.tensor("value", self._node)
        if tensor is None:
            return
        values = np.asarray(tensor.array, dtype=np.float64)
        self.stale.setVisible(not tensor.fresh)
        if tensor.fresh and not self._sample.title:  # one sample is no step
            self.history.take(self.session.step_number, values)
        name = self.session.document.nodes[self._node].name
        if self._view == "over steps":
            if self.history.rows:  # none where no number is finite
                self._show_ridges(f"{name}  {numbers.shape(tensor.shape)}")
        elif self._view == "histogram":
            self.histogram.set_array(values)
        elif self._view == "units":
            self.units.set_array(per_unit(values))
        else:
            self.heat.set_array(as_matrix(tensor), scale=self.session.scales.of_tensor(tensor))

    def _show_ridges(self, title: str) -> None:
        shares, low, high = self.history.densities()
        steps = [step for step, _ in self.history.rows]
        note = f"steps {steps[0]:,} … {steps[-1]:,}" if len(steps) > 1 else f"step {steps[0]:,}"
        self.ridges.show_spreads([Spread(title, steps, shares, low, high, note)])

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """The values of the present pass, as far as they are drawn, with their index."""
        tensor = self.session.tensor("value", self._node)
        array = np.asarray(tensor.array if tensor is not None else ())
        return ["index", "value"], ((" ".join(map(str, at)), value) for at, value in np.ndenumerate(array))


def per_unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the batch of each unit (each channel, for images)."""
    if values.ndim < 2:
        return values.reshape(-1)
    axes = (0, *range(2, values.ndim)) if values.ndim > 2 else (0,)
    return values.mean(axis=axes).reshape(-1)


def as_matrix(tensor: Tensor) -> NDArray[np.float64]:
    """The array with all axes but the last in one."""
    values = np.asarray(tensor.array, dtype=np.float64)
    return values.reshape(-1, values.shape[-1]) if values.ndim else values.reshape(1, 1)


class History:
    """Values of some of the steps, thinned out evenly as it grows, so that a row stands for equally many steps."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.rows: list[tuple[int, NDArray[np.float64]]] = []
        self._stride = 1
        self._drawn: dict[int, NDArray[np.float64]] = {}
        self._drawn_range = (0.0, 0.0)

    def take(self, step: int, values: NDArray[np.float64]) -> None:
        """Enters the values of a step; those of a step already there are replaced."""
        finite = values.reshape(-1)
        finite = finite[np.isfinite(finite)]
        if not finite.size:
            return
        if self.rows and step < self.rows[-1][0]:
            self.rows = [row for row in self.rows if row[0] <= step]
            self._drawn.clear()
        # the newest row moves along until the next one is due, so that the front of the picture is always now
        if (len(self.rows) >= 2 and step - self.rows[-2][0] < self._stride) or (
            self.rows and step == self.rows[-1][0]
        ):
            self.rows[-1] = (step, finite)
            return
        self.rows.append((step, finite))
        if len(self.rows) > ROWS:
            self.rows = self.rows[:-1:2] + self.rows[-1:]
            self._stride = max(1, 2 * self._stride, self.rows[1][0] - self.rows[0][0])

    def densities(self) -> tuple[NDArray[np.float64], float, float]:
        """(rows, BINS): smoothed histograms over one common range; and that range."""
        low, high = self._range()
        if (low, high) != self._drawn_range:
            self._drawn.clear()
            self._drawn_range = (low, high)
        for step, values in self.rows[:-1]:
            if step not in self._drawn:
                self._drawn[step] = _density(values, low, high)
        rows = [self._drawn[step] for step, _ in self.rows[:-1]]
        found = np.stack([*rows, _density(self.rows[-1][1], low, high)])
        return found, low, high

    def _range(self) -> tuple[float, float]:
        """Somewhat wider than the values, and in steps, so that a new extreme seldom means to count anew."""
        low = min(float(v.min()) for _, v in self.rows)
        high = max(float(v.max()) for _, v in self.rows)
        if high - low < 1e-12:
            return low - 0.5, high + 0.5
        step = 2.0 ** np.ceil(np.log2((high - low) / 32))
        return float(np.floor(low / step) - 1) * step, float(np.ceil(high / step) + 1) * step


def _density(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    counts = np.histogram(values, bins=BINS, range=(low, high))[0] / values.size
    return smoothed(counts[None])[0]
