"""Loss and metrics while training: train per step, validation per epoch. Every value is kept, few are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSlider, QToolButton, QVBoxLayout, QWidget

from ...engine.messages import ReportRecord
from .. import numbers
from ..loss_axis import UNITS, Axis, axis_of
from ..losses import Envelope, Losses, averaged, smooth
from ..overlays import Overlay
from ..session import Session
from .live import LivePanel, header_switch
from .registry import panel

if TYPE_CHECKING:
    from ..widgets.loss_chart import LossChart, Other

BUCKETS = 700  # columns of the drawn curve: two points each for the range, one for the mean
OTHERS = 350  # and of that of another run
SMOOTHEST = 0.3  # of the columns, over which the mean is taken with the slider at its end
SMOOTH = 32  # where the slider stands at first, of 100
NARROWEST = 110  # pixels of a chart, or fewer are shown; one metric always is
SHARES = {"accuracy", "exact"}  # metrics told in percent, on an axis from 0 to 1
Floats = NDArray[np.float64]


@panel("loss", "Loss", "bottom", 10, stretch=40)
class LossPanel(LivePanel):
    """The loss curve, and beside it a chart for every metric that the goal has."""

    picture = "loss"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        from ..widgets.run_legend import RunLegend  # brings pyqtgraph, which is slow to load
        from ..widgets.scrubber import Scrubber

        self.unit, self.log_x, self.log_y = "steps", False, False
        self.smoothing, self.smooth_by = SMOOTH, "mean"
        self._axis = axis_of("steps", ())
        self._content = QWidget(self)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(4, 0, 8, 4)
        column.setSpacing(0)
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        column.addLayout(self._row, 1)
        self.scrubber = Scrubber(session.travel, self._content)
        column.addWidget(self.scrubber)
        self.legend = RunLegend(self._content)
        self.legend.toggled.connect(session.overlays.show)
        column.addWidget(self.legend)
        self.metrics: dict[str, LossChart] = {}
        self._hidden: set[str] = set()  # metrics that somebody does not want to see
        self.loss = self._chart("loss", 3)
        self.accuracy = self._metric("accuracy")
        self.set_content(self._content)
        self._make_tools()
        session.scalars_arrived.connect(self.changed)
        session.opened.connect(self.changed)
        session.marks.changed.connect(self.changed)
        session.overlays.changed.connect(self.changed)
        session.travel.changed.connect(self.changed)
        self.dress()

    def _chart(self, title: str, stretch: int) -> LossChart:
        from ..widgets.loss_chart import LossChart

        chart = LossChart(title, self._content)
        chart.name_place = self._name_place
        chart.ranged.connect(self.changed)
        chart.pointed.connect(lambda _: self._tell_others())
        chart.chosen.connect(self._choose)
        chart.set_logarithmic(self.log_x, False)
        self._row.addWidget(chart, stretch)
        return chart

    def _metric(self, name: str) -> LossChart:
        """The chart of a metric; the first time, an empty one."""
        if name not in self.metrics:
            self.metrics[name] = chart = self._chart(name, 2)
            if name in SHARES:
                chart.plot.setYRange(0, 1, padding=0.04)
            chart.hide()
        return self.metrics[name]

    # Tools

    def _make_tools(self) -> None:
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(self.smoothing)
        self.slider.setFixedWidth(56)
        self.slider.setAccessibleName("Smoothing")
        self.slider.setToolTip("Smoothing of the strong line; the range of the single steps stays behind it")
        self.slider.valueChanged.connect(self.set_smoothing)
        self.units = QToolButton()
        self.units.setText(f"{self.unit} ▾")
        self.units.setToolTip("What the axis counts")
        self.units.setAccessibleName("What the axis counts")
        self.units.setFixedHeight(20)
        self.units.setStyleSheet(
            "QToolButton { font-size: 11px; padding: 0 6px; font-weight: normal; }"
            "QToolButton::menu-indicator { image: none; }"
        )
        self.units.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.units)
        menu.aboutToShow.connect(menu.clear)
        menu.aboutToShow.connect(lambda: self._fill_units(menu))
        self.units.setMenu(menu)
        self.log = header_switch("log", "Logarithmic loss axis", False, self.set_logarithmic)

    def header_tools(self) -> list[QWidget]:
        return [self.slider, self.log, self.units]

    def fill_header_menu(self, menu: QMenu) -> None:
        self._choices(menu, UNITS, self.unit, self.set_unit, "Over {}")
        menu.addSeparator()
        self._switch(menu, "Logarithmic loss axis", self.log_y, self.log.setChecked)
        self._switch(menu, "Logarithmic axis below", self.log_x, self.set_log_x)
        menu.addSeparator()
        ways = {"mean": "Moving mean", "exponential": "Exponential moving mean"}
        group = QActionGroup(menu)
        for way, title in ways.items():
            group.addAction(
                self._switch(menu, title, way == self.smooth_by, partial(self.set_smooth_by, way))
            )
        menu.addSeparator()
        for name in self.metrics:
            shows = partial(self.show_metric, name)
            self._switch(menu, f"Chart of {name}", name not in self._hidden, lambda on, show=shows: show(on))
        menu.addSeparator()
        menu.addAction("Show the whole training", self.show_all)
        if self.session.overlays.all:
            menu.addAction("Remove the other runs", self.session.overlays.clear)
        menu.addSeparator()
        super().fill_header_menu(menu)

    def _fill_units(self, menu: QMenu) -> None:
        self._choices(menu, UNITS, self.unit, self.set_unit, "{}")

    def _choices(
        self, menu: QMenu, all: Sequence[str], now: str, run: Callable[[str], object], title: str
    ) -> None:
        group = QActionGroup(menu)
        for each in all:
            group.addAction(self._switch(menu, title.format(each), each == now, partial(run, each)))

    def _switch(self, menu: QMenu, title: str, on: bool, run: Callable[..., object]) -> Any:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(lambda now: run(now) if not isinstance(run, partial) else now and run())
        return action

    def set_logarithmic(self, on: bool) -> None:
        self.log_y = on
        self._set_axes()

    def set_log_x(self, on: bool) -> None:
        self.log_x = on
        self._set_axes()

    def _set_axes(self) -> None:
        self.loss.set_logarithmic(self.log_x, self.log_y)
        for chart in self.metrics.values():
            chart.set_logarithmic(self.log_x, False)
        self.changed()

    def set_unit(self, unit: str) -> None:
        """Lets the axis count one of UNITS."""
        if unit != self.unit:
            self.unit = unit
            self.units.setText(f"{unit} ▾")
            for chart in (self.loss, *self.metrics.values()):
                chart.show_all()
                chart.leave()
            self.changed()

    def set_smoothing(self, amount: int) -> None:
        """From 0, the columns as they are, to 100."""
        self.smoothing = amount
        self.changed()

    def set_smooth_by(self, way: str) -> None:
        """By "mean", a moving one, or "exponential"."""
        self.smooth_by = way
        self.changed()

    def show_all(self) -> None:
        """Takes zoom and pan back."""
        for chart in (self.loss, *self.metrics.values()):
            chart.show_all()

    @property
    def window(self) -> int:
        """Columns over which the mean is taken."""
        return max(1, round(BUCKETS * SMOOTHEST * (self.smoothing / 100) ** 2))

    # Showing

    def missing(self) -> bool:
        session = self.session
        if len(session.losses) or session.overlays.all:
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
        loaded = self.session.loaded
        self._axis = axis_of(self.unit, losses.reports, loaded.batches_per_epoch if loaded else 0)
        is_measured = not len(losses) or self._axis.unit == self.unit
        told = self._axis.unit if is_measured else f"{self._axis.unit} (no {self.unit} known yet)"
        ends = self._axis.place(np.array([r.step for r in losses.reports], dtype=np.float64))
        self._draw_loss(losses, ends)
        names = {n for r in losses.reports for n in (*r.metrics, *r.validation_metrics)}
        for other in self.session.overlays.all:
            names |= {n for r in other.curve.reports[-1:] for n in (*r.metrics, *r.validation_metrics)}
        for name in sorted(names):
            self._metric(name)
        shown = self._fitting([name for name in self.metrics if name in names and name not in self._hidden])
        for name, chart in self.metrics.items():
            chart.setVisible(name in shown)
            if name in shown:
                self._draw_metric(name, chart, ends)
        marks = [(mark, float(self._axis.place(mark.step))) for mark in self.session.marks.all]
        travel = self.session.travel
        here = float(self._axis.place(travel.step)) if travel.is_past else None
        for chart in (self.loss, *self.metrics.values()):
            chart.set_unit(told)
            chart.show_marks(marks)
            chart.show_here(here)
        self._tell_others()

    def _fitting(self, names: list[str]) -> list[str]:
        """The first of these charts for which there is room beside the loss; the menu says which there are."""
        return names[: max(self.width() // NARROWEST - 1, 1)]

    def show_metric(self, name: str, on: bool) -> None:
        """Whether a metric has a chart, where there is room."""
        self._hidden = self._hidden - {name} if on else self._hidden | {name}
        self.changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.changed()

    def ask_step(self) -> None:
        """Puts the keyboard into the field of the step to go to."""
        self.scrubber.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.scrubber.field.selectAll()

    def _choose(self, place: float) -> None:
        """A click on a curve goes to that step."""
        travel = self.session.travel
        if travel.can_travel:
            travel.go(round(float(self._axis.step(place))))

    def _draw_loss(self, losses: Losses, ends: Floats) -> None:
        chart = self.loss
        validation = np.array([_number(r.validation_loss) for r in losses.reports])
        e = self._envelope(losses, self._axis, chart, BUCKETS)
        by = smooth if self.smooth_by == "mean" else averaged
        chart.show_train(e, self.window, by)
        chart.show_validation(ends, self._positive(validation))
        chart.show_others([self._other(each) for each in self._drawn()])
        at, shown = self._shown(losses)
        value = losses.values[at - losses.first] if 0 <= at - losses.first < len(losses) else np.nan
        chart.say(float(value), validation[shown - 1] if shown else np.nan)

    def _shown(self, losses: Losses) -> tuple[int, int]:
        """The step whose numbers are told, the newest but for time travel; and how many reports there were by then."""
        travel = self.session.travel
        if not travel.is_past:
            return losses.first + len(losses) - 1, len(losses.reports)
        return travel.step, sum(report.step <= travel.step for report in losses.reports)

    def _envelope(self, losses: Losses, axis: Axis, chart: LossChart, buckets: int) -> Envelope:
        """The losses of the steps in view, with their places; values that a logarithmic axis has no place for go."""
        start, stop = 0, len(losses)
        if not chart.is_whole:
            left, right = axis.step(np.array(chart.span()))
            room = (right - left) * 0.02 + 2  # a curve goes on to the edge
            start = int(min(max(left - room - losses.first, 0), stop))
            stop = int(min(max(right + room - losses.first + 1, start), stop))
        e = losses.envelope(buckets, start, stop)
        values = (self._positive(v) for v in (e.low, e.high, e.mean))
        return Envelope(axis.place(e.step), *values)

    def _drawn(self) -> list[Overlay]:
        return [each for each in self.session.overlays.all if each.is_shown]

    def _other(self, run: Overlay) -> Other:
        from ..widgets.loss_chart import Other

        reports = run.curve.reports
        axis = _axis_of_run(run, self._axis.unit)
        e = self._envelope(run.curve, axis, self.loss, OTHERS)
        by = smooth if self.smooth_by == "mean" else averaged
        mean = by(e.mean, max(1, min(self.window // 2, len(e.mean) // 4)))
        at = axis.place(np.array([r.step for r in reports], dtype=np.float64))
        return Other(run.stroke, e.step, mean, at, self._positive(_column(reports, "loss")))

    def _draw_metric(self, name: str, chart: LossChart, ends: Floats) -> None:
        from ..widgets.loss_chart import Other

        reports = self.session.losses.reports
        train = np.array([_number(r.metrics.get(name)) for r in reports])
        validation = _column(reports, name)
        chart.show_train(Envelope(ends, train, train, train), 1)
        chart.show_validation(ends, validation)
        others = []
        for run in self._drawn():
            at = _axis_of_run(run, self._axis.unit).place([r.step for r in run.curve.reports])
            own = _column(run.curve.reports, name)
            if np.isfinite(own).any():
                others.append(Other(run.stroke, at, own, at[:0], own[:0]))
        chart.show_others(others)
        if not self.log_x:
            chart.reach(float(self._axis.place(len(self.session.losses))))
        _, shown = self._shown(self.session.losses)
        last = (train[shown - 1], validation[shown - 1]) if shown else (np.nan, np.nan)
        chart.say(*last, as_percent=name in SHARES)

    def _tell_others(self) -> None:
        """The legend, with what the other runs are worth at the cursor."""
        runs, place = self.session.overlays.all, self.loss.place
        values = [float("nan") if place is None else self._worth(run, place) for run in runs]
        self.legend.show_runs(runs, values)

    def _worth(self, run: Overlay, place: float) -> float:
        at = round(float(_axis_of_run(run, self._axis.unit).step(place))) - run.curve.first
        return float(run.curve.values[at]) if 0 <= at < len(run.curve) else float("nan")

    def _name_place(self, place: float) -> str:
        """ "step 1,234 · epoch 4.1"."""
        losses, step = self.session.losses, float(self._axis.step(place))
        nearest = min(max(round(step), losses.first), losses.first + max(len(losses) - 1, 0))
        told = f"step {nearest:,}"
        if self._axis.unit == "epochs":
            told += f" · epoch {float(self._axis.place(nearest)):.4g}"
        elif self._axis.unit == "seconds":
            told += f" · {numbers.duration(float(self._axis.place(nearest)))}"
        return told

    def _picture(self, suffix: str) -> bytes:
        """Of the curves; what one takes hold of is left out."""
        layout = self._content.layout()
        self.scrubber.hide()
        try:
            if layout is not None:
                layout.activate()
            return super()._picture(suffix)
        finally:
            self.scrubber.show()

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """A row for each step; what was measured after an epoch stands in that of its last step."""
        losses = self.session.losses
        reports = {report.step: report for report in losses.reports}
        names = sorted({n for r in losses.reports for n in (*r.metrics, *r.validation_metrics)})
        header = ["step", "loss", "epoch", "seconds", "validation loss"]
        header += [f"{part}{name}" for name in names for part in ("", "validation ")]
        marks = {mark.step: mark.text for mark in self.session.marks.all}
        rows = _rows(losses.first, losses.values, reports, names)
        if not marks:
            return header, rows
        return [*header, "changed after it"], ([*row, marks.get(row[0])] for row in rows)

    def _positive(self, values: Floats) -> Floats:
        return np.where(values > 0, values, np.nan) if self.log_y else values

    def dress(self, *_: object) -> None:
        for chart in (self.loss, *self.metrics.values()):
            chart.dress()
        self.changed()


def _axis_of_run(run: Overlay, unit: str) -> Axis:
    return axis_of(unit, run.curve.reports)


def _column(reports: Sequence[ReportRecord], name: str) -> Floats:
    """What was measured on held-out rows: "loss", or a metric."""
    if name == "loss":
        return np.array([_number(r.validation_loss) for r in reports])
    return np.array([_number(r.validation_metrics.get(name)) for r in reports])


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _rows(
    first: int, values: Floats, reports: Mapping[int, ReportRecord], names: Sequence[str]
) -> Iterator[Sequence[Any]]:
    nothing = [None] * (3 + 2 * len(names))
    for step, value in enumerate(values.tolist(), first):
        report = reports.get(step)
        if report is None:
            yield [step, value, *nothing]
            continue
        measured = [part.get(name) for name in names for part in (report.metrics, report.validation_metrics)]
        yield [step, value, report.epoch, report.seconds, report.validation_loss, *measured]
