"""Sweep pictures: what the trials of a sweep came to, as parallel coordinates, scatter, contour, curves and more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from ...errors import GraphlabError
from ...lab.sweeps.by_value import AtValue, kind_of
from ...lab.sweeps.curves import Curves
from ...lab.sweeps.ready import CAPACITY, LEARNING_CURVE
from ...lab.sweeps.trials import Trial
from .. import settings, sweep_charts, sweep_words
from ..icons import icon
from ..session import Session
from ..sweep_charts import Subject
from ..sweep_importance import Counting
from ..sweep_words import BIAS, CONTOUR, IMPORTANCE, KINDS, MENU, PARALLEL, ROWS, SCATTER
from ..theme import mono_font
from ..widgets.fields import QuietCombo
from ..widgets.flow import Flow, beside
from ..widgets.parallel_plot import ParallelPlot
from ..widgets.share_bars import ShareBars
from ..widgets.trial_plot import TrialPlot
from .live import LivePanel, header_choice
from .registry import panel

READY = {LEARNING_CURVE: ROWS, CAPACITY: BIAS}
SETTING = "sweep_views/kind"


@panel("sweep_views", "Sweep pictures", "bottom", 14, icon="sweep-pictures", shown=False, tabbed=True)
class SweepViewsPanel(LivePanel):
    """Hover tells of a trial, a click chooses it, a double-click opens it. All pictures share what is chosen."""

    picture = "sweep-pictures"
    of_whole = True
    limit = 1

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.sweeping = session.sweeping
        self.subject: Subject | None = None
        self.curves = Curves("")
        self.counting = Counting(self)
        self.at_values: list[AtValue] = []
        self._is_old = True
        self._fault: GraphlabError | None = None
        self._drawn: tuple[object, ...] = ()
        self.kind = header_choice(KINDS, "Picture", "What is shown of the sweep", self.set_kind, 16)
        kept = settings.text(SETTING, PARALLEL)
        self.kind.setCurrentText(kept if kept in KINDS else PARALLEL)
        self._build()
        self._listen()

    def _build(self) -> None:
        self.plot, self.parallel, self.bars = TrialPlot(), ParallelPlot(), ShareBars()
        self.stack = QStackedWidget()
        for each in (self.plot, self.parallel, self.bars):
            self.stack.addWidget(each)
        for view in (self.plot, self.parallel):
            view.pointed.connect(self._tell)
            view.chosen.connect(self.sweeping.choose)
            view.opened.connect(self.open_trial)
        self.parallel.brushed.connect(lambda _: self._tell())
        self.bars.chosen.connect(self.show_scatter_of)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(2)
        column.addLayout(self._tools())
        column.addWidget(self.stack, 1)
        self.said = QLabel()
        self.said.setFont(mono_font(11))
        self.said.setProperty("role", "secondary")
        self.said.setMinimumWidth(1)
        column.addWidget(self.said)
        self.set_content(content)

    def _tools(self) -> Flow:
        """What stands on the axes."""
        row = Flow(gap=10)
        self.across, self.up = _axis_choice("Across"), _axis_choice("Up")
        self.across_part = _labelled("across", self.across)
        self.up_part = _labelled("up", self.up)
        for combo, part in ((self.across, self.across_part), (self.up, self.up_part)):
            combo.activated.connect(self._refresh)
            row.addWidget(part)
        return row

    def _listen(self) -> None:
        self.sweeping.opened.connect(self._another)
        self.sweeping.changed.connect(self._refresh)
        self.sweeping.listed.connect(self.changed)
        self.sweeping.chosen.connect(self._mark)
        self.counting.ready.connect(self._counted)

    def header_tools(self) -> list[QWidget]:
        return [self.kind]

    # Which picture

    def set_kind(self, kind: str) -> None:
        """Shows that picture from now on, here and in windows to come."""
        self.kind.setCurrentText(kind)
        settings.settings().setValue(SETTING, kind)
        self._refresh()

    def show_scatter_of(self, name: str) -> None:
        """The score against one hyperparameter."""
        self.set_kind(SCATTER)
        self._fill_choices()
        self.across.setCurrentText(name)
        if self.subject is not None:
            self.up.setCurrentText(self.subject.metric)
        self._refresh()

    def _another(self) -> None:
        """Another sweep is looked at; one that is ready made has a picture of its own."""
        self.subject = None
        self.counting.forget()
        for view in (self.plot, self.parallel):
            view.point_at(None)
        kept = self.sweeping.kept
        kind = kind_of(kept.head) if kept is not None else ""
        if kind in READY:
            self.kind.setCurrentText(READY[kind])
        elif self.kind.currentText() in READY.values():
            self.kind.setCurrentText(PARALLEL)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        self._is_old = True
        self.changed()

    # What is there

    def missing(self) -> bool:
        self._renew()
        why, step, run = self._lack()
        if why:
            self.empty.say(why, step, run, self.picture if step else "")
        return bool(why)

    def _renew(self) -> None:
        """The trials as they are now."""
        kept = self.sweeping.kept
        if kept is None:
            self.subject = None
        elif self._is_old or self.subject is None or self.subject.sweep is not kept:
            if self.curves.metric != kept.metric or self.subject is None:
                self.curves = Curves(kept.metric)
            self.subject = Subject(kept, self.curves)
            self._is_old = False
            self._drawn = ()

    def _lack(self) -> tuple[str, str, Any]:
        """What the picture waits for, and the step that helps."""
        found = self.subject
        if found is None:
            if not self.sweeping.is_known:
                return "Looking for sweeps …", "", None
            said = "The trials of a sweep are pictured here. Say what is searched, and begin."
            return said, "Search hyperparameters …", self._open_sweep
        kind = self.kind.currentText()
        said = sweep_words.lack(kind, found)
        step = sweep_words.STEPS.get(kind, ("", "")) if said and MENU in said else ("", "")
        return said, step[0], lambda: self.session.command_wanted.emit(step[1])

    def _open_sweep(self) -> None:
        self.session.command_wanted.emit("run.sweep")

    # Drawing

    def redraw(self) -> None:
        found, kind = self.subject, self.kind.currentText()
        if found is None:
            return
        self._fill_choices()
        drawn = (id(found), kind, self.across.currentText(), self.up.currentText())
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._fault = None
        if kind == PARALLEL:
            self.stack.setCurrentWidget(self.parallel)
            self.parallel.show_lines(*sweep_charts.parallel(found), found.scale)
        elif kind == IMPORTANCE:
            self._show_importance(found)
        else:
            self.stack.setCurrentWidget(self.plot)
            self._draw_chart(found, kind)
        self._mark(self.sweeping.selection)
        self._tell()

    def _draw_chart(self, found: Subject, kind: str) -> None:
        across, up = self.across.currentText(), self.up.currentText()
        try:
            if kind in READY.values():
                chart, self.at_values = sweep_charts.values_chart(found, across, as_error=kind == BIAS)
            else:
                chart = sweep_charts.chart_of(kind, found, across, up)
        except GraphlabError as error:
            self._fault = error
            chart = sweep_charts.scatter(found, across, up)
        self.plot.show_chart(chart)

    def _fill_choices(self) -> None:
        """What can stand on the axes of this kind of picture."""
        found, kind = self.subject, self.kind.currentText()
        if found is None:
            return
        across, up = sweep_words.choices(kind, found)
        for combo, part, names, usual in (
            (self.across, self.across_part, *across),
            (self.up, self.up_part, *up),
        ):
            words = [combo.itemText(k) for k in range(combo.count())]
            if words != names:
                combo.clear()
                combo.addItems(names)
                combo.setCurrentText(usual)
            part.setVisible(len(names) > 1)
        if kind == CONTOUR and across[0] and self.across.currentText() == self.up.currentText():
            self.up.setCurrentText(next(name for name in up[0] if name != self.across.currentText()))

    def _show_importance(self, found: Subject) -> None:
        self.stack.setCurrentWidget(self.bars)
        self.counting.want(found)
        self._fault = self.counting.fault
        shares = self.counting.found.shares if self.counting.found is not None else {}
        self.bars.show_shares(shares)

    def _counted(self) -> None:
        self._drawn = ()
        self.changed()

    # Words

    def _tell(self, *_: object) -> None:
        """Writes what stands below."""
        text = self.words()
        role = "error" if self._fault is not None else "secondary"
        if self.said.property("role") != role:
            self.said.setProperty("role", role)
            self.said.style().polish(self.said)
        elide, room = self.said.fontMetrics().elidedText, max(self.width() - 18, 0)
        wraps = self.kind.currentText() in READY.values()  # their sentences are what they are about
        self.said.setWordWrap(wraps)
        self.said.setText(text if wraps else elide(text, Qt.TextElideMode.ElideRight, room))
        self.said.setToolTip(text)
        view = self.stack.currentWidget()
        if view is not None:
            view.setAccessibleDescription(text)

    def words(self) -> str:
        """Of the trial pointed at; otherwise what the picture says as a whole."""
        found, kind = self.subject, self.kind.currentText()
        if found is None:
            return ""
        if self._fault is not None:
            return f"{self._fault} {self._fault.hint or ''}".strip()
        at = self._pointed()
        if at is not None and kind in READY.values():
            value = next(each for each in self.at_values if each.trials[0] == at.number)
            return sweep_words.of_value(value, found, kind)
        if at is not None:
            return sweep_words.of_trial(at, found.metric)
        if kind == IMPORTANCE:
            return sweep_words.of_importance(self.counting.found, is_counting=self.counting.is_busy)
        passing = len(self.parallel.passing) if kind == PARALLEL and self.parallel.ranges else None
        return sweep_words.of_values(
            self.at_values, found, kind, self.across.currentText()
        ) or sweep_words.of_all(found, kind, passing)

    def _pointed(self) -> Trial | None:
        view = self.stack.currentWidget()
        number = view.at if isinstance(view, (TrialPlot, ParallelPlot)) else None
        return self.sweeping.trial(number) if number is not None else None

    # Hands

    def _mark(self, numbers: Sequence[int]) -> None:
        self.plot.choose(numbers)
        self.parallel.choose(numbers)

    def open_trial(self, number: int) -> None:
        """As a document of its own, with its weights."""
        self.sweeping.choose([number])
        self.session.command_wanted.emit("run.sweep_open")

    def choose_passing(self) -> None:
        """Chooses the trials that pass through all ranges, for the table and the other pictures."""
        self.sweeping.choose(self.parallel.passing.tolist())

    def fill_header_menu(self, menu: QMenu) -> None:
        if self.kind.currentText() == PARALLEL and self.parallel.ranges:
            menu.addAction(icon("check"), "Choose the trials that pass", self.choose_passing)
        if self.kind.currentText() not in (PARALLEL, IMPORTANCE):
            menu.addAction(icon("fit"), "Show all", self.plot.show_all)
        menu.addSeparator()
        super().fill_header_menu(menu)

    def showEvent(self, event: QShowEvent) -> None:
        self.sweeping.join(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.sweeping.leave(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._tell)

    # Out

    def _picture(self, suffix: str) -> bytes:
        with self.plot.layer.drawn_directly(), self.parallel.layer.drawn_directly():
            return super()._picture(suffix)

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The numbers of the picture: a line a trial, an epoch of a trial, a value or a hyperparameter."""
        found, kind = self.subject, self.kind.currentText()
        shares = self.counting.found.shares if self.counting.found is not None else {}
        if found is None:
            return [], iter(())
        return sweep_words.table_of(kind, found, self.across.currentText(), self.at_values, shares)


def _axis_choice(name: str) -> QuietCombo:
    return header_choice(
        (), f"{name}: what stands on the axis", "What stands on the axis", lambda _: None, 14
    )


def _labelled(word: str, combo: QuietCombo) -> QWidget:
    label = QLabel(word)
    label.setProperty("role", "secondary")
    label.setStyleSheet("font-size: 11px;")
    label.setBuddy(combo)
    return beside(label, combo)
