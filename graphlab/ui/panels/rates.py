"""Learning-rate finder: the loss while the rate rises step by step on a copy of the network, and rates to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ...engine import messages as m
from ...engine.experiments.rates import HIGH, LOW, STEPS, Suggestion, plain_rate, told
from ...ops import Param
from .. import numbers
from ..experiments import Experiment
from ..icons import icon
from ..session import Session
from ..theme import mono_font
from ..widgets.fields import Field
from ..widgets.flow import Flow, beside
from .live import LivePanel
from .registry import panel

FILLS = "Learning rates are tried here on a copy of the network, each step a higher one; the network itself stays."
FIELDS = {
    "low": Param(LOW, low=0.0, low_open=True, high=1e6, log=True, help="The rate of the first step"),
    "high": Param(HIGH, low=0.0, low_open=True, high=1e6, log=True, help="The rate of the last step"),
    "steps": Param(STEPS, low=10, high=100_000, help="How many steps are tried"),
}
WORDS = {"low": "from", "high": "to", "steps": "steps"}


@panel("rates", "Learning-rate finder", "bottom", 80, shown=False, tabbed=True)
class RatesPanel(LivePanel):
    """The copy begins with the weights and the optimizer as they are now."""

    picture = "rates"
    of_whole = True
    limit = 1

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.found: m.RatesTried | None = None
        self._span = (LOW, HIGH)
        self._values: dict[str, Any] = {name: param.default for name, param in FIELDS.items()}
        self._fault = ("", "")
        self._began_at = 0
        self._at: int | None = None
        self._content = QWidget(self)
        self._made = False
        self._offered: dict[QPushButton, float] = {}
        self.experiment = Experiment(session, self)
        self.experiment.told.connect(self._take)
        self.experiment.lost.connect(self.changed)
        self.set_content(self._content)
        session.whole_changed.connect(self.changed)
        session.opened.connect(self._forget)

    def _build(self) -> None:
        """Only when there is something to show: pyqtgraph is slow to load."""
        from ..widgets.rate_chart import RateChart

        self._made = True
        self.chart = RateChart(self._content)
        self.chart.pointed.connect(self._point)
        self.chart.chosen.connect(lambda rate: self.use(plain_rate(rate)))
        self.fields = {name: self._field(name, param) for name, param in FIELDS.items()}
        self.run_button = QPushButton("Find")
        self.run_button.clicked.connect(self._run_or_stop)
        self.steepest, self.tenth = QPushButton(), QPushButton()
        self.steepest.setToolTip("The rate at which the loss falls fastest")
        self.tenth.setToolTip("A tenth of the rate at which the loss is least: careful")
        self.read_out = QLabel()
        self.read_out.setFont(mono_font(11))
        self.read_out.setProperty("role", "secondary")
        self.read_out.setMinimumWidth(1)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(8, 2, 8, 4)
        column.setSpacing(4)
        column.addLayout(self._row())
        column.addWidget(self.chart, 1)
        below = Flow(gap=6)
        for button in (self.steepest, self.tenth):
            button.setIcon(icon("check"))
            button.setStyleSheet("padding: 2px 8px; font-size: 12px;")
            button.clicked.connect(lambda _=False, button=button: self.use(self._offered[button]))
            below.addWidget(button)
        column.addLayout(below)
        column.addWidget(self.read_out)

    def _row(self) -> Flow:
        row = Flow(gap=6)
        for name, field in self.fields.items():
            label = QLabel(WORDS[name])
            label.setProperty("role", "secondary")
            label.setBuddy(field.editor)
            row.addWidget(beside(label, field))
        row.addWidget(self.run_button)
        return row

    def _field(self, name: str, param: Param) -> Field:
        param.name = WORDS[name]
        field = Field(param, "Learning-rate finder")
        field.editor.setFixedWidth(76)
        field.set_value(self._values[name])
        field.entered.connect(lambda value, _: self._enter(name, value))
        return field

    def _enter(self, name: str, value: Any) -> None:
        self._values[name] = value
        self.fields[name].set_value(value)

    # What is asked

    @property
    def is_running(self) -> bool:
        return self.experiment.is_on and (self.found is None or not self.found.is_done)

    def find(self) -> None:
        """Tries the rates, from the weights as they are now."""
        low, high, steps = (self._values[name] for name in FIELDS)
        self._span, self._fault, self.found, self._at = (low, high), ("", ""), None, None
        self._began_at = self.session.step_number
        self.experiment.begin(lambda n: m.FindRate(n, float(low), float(high), int(steps)))
        self.changed()

    def stop(self) -> None:
        """Leaves it at what was tried."""
        self.experiment.stop()
        self.changed()

    def _run_or_stop(self) -> None:
        (self.stop if self.is_running else self.find)()

    def use(self, rate: float) -> None:
        """Makes that the learning rate of the document."""
        self.session.attempt(self.session.root.configure, lr=rate)

    def _take(self, event: Any) -> None:
        if not isinstance(event, m.RatesTried):
            return
        if event.message:
            self._fault = (event.message, event.hint)
            self.experiment.forget()
        else:
            self.found = event
            if event.is_done:
                self.experiment.forget()
        self.changed()

    def _forget(self, *_: object) -> None:
        self.experiment.forget()
        self.found, self._fault = None, ("", "")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.is_running:
            self.stop()

    # What is drawn

    def missing(self) -> bool:
        if lacks := self.in_the_way(FILLS):
            self.empty.say(lacks)
        elif self.found is not None and len(self.found.rates):
            return False
        elif self._fault[0]:
            self.empty.say(" ".join(self._fault).strip(), "Try again", self._try_again, "rates")
        elif self.experiment.is_on:
            self.empty.say("Trying …")
        else:
            self.empty.say(FILLS, "Find a learning rate", self.find, "rates")
        return True

    def _try_again(self) -> None:
        """With the bounds of the beginning, if those entered cannot be."""
        if self._values["low"] >= self._values["high"]:
            self._values.update({name: FIELDS[name].default for name in ("low", "high")})
            if self._made:
                for name, field in self.fields.items():
                    field.set_value(self._values[name])
        self.find()

    def redraw(self) -> None:
        found = self.found
        if found is None:
            return
        if not self._made:
            self._build()
        chart = self.chart
        chart.show_curves(found.rates, found.losses, found.smoothed, self._span)
        chart.show_marks(self._marks(found))
        self.run_button.setText("Stop" if self.is_running else "Find")
        self.run_button.setIcon(icon("stop" if self.is_running else "rates"))
        for button, rate in self._offers(found):
            button.setVisible(rate is not None)
            if rate is not None:
                is_used = plain_rate(rate) == self.session.whole.training.lr
                button.setText(f"{plain_rate(rate):g} is used" if is_used else f"Use {plain_rate(rate):g}")
                button.setEnabled(not is_used)
                self._offered[button] = plain_rate(rate)
        self.tell()

    def _offers(self, found: m.RatesTried) -> list[tuple[QPushButton, float | None]]:
        steep, tenth = found.suggestion or (None, None)
        if steep is not None and tenth is not None and plain_rate(steep) == plain_rate(tenth):
            tenth = None
        return [(self.steepest, steep), (self.tenth, tenth)]

    def _marks(self, found: m.RatesTried) -> list[Any]:
        from ..widgets.rate_chart import Mark

        marks = []
        now = self.session.whole.training.lr
        if self._span[0] <= now <= self._span[1]:
            marks.append(Mark(now, f"now {now:g}", "secondary", dashed=True))
        if found.suggestion is not None:
            steep, tenth = found.suggestion
            marks.append(Mark(steep, f"falls fastest {plain_rate(steep):g}", "good"))
            marks.append(Mark(tenth, f"a tenth of the least {plain_rate(tenth):g}", "update"))
        return marks

    def dress(self, *_: object) -> None:
        if self._made:
            self.chart.dress()
        self.changed()

    def _point(self, at: int | None) -> None:
        self._at = at
        self.tell()

    def tell(self) -> None:
        """Writes what stands below the chart."""
        text = self.words()
        elide = self.read_out.fontMetrics().elidedText
        self.read_out.setText(elide(text, Qt.TextElideMode.ElideRight, max(self.width() - 18, 0)))
        self.read_out.setToolTip(text)
        self.chart.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._made and self.found is not None:
            self.tell()

    def words(self) -> str:
        """What the pointer is on, or what came out."""
        found = self.found
        if found is None:
            return ""
        if self._at is not None and self._at < len(found.rates):
            rate, loss, mean = (float(a[self._at]) for a in (found.rates, found.losses, found.smoothed))
            return (
                f"rate {numbers.plain(rate)}: loss {numbers.number(loss, 4)}, mean {numbers.number(mean, 4)} · "
                "Enter or a double click uses it"
            )
        if self.is_running:
            return f"step {len(found.rates):,} of {found.steps:,}"
        pair = Suggestion(*found.suggestion) if found.suggestion is not None else None
        return f"{' '.join(told(pair)).strip()} Tried from step {self._began_at:,}; {found.why or 'stopped'}."

    # Out

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Each step that was tried."""
        found = self.found
        if found is None:
            return [], iter(())
        rows = np.stack([found.rates, found.losses, found.smoothed], axis=1).tolist()
        return ["learning rate", "loss", "mean loss"], iter(rows)
