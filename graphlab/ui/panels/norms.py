"""Norms of gradients, updates and weights over the steps, of each layer or parameter, and updates against weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from .. import numbers
from ..norms import QUANTITIES, NormHistory
from ..session import Session
from ..theme import mono_font
from .live import LivePanel, header_switch
from .registry import panel

BUCKETS = 400
FIRST = 8  # curves drawn at first; the others are a click away
RATIO = QUANTITIES.index("update ÷ weights")
GUIDE = 1e-3  # a healthy update changes the weights by about so much of their size (Karpathy, CS231n)
KINDS = ("gradient norm", "update norm", "weight norm", "update ÷ weights")


@dataclass(frozen=True)
class Line:
    """A curve and its line in the legend."""

    key: int
    name: str
    stroke: int
    is_shown: bool


@panel("norms", "Norms", "bottom", 25, icon="line-chart", shown=False)
class NormsPanel(LivePanel):
    """One quantity at a time on a logarithmic axis; the legend tells the numbers under the cursor, or the newest."""

    picture = "line-chart"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        from ..widgets.norm_plot import NormPlot  # brings pyqtgraph, which is slow to load
        from ..widgets.run_legend import RunLegend

        self.norms = NormHistory.of(session)
        self.quantity, self.by_parameter, self.logarithmic = 0, False, True
        self._hidden: set[str] = set()
        self._seen: set[str] = set()
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(4, 0, 8, 4)
        column.setSpacing(0)
        self.words = QLabel(content)
        self.words.setProperty("role", "secondary")
        self.words.setFont(mono_font(11))
        self.words.setMinimumWidth(1)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 4, 0)
        head.addWidget(self.words, 1)
        column.addLayout(head)
        self.view = NormPlot(content)
        column.addWidget(self.view, 1)
        self.legend = RunLegend(content)
        self.legend.toggled.connect(self.show_line)
        column.addWidget(self.legend)
        self.set_content(content)
        self._step: float | None = None
        self.view.pointed.connect(self._point)
        self.norms.changed.connect(self.changed)
        self._make_tools()
        self.dress()

    def _make_tools(self) -> None:
        self.choice = QComboBox()
        self.choice.addItems(KINDS)
        self.choice.setAccessibleName("What is drawn")
        self.choice.setToolTip("What is drawn: Euclidean norms, or how large an update is for its weights")
        self.choice.setFixedHeight(22)
        self.choice.setStyleSheet("min-height: 16px; padding: 0 20px 0 6px; font-size: 11px;")
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.currentIndexChanged.connect(self.set_quantity)
        self.parameters = header_switch(
            "parameters", "A curve for each parameter instead of each layer", False, self.set_by_parameter
        )

    def header_tools(self) -> list[QWidget]:
        return [self.choice, self.parameters]

    def fill_header_menu(self, menu: QMenu) -> None:
        action = menu.addAction("Logarithmic axis")
        action.setCheckable(True)
        action.setChecked(self.logarithmic)
        action.toggled.connect(self.set_logarithmic)
        menu.addSeparator()
        menu.addAction("Show all curves", lambda: self._show_all(True))
        menu.addAction("Hide all curves", lambda: self._show_all(False))
        menu.addAction("Show the whole training", self.view.show_all)
        menu.addSeparator()
        super().fill_header_menu(menu)

    # What is shown

    def set_quantity(self, at: int) -> None:
        """One of KINDS, by its place."""
        self.quantity = at
        self.view.set_guide(GUIDE if at == RATIO else None)
        self.changed()

    def set_by_parameter(self, on: bool) -> None:
        self.by_parameter = on
        self.changed()

    def set_logarithmic(self, on: bool) -> None:
        self.logarithmic = on
        self.view.set_logarithmic(on)
        self.changed()

    def show_line(self, key: int, on: bool) -> None:
        """Whether a curve is drawn; it stays in the legend."""
        name = self._names()[key]
        self._hidden = self._hidden - {name} if on else self._hidden | {name}
        self.changed()

    def _show_all(self, on: bool) -> None:
        self._hidden = set() if on else set(self._names().values())
        self.changed()

    def _names(self) -> dict[int, str]:
        """The curves by their place in the history."""
        nodes, norms = self.session.seen.whole.nodes, self.norms
        path = {key: nodes[key].path if key in nodes else key for key in norms.layers}
        if self.by_parameter:
            return {len(norms.layers) + k: f"{path[n]}.{socket}" for k, (n, socket) in enumerate(norms.ends)}
        return dict(enumerate(path.values()))

    def lines(self) -> list[Line]:
        """The curves in the order of the layers; of many, the first few are drawn at first."""
        names = self._names()
        for at, name in enumerate(names.values()):
            if name not in self._seen and at >= FIRST:
                self._hidden.add(name)
            self._seen.add(name)
        return [Line(key, name, at, name not in self._hidden) for at, (key, name) in enumerate(names.items())]

    # Live

    def graph_changed(self, *_: object) -> None:
        super().graph_changed()
        if self.isVisible():
            self.norms.settle()

    def missing(self) -> bool:
        if self.norms.history.size:
            return False
        session = self.session
        if not session.seen.whole.total_parameters:
            self.empty.say("Nothing here can learn. Add a Parameter, or a layer such as Linear.")
        elif not session.seen.whole.goal:
            self.empty.say(self.no_loss("There is no loss to learn from."))
        else:
            text = "How large gradients and updates are in each layer is drawn here, step by step."
            self.empty.say(text, "Train", session.train, "train")
        return True

    def redraw(self) -> None:
        history, lines = self.norms.history, self.lines()
        none = np.empty(0)
        self.view.set_curves([line.stroke for line in lines])
        self.view.show_curves(
            [
                history.curve(line.key, self.quantity, BUCKETS) if line.is_shown else (none, none)
                for line in lines
            ]
        )
        self._tell(lines)

    def _point(self, step: float | None) -> None:
        self._step = step
        self._tell(self.lines())

    def _tell(self, lines: Sequence[Line]) -> None:
        """The numbers at the cursor, or the newest, in the legend."""
        history = self.norms.history
        if not history.size:
            return
        at = history.steps[-1] if self._step is None else self._step
        values = history.at(at)
        self.legend.show_runs(lines, [float(values[line.key, self.quantity]) for line in lines])
        more = f" · {numbers.count(self.norms.left_out, 'parameter')} more" if self.norms.left_out else ""
        self.words.setText(f"{KINDS[self.quantity]} · step {at:,.0f}{more}")

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """A row for each reading and curve that is drawn, with all four quantities."""
        header = ["step", "parameter" if self.by_parameter else "layer", *KINDS]
        return header, self._rows([line for line in self.lines() if line.is_shown])

    def _rows(self, lines: Sequence[Line]) -> Iterator[Sequence[Any]]:
        history = self.norms.history
        for step in history.steps.tolist():
            values = history.at(step)
            for line in lines:
                yield [int(step), line.name, *(_cell(v) for v in values[line.key].tolist())]

    def dress(self, *_: object) -> None:
        self.view.dress()
        self.changed()


def _cell(value: float) -> float | None:
    return None if math.isnan(value) else value
