"""What is searched, how, and by whom: the left half of the panel. All but the workers is the document's own."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...errors import GraphlabError
from ...graph import Document
from ...graph.sweep import LEARNING, METHODS, PRUNINGS, RANGES, Sweep
from ...lab.sweeps.forecast import forecast
from ...ops import Param
from .. import numbers
from ..icons import icon
from ..inspector.parts import column, heading, quiet
from ..session import Session
from ..sweep_sittings import Crew
from ..widgets.param_form import ParamForm
from .sweep_searches import Searches

METHOD_TIPS = (
    "grid: all combinations. random: drawn. lhs, sobol: drawn more evenly. "
    "tpe, cmaes: learn from trials that are done"
)
PRUNING_TIPS = "What does badly after a few epochs is given up. asha: one by one. hyperband: in brackets"
NARROWEST, WIDEST = 276, 520  # pixels
SOON = 150  # milliseconds until what is foretold is worked out again


def _param(name: str, default: Any, help: str, **more: Any) -> Param:
    made = Param(default, help=help, **more)
    made.name = name
    return made


def _whole(name: str, help: str) -> Param:
    low, high = RANGES[name]
    return _param(
        name.replace("seed", "seed of the search") if name == "seed" else name,
        getattr(Sweep(), name),
        help,
        low=low,
        high=high,
    )


METHOD = _param("method", "random", METHOD_TIPS, choices=METHODS)
TRIALS = _whole("trials", "How many settings are tried at most; 0 for all of a grid")
MINUTES = _param("minutes", 0.0, "After which it ends; 0 never", low=0.0, high=RANGES["seconds"][1] / 60)
SEEDS = _whole("seeds", "Trainings of each setting, with seeds of their own: how much is chance")
FOLDS = _whole("folds", "Of k-fold cross-validation; 0 for the one validation split")
PRUNING = _param("pruning", "none", PRUNING_TIPS, choices=PRUNINGS)
RUNG = _whole("rung", "Epochs before a trial is first judged")
KEEP = _whole("keep", "One in so many goes on from there")
AHEAD = _whole(
    "ahead", "Trials that are proposed before the result of one is known: as many as workers, or more"
)
SEED = _whole("seed", "Chooses what is tried")
WHERE = {
    "workers": _param(
        "workers",
        0,
        "Processes that train side by side; 0: as many as this machine has cores",
        low=0,
        high=1024,
    ),
    "memory": _param("memory (MB)", 0, "That each worker may take; 0 for no limit", low=0, high=10**7),
    "dask": _param("Dask scheduler", "", "Its address, such as tcp://scheduler:8786; empty: this machine"),
}


class SweepSetup(QWidget):
    """The searches, the settings, the workers, what all that makes, and Start."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setMinimumWidth(NARROWEST)
        self._crew = Crew.remembered()
        self.searches = Searches(session)
        self.form, self.where = ParamForm(self._commit), ParamForm(self._employ)
        self.told, self.start = quiet(), QPushButton(icon("train", "on_accent"), "Start")
        self.start.setProperty("role", "primary")
        self.start.clicked.connect(self._press)
        self._foretell = QTimer(self)
        self._foretell.setSingleShot(True)
        self._foretell.setInterval(SOON)
        self._foretell.timeout.connect(self.foretell)
        self._build()

    def _build(self) -> None:
        page = QWidget()
        rows = column(page, spacing=6)
        rows.setContentsMargins(0, 2, 8, 6)
        rows.addWidget(heading("Searched"))
        rows.addWidget(self.searches)
        rows.addSpacing(4)
        rows.addWidget(heading("How"))
        rows.addWidget(self.form)
        rows.addSpacing(4)
        rows.addWidget(heading("Where"))
        rows.addWidget(self.where)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        inside = QWidget()
        inside.setMaximumWidth(WIDEST)
        outside = QHBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(inside)
        whole = QVBoxLayout(inside)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(area, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.told, 1)
        foot.addWidget(self.start, 0, Qt.AlignmentFlag.AlignBottom)
        whole.addLayout(foot)

    # What it shows

    def show_document(self) -> None:
        """What the document says."""
        document = self._session.whole
        sweep = document.sweep
        self.searches.show_searches()
        params = self._params(sweep)
        values = {name: getattr(sweep, name) for name in params if name not in ("minutes", "metric")}
        values |= {"minutes": sweep.seconds / 60, "metric": sweep.metric or None}
        self.form.show_params("sweep", params, values)
        crew = self._crew
        self.where.show_params(
            "workers", WHERE, {"workers": crew.workers, "memory": crew.memory, "dask": crew.dask}
        )
        self._foretell.start()

    def _params(self, sweep: Sweep) -> dict[str, Param]:
        rungs = {"rung": RUNG, "keep": KEEP} if sweep.pruning != "none" else {}
        ahead = {"ahead": AHEAD} if sweep.method in LEARNING else {}
        return {
            "method": METHOD,
            "trials": TRIALS,
            "minutes": MINUTES,
            "seeds": SEEDS,
            "folds": FOLDS,
            "pruning": PRUNING,
            **rungs,
            "metric": self._metric,
            **ahead,
            "seed": SEED,
        }

    @property
    def _metric(self) -> Param:
        """The same object each time, so that the form keeps its field."""
        if not hasattr(self, "_metric_param"):
            self._metric_param = _param(
                "metric",
                "",
                "What is compared on held-out rows; empty: the goal's first metric, else the loss",
                kind="text",
                optional=True,
                suggest=self._metrics,
            )
        return self._metric_param

    def _metrics(self) -> Sequence[str]:
        goal = self._session.seen.whole.nodes.get(self._session.seen.whole.goal)
        has_accuracy = goal is not None and goal.op is not None and "CrossEntropy" in type(goal.op).__name__
        return ("accuracy", "loss") if has_accuracy else ("loss",)

    def foretell(self) -> None:
        """How many trainings that makes, and about how long they take."""
        document = self._session.whole
        sittings = self._session.sweeping.sittings
        words, wrong = self.forecast(document)
        self.told.setText(wrong or words)
        self._role("error" if wrong else "secondary")
        can_start = bool(document.sweep.searches) and not wrong and not sittings.is_beginning
        enable(self.start, can_start or sittings.is_on, self.searches.line)
        self.start.setText("Beginning …" if sittings.is_beginning else "Stop" if sittings.is_on else "Start")
        picture = "stop" if sittings.is_on else "train"
        self.start.setIcon(icon(picture, "on_accent" if self.start.isEnabled() else ""))
        tip = "What is done stays, and it can go on later" if sittings.is_on else "Begin a new sweep of this"
        self.start.setToolTip(tip)

    def _press(self) -> None:
        sittings = self._session.sweeping.sittings
        (sittings.stop if sittings.is_on else sittings.start)()

    def forecast(self, document: Document) -> tuple[str, str]:
        """(what it takes, what is wrong)."""
        if not document.sweep.searches:
            return "Nothing is searched yet: mark a value in the inspector, or write one above.", ""
        wrong = next((row for row in self.searches.rows if row.wrong), None)
        if wrong is not None:
            return "", f"{wrong.target}: {wrong.wrong}"
        try:
            found = forecast(document)
        except GraphlabError as error:
            return "", str(error)
        if not found.trials:
            limit = document.sweep.seconds
            return (
                f"As many trials as {numbers.duration(limit)} hold."
                if limit
                else "Trials until you stop it.",
                "",
            )
        each = f" × {found.each:,} = {numbers.count(found.fits, 'training')}" if found.each > 1 else ""
        words = f"{numbers.count(found.trials, 'trial')}{each} of {numbers.count(found.epochs, 'epoch')}"
        return f"{words}{self._about(found)}.", ""

    def _about(self, found: Any) -> str:
        """How long that takes, once a training of this document was done."""
        per_epoch = self._session.sweeping.tally.seconds_per_epoch
        workers = self._crew.workers or cores()
        seconds = found.seconds(per_epoch, workers) if not self._crew.dask else math.nan
        if math.isnan(seconds):
            return ""
        most = self._session.whole.sweep.seconds
        seconds = min(seconds, most) if most else seconds
        about = f"about {numbers.duration(seconds)}" if seconds >= 60 else "less than a minute"
        return f", {about} on {numbers.count(workers, 'worker')}"

    def _role(self, role: str) -> None:
        if self.told.property("role") != role:
            self.told.setProperty("role", role)
            self.told.style().polish(self.told)

    # Hands

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        given = {"seconds": 60.0 * value} if name == "minutes" else {name: value}
        if name == "metric":
            given = {"metric": value or ""}
        try:
            self._session.root.configure_sweep(f"step sweep.{name}" if stepped else "", **given)
        except GraphlabError as error:
            return str(error)
        return ""

    def _employ(self, name: str, value: Any, stepped: bool) -> str:
        if name == "dask" and value and "://" not in value:
            return f"Write its address with the protocol, such as tcp://{value}."
        self._crew = replace(self._crew, **{name: value})
        self._crew.remember()
        self._foretell.start()
        return ""


def enable(button: QWidget, on: bool, refuge: QWidget) -> None:
    """Switches a button on or off; the keyboard does not leave the panel where it was on one that goes off."""
    if not on and button.hasFocus():
        refuge.setFocus(Qt.FocusReason.OtherFocusReason)
    button.setEnabled(on)


def cores() -> int:
    """How many this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
