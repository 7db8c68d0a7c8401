"""Loss and accuracy while training: train per step, validation per epoch. Every value is kept, few are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ...engine.messages import ReportRecord
from ..losses import Envelope
from ..session import Session
from .live import LivePanel, header_switch
from .registry import panel

BUCKETS = 700  # columns of the drawn curve: two points each for the range, one for the mean
SMOOTHED = 21  # the mean is taken over so many of the columns


@panel("loss", "Loss", "bottom", 10, stretch=40)
class LossPanel(LivePanel):
    """The loss curve, and the accuracy beside it where the goal has one."""

    picture = "loss"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        from ..widgets.chart import Chart  # brings pyqtgraph, which is slow to load

        self._content = QWidget(self)
        row = QHBoxLayout(self._content)
        row.setContentsMargins(4, 0, 8, 4)
        row.setSpacing(4)
        self.loss = Chart("loss", self._content)
        self.accuracy = Chart("accuracy", self._content)
        self.accuracy.plot.setYRange(0, 1, padding=0.04)
        row.addWidget(self.loss, 3)
        row.addWidget(self.accuracy, 2)
        self.accuracy.hide()
        self.set_content(self._content)
        self._logarithmic, self._smoothing = False, True
        session.scalars_arrived.connect(self.changed)
        session.opened.connect(self.changed)
        self.dress()

    def header_tools(self) -> list[QWidget]:
        return [
            header_switch(
                "smooth", "Show a moving mean over the range of the single steps", True, self.set_smoothing
            ),
            header_switch("log", "Logarithmic loss axis", False, self.set_logarithmic),
        ]

    def set_logarithmic(self, on: bool) -> None:
        self._logarithmic = on
        self.loss.plot.setLogMode(False, on)
        self.changed()

    def set_smoothing(self, on: bool) -> None:
        self._smoothing = on
        self.changed()

    def missing(self) -> bool:
        session = self.session
        if len(session.losses):
            return False
        if not session.whole.nodes:
            self.empty.say("The loss curve is drawn here while a graph trains.")
        elif not session.seen.whole.goal:
            self.empty.say(self.no_loss("There is no loss yet."))
        elif not session.seen.whole.total_parameters:
            self.empty.say("Nothing here can learn. Add a Parameter, or a layer such as Linear.")
        else:
            self.empty.say("The loss of every step is drawn here.", "Train", session.train, "train")
        return True

    def redraw(self) -> None:
        losses = self.session.losses
        reports = losses.reports
        epochs = np.array([r.step for r in reports], dtype=np.float64)
        validation = np.array([_number(r.validation_loss) for r in reports])
        self.loss.show_train(self._clean(losses.envelope(BUCKETS)), SMOOTHED if self._smoothing else 1)
        self.loss.show_validation(epochs, self._positive(validation))
        self.loss.say(losses.last, validation[-1] if len(validation) else np.nan)
        self._draw_accuracy(epochs)

    def _draw_accuracy(self, epochs: NDArray[np.float64]) -> None:
        reports = self.session.losses.reports
        train = np.array([_number(r.metrics.get("accuracy")) for r in reports])
        validation = np.array([_number(r.validation_metrics.get("accuracy")) for r in reports])
        there = bool(np.isfinite(train).any() or np.isfinite(validation).any())
        self.accuracy.setVisible(there)
        if there:
            self.accuracy.show_train(Envelope(epochs, train, train, train), 1)
            self.accuracy.show_validation(epochs, validation)
            self.accuracy.reach(len(self.session.losses))
            self.accuracy.say(train[-1], validation[-1], as_percent=True)

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """A row for each step; what was measured after an epoch stands in that of its last step."""
        losses = self.session.losses
        reports = {report.step: report for report in losses.reports}
        names = sorted({n for r in losses.reports for n in (*r.metrics, *r.validation_metrics)})
        header = ["step", "loss", "epoch", "seconds", "validation loss"]
        header += [f"{part}{name}" for name in names for part in ("", "validation ")]
        return header, _rows(losses.first, losses.values, reports, names)

    def _positive(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(values > 0, values, np.nan) if self._logarithmic else values

    def _clean(self, e: Envelope) -> Envelope:
        return Envelope(e.step, self._positive(e.low), self._positive(e.high), self._positive(e.mean))

    def dress(self, *_: object) -> None:
        for chart in (self.loss, self.accuracy):
            chart.dress()
        self.changed()


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _rows(
    first: int, values: NDArray[np.float64], reports: Mapping[int, ReportRecord], names: Sequence[str]
) -> Iterator[Sequence[Any]]:
    nothing = [None] * (3 + 2 * len(names))
    for step, value in enumerate(values.tolist(), first):
        report = reports.get(step)
        if report is None:
            yield [step, value, *nothing]
            continue
        measured = [part.get(name) for name in names for part in (report.metrics, report.validation_metrics)]
        yield [step, value, report.epoch, report.seconds, report.validation_loss, *measured]
