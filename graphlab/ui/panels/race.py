"""Optimizer race: copies of the network, each with an optimizer of its own, trained side by side on the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSplitter, QVBoxLayout, QWidget

from ...engine import messages as m
from ...engine.experiments.race import Racer
from ...engine.messages import Scalars
from ...ops import Param
from .. import numbers
from ..experiments import Experiment
from ..icons import icon
from ..losses import Floats, Losses, smooth
from ..overlays import overlay
from ..plane.outlook_panel import small_combo
from ..session import Session
from ..theme import mono_font
from ..widgets.fields import Field
from ..widgets.flow import Flow, beside
from ..widgets.racer_table import RacerTable
from .live import LivePanel, header_button, header_switch
from .registry import panel

FILLS = "Copies of the network race here, each with an optimizer of its own, from the same weights on the same batches."
BUCKETS = 600  # points of a curve
WIDE = 420  # pixels from which on chart and table stand side by side, where it is not tall
CALM = 40  # of so many parts of a curve, one is what its mean is taken over
USUAL = ("SGD", "Adam", "RMSprop", "AdamW")
WILD = 30.0  # times the first loss, above which a curve leaves the picture
HELD_OUT = "The loss on held-out rows instead of that of each step"
FRESH, PRESENT = "fresh weights", "present weights"


@panel("race", "Optimizer race", "bottom", 82, shown=False, tabbed=True)
class RacePanel(LivePanel):
    """The run itself stays as it is; its loss surface shows the ways of the racers, too."""

    picture = "race"
    of_whole = True
    limit = 1

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.raced: m.Raced | None = None
        self.running: list[Racer] = []  # those of the race that is shown
        self.losses: list[Losses] = []
        self._fault = ""
        self._is_chosen = False  # whether a hand has chosen who races
        self._epochs = 0  # the document's
        self._step: float | None = None
        self.held_out = False
        self.logarithmic = True
        self.chart: Any = None
        self._is_divided = False  # by a hand
        self.experiment = Experiment(session, self)
        self.experiment.told.connect(self._take)
        self.experiment.lost.connect(self.changed)
        self._build()
        session.whole_changed.connect(self._follow)
        session.opened.connect(self._forget)
        self._follow()

    def _build(self) -> None:
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(4)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.splitterMoved.connect(self._note_divided)
        self._chart_place = QWidget()
        self._chart_place.setMinimumSize(130, 60)
        self._chart_column = QVBoxLayout(self._chart_place)
        self._chart_column.setContentsMargins(0, 0, 0, 0)
        self.split.addWidget(self._chart_place)
        self.table_of = RacerTable(content)
        self.table_of.edited.connect(self._edited)
        self.table_of.itemSelectionChanged.connect(self._show_use)
        self.split.addWidget(self.table_of)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        column.addWidget(self.split, 1)
        column.addLayout(self._tools())
        self.read_out = QLabel()
        self.read_out.setFont(mono_font(11))
        self.read_out.setProperty("role", "secondary")
        self.read_out.setMinimumWidth(1)
        column.addWidget(self.read_out)
        self.set_content(content)
        self.run_button = header_button("Race", "train", "Begin the race, or end it", self._run_or_stop)

    def _tools(self) -> Flow:
        """What stands below chart and table."""
        row = Flow()
        self.add_button = self._small("add", "Add a racer", lambda: self.table_of.add(self._training.lr))
        self.remove_button = self._small("minus", "Take the chosen racers out (Delete)", self.table_of.remove)
        param = Param(1, low=1, high=1_000_000, help="How often each goes through the data")
        param.name = "epochs"
        self.epochs = Field(param, "Optimizer race")
        self.epochs.editor.setFixedWidth(64)
        self.epochs.entered.connect(self._enter_epochs)
        self.start = small_combo("Begins with", "Which weights all of them begin with")
        self.start.addItems([FRESH, PRESENT])
        self.start.setFixedWidth(140)  # its longer choice, and the arrow
        self.use = QPushButton("Use")
        self.use.setStyleSheet("padding: 2px 8px; font-size: 12px;")
        self.use.setIcon(icon("check"))
        self.use.clicked.connect(self.take_over)
        label = QLabel("epochs")
        label.setProperty("role", "secondary")
        row.addWidget(beside(self.add_button, self.remove_button))
        row.addWidget(beside(self.epochs, label))
        row.addWidget(self.start)
        row.addWidget(self.use)
        return row

    @staticmethod
    def _small(picture: str, tip: str, run: Any) -> QPushButton:
        button = QPushButton(icon(picture), "")
        button.setStyleSheet("padding: 2px 4px;")
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda _=False: run())
        return button

    def header_tools(self) -> list[QWidget]:
        return [
            self.run_button,
            header_switch(
                "held-out",
                "The loss on held-out rows instead of that of each step",
                False,
                self.show_held_out,
            ),
        ]

    def fill_header_menu(self, menu: QMenu) -> None:
        log = menu.addAction("Logarithmic axis")
        log.setCheckable(True)
        log.setChecked(self.logarithmic)
        log.toggled.connect(self.set_logarithmic)
        action = menu.addAction(icon("loss"), "Draw over the loss curve", self.draw_over_the_loss)
        action.setEnabled(self.raced is not None)
        menu.addSeparator()
        super().fill_header_menu(menu)

    # Who races

    @property
    def _training(self) -> Any:
        return self.session.whole.training

    def _follow(self, *_: object) -> None:
        """Until a hand has chosen, the document's optimizer races against the usual ones."""
        training = self._training
        if not self._is_chosen and not self.is_running and self.raced is None:
            names = dict.fromkeys((training.optimizer, *USUAL))
            self.table_of.set_racers([Racer(name, training.lr) for name in list(names)[:4]])
        if not self._epochs and not self.epochs.is_being_edited():
            self.epochs.set_value(training.epochs)
        self._show_use()
        self.changed()

    def _edited(self) -> None:
        self._is_chosen = True
        self._fault = ""
        self.table_of.show_laps((), ())
        self._divide()
        self.changed()

    def _enter_epochs(self, value: Any, _: bool) -> None:
        self._epochs = int(value)
        self.epochs.set_value(self._epochs)

    def _chosen_racer(self) -> Racer | None:
        """The one that is chosen in the table, or else the first of the race."""
        racers, rows = self.table_of.racers(), {i.row() for i in self.table_of.selectedIndexes()}
        if len(rows) == 1:
            return racers[rows.pop()]
        if self.raced is not None and self.raced.order and racers == self.running:
            return racers[self.raced.order[0]]
        return None

    def _show_use(self) -> None:
        racer, training = self._chosen_racer(), self._training
        self.use.setEnabled(racer is not None and racer != Racer(training.optimizer, training.lr))
        self.use.setToolTip(
            f"Train the document with {racer.name}" if racer else "Choose a racer, or race first"
        )

    def take_over(self) -> None:
        """Trains the document from now on with the chosen racer, or the first of the race."""
        racer = self._chosen_racer()
        if racer is not None:
            self.session.attempt(self.session.root.configure, optimizer=racer.optimizer, lr=racer.lr)

    # The race

    @property
    def is_running(self) -> bool:
        return self.experiment.is_on and (self.raced is None or not self.raced.is_done)

    def race(self) -> None:
        """Begins it."""
        racers, loaded = self.table_of.racers(), self.session.loaded
        each = max(loaded.batches_per_epoch, 1) if loaded is not None else 1
        steps = (self._epochs or self._training.epochs) * each
        self.running, self.losses = racers, [Losses() for _ in racers]
        self.raced, self._fault, self._step = None, "", None
        fresh = self.start.currentText() == FRESH
        who = tuple((racer.optimizer, racer.lr) for racer in racers)
        self.table_of.show_laps((), ())
        self.experiment.begin(lambda n: m.StartRace(n, who, steps, fresh))
        self.changed()

    def stop(self) -> None:
        """Ends it where it is."""
        self.experiment.stop()
        self.changed()

    def _run_or_stop(self) -> None:
        (self.stop if self.is_running else self.race)()

    def _take(self, event: Any) -> None:
        if not isinstance(event, m.Raced):
            return
        if event.message:
            self._fault = f"{event.message} {event.hint}".strip()
            self.experiment.forget()
        else:
            for losses, lap, new in zip(self.losses, event.laps, event.losses, strict=True):
                losses.take(Scalars(0, event.first, new[: max(lap.step - event.first, 0)]))
            self.raced = event
            if event.is_done:
                self.experiment.forget()
                self._show_use()
        self.changed()

    def _forget(self, *_: object) -> None:
        self.experiment.forget()
        self.raced, self.running, self.losses, self._fault = None, [], [], ""
        self._is_chosen, self._epochs = False, 0
        self._follow()

    # What is drawn

    def missing(self) -> bool:
        if lacks := self.in_the_way(FILLS):
            self.empty.say(lacks)
        elif not self.session.seen.whole.total_parameters:
            self.empty.say("Nothing here can learn. Add a Parameter, or a layer such as Linear.")
        else:
            return False
        return True

    def redraw(self) -> None:
        if self.chart is None:
            self._make_chart()
        racing = self.is_running
        self.run_button.setText("Stop" if racing else "Race")
        self.run_button.setIcon(icon("stop" if racing else "train"))
        self.table_of.setEnabled(not racing)
        self.chart.set_curves(range(len(self.running)))
        self.chart.show_curves([self._curve(k) for k in range(len(self.running))])
        if self.raced is not None and self.table_of.racers() == self.running:
            self.table_of.show_laps(self.raced.laps, self.raced.order)
        self.tell()

    def _make_chart(self) -> None:
        """pyqtgraph is slow to load."""
        from ..widgets.norm_plot import NormPlot

        self.chart = NormPlot(self._chart_place)
        self.chart.setAccessibleName("Losses of the racers; the arrow keys read them")
        self.chart.pointed.connect(self._point)
        self.chart.set_logarithmic(self.logarithmic)
        self.chart.dress()
        self._chart_column.addWidget(self.chart)

    def _curve(self, k: int) -> tuple[Floats, Floats]:
        """Steps and losses of a racer, calmed; or its held-out losses as they are."""
        if self.held_out:
            looks = np.asarray(self.raced.looks[k]) if self.raced is not None else np.zeros((0, 2))
            looks = looks[np.isfinite(looks).all(axis=1)]
            return looks[:, 0], looks[:, 1]
        found = self.losses[k].envelope(BUCKETS)
        calm = smooth(found.mean, max(1, len(found.mean) // CALM))
        first = found.mean[0] if len(calm) else 0.0
        return found.step, np.where(calm > WILD * abs(first), np.nan, calm) if first else calm

    def show_held_out(self, on: bool) -> None:
        self.held_out = on
        self.changed()

    def set_logarithmic(self, on: bool) -> None:
        self.logarithmic = on
        if self.chart is not None:
            self.chart.set_logarithmic(on)
        self.changed()

    def draw_over_the_loss(self) -> None:
        """Puts the curves of the racers into the loss panel, where they can be hidden and compared with the run's."""
        for racer, losses in zip(self.running, self.losses, strict=True):
            self.session.overlays.add(overlay(racer.name, losses.values, key=("race", racer.name)))

    def dress(self, *_: object) -> None:
        if self.chart is not None:
            self.chart.dress()
        self.changed()

    def _point(self, step: float | None) -> None:
        self._step = step
        self.tell()

    def tell(self) -> None:
        """Writes what stands below."""
        text = self.words()
        role = "error" if self._fault else "secondary"
        if self.read_out.property("role") != role:
            self.read_out.setProperty("role", role)
            self.read_out.style().polish(self.read_out)
        elide = self.read_out.fontMetrics().elidedText
        self.read_out.setText(elide(text, Qt.TextElideMode.ElideRight, max(self.width() - 18, 0)))
        self.read_out.setToolTip(text)
        if self.chart is not None:
            self.chart.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._divide)  # when its parts have their new sizes
        self.tell()

    def _divide(self) -> None:
        """Chart and table side by side, or one above the other where it is narrow; the table as tall as its rows."""
        is_wide = self.width() > max(WIDE, self.height())
        self.split.setOrientation(Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical)
        if self._is_divided:
            return
        if is_wide:
            self.split.setSizes([3 * self.width() // 5, 2 * self.width() // 5])
        else:
            rows, whole = self.table_of.tall(), self.split.height()
            self.split.setSizes([max(whole - rows, 2 * whole // 5), rows])

    def _note_divided(self, *_: object) -> None:
        self._is_divided = True

    def words(self) -> str:
        """What the pointer is on; otherwise who leads."""
        if self._fault:
            return self._fault
        raced = self.raced
        if raced is None or not raced.laps:
            return "Choose who races and with which rates, then press Race."
        if self._step is not None and self.running:
            curves = [self._curve(k) for k in range(len(self.running))]
            told = [
                f"{racer.name} {numbers.number(float(values[np.abs(steps - self._step).argmin()]), 4)}"
                for racer, (steps, values) in zip(self.running, curves, strict=True)
                if len(steps)
            ]
            return f"step {self._step:,.0f}: {', '.join(told)}"
        first = self.running[raced.order[0]].name
        if raced.is_done:
            return f"{first} is first after {raced.done:,} steps."
        where = "stopped at" if not self.is_running else "step"
        return f"{where} {raced.done:,} of {raced.total:,} · {first} leads"

    # Out

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Each step of each racer, with its held-out loss where one was taken."""
        return ["optimizer", "learning rate", "step", "loss", "held-out loss"], self._lines()

    def _lines(self) -> Iterator[Sequence[Any]]:
        looks = self.raced.looks if self.raced is not None else []
        for racer, losses, seen in zip(self.running, self.losses, looks, strict=False):
            held_out = {int(step): loss for step, loss in np.asarray(seen).tolist() if step == step}
            for step, loss in enumerate(losses.values.tolist(), losses.first):
                yield [racer.optimizer, racer.lr, step, loss, held_out.get(step, "")]
