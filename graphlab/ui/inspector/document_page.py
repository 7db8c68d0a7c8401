"""The inspector's page for the document as a whole: what is in it, its faults, how it is trained."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from ...engine import SCHEDULES, Schedule
from ...engine.inference import Inference
from ...engine.optimizers import OPTIMIZERS, settings_of
from ...errors import GraphlabError
from ...graph import Document, Training
from ...graph.document import ORDERS, RANGES, STOP_ON, STOPPING, SWITCHES
from ...ops import Param, get, known
from .. import numbers, searching
from ..knobs import warning_of
from ..session import Session
from ..theme import mono_font
from ..widgets.param_form import ParamForm
from .parts import Problems, column, heading, quiet
from .structure_part import RowsPart

AUTOMATIC = "automatic"
_HELP = {
    "optimizer": "How weights follow the gradient.",
    "lr": "How far each update goes; the arrows go 1, 2, 5, 10.",
    "momentum": "How much of the last update is carried on.",
    "nesterov": "Look ahead to where the momentum leads.",
    "beta1": "Memory of the mean gradient.",
    "beta2": "Memory of the squared gradient.",
    "amsgrad": "Divide by the largest squared gradient so far.",
    "alpha": "Memory of the squared gradient.",
    "centered": "Divide by the gradient's variance, not by its mean square.",
    "rho": "Memory of the squared gradient and of the squared updates.",
    "weight_decay": "How strongly weights are pulled to zero.",
    "clip_value": "No element of the gradient counts as larger than this; 0 for no bound.",
    "clip_norm": "A gradient longer than this is made shorter, its direction kept; 0 for no bound.",
    "schedule": "How the learning rate changes while training.",
    "step_size": "Epochs after which the learning rate falls.",
    "gamma": "What the learning rate is multiplied by.",
    "pct_start": "Share of the steps in which the learning rate rises.",
    "factor": "What the learning rate is multiplied by when the loss no longer falls.",
    "patience": "Epochs without a smaller loss that are put up with.",
    "min_lr": "The learning rate does not fall below this.",
    "warmup": "Steps in which the learning rate rises to its value; 0 for none.",
    "batch_size": "Examples for each update.",
    "epochs": "How often all examples are gone through.",
    "seed": "Start values, order of batches and dropout follow from it.",
    "shuffle": "Take the rows in another order in each epoch, rather than as they lie in the data set.",
    "validation": "Share of the examples kept apart to measure on while training.",
    "test": "Share of the examples kept apart until the end.",
    "stratified": "Keep the classes in proportion in every part of the data.",
    "stop_patience": "Epochs without improvement after which training ends; 0: never.",
    "stop_on": "What has to improve, on held-out rows where there are any. The metric is the goal's, such as accuracy.",
    "min_delta": "Less than this is no improvement.",
    "stop_loss": "Training ends when the loss of an epoch is below this; 0: never.",
    "stop_seconds": "Training ends after so many seconds; 0: never.",
    "keep_best": "At the end, go back to the weights of the best epoch.",
    "save_best": "Save each epoch that is the best until then beside the document, as NAME.best.graphlab.",
    "order": "In which nodes that do not wait for one another are computed. The numbers are the same.",
}
_WORDS = {
    "lr": "learning rate",
    "beta1": "β₁",
    "beta2": "β₂",
    "alpha": "α",
    "rho": "ρ",
    "gamma": "γ",
    "clip_value": "clip value",
    "clip_norm": "clip norm",
    "pct_start": "rising share",
    "min_lr": "least rate",
    "warmup": "warm-up steps",
    "validation": "validation share",
    "test": "test share",
    "order": "order of nodes",
    "stop_patience": "stop after epochs",
    "stop_on": "watch the",
    "min_delta": "least gain",
    "stop_loss": "stop below loss",
    "stop_seconds": "stop after seconds",
    "keep_best": "return to best",
    "save_best": "save the best",
}
_NO_LIMIT = 1e6
_CHOICES = {"optimizer": tuple(OPTIMIZERS), "schedule": tuple(SCHEDULES), "order": ORDERS, "stop_on": STOP_ON}
_LOG = ("lr", "weight_decay", "min_lr")
_OF_DATA = (
    "shuffle",
    "validation",
    "test",
    "stratified",
)  # without data of its own, a graph has nothing to divide


def settings(optimizer: str, schedule: str) -> dict[str, Param]:
    """The training settings that a form shows for this optimizer and schedule, with their ranges."""
    if (optimizer, schedule) not in _forms:
        _forms[optimizer, schedule] = _settings(optimizer, schedule)
    return _forms[optimizer, schedule]


_forms: dict[tuple[str, str], dict[str, Param]] = {}


def _settings(optimizer: str, schedule: str) -> dict[str, Param]:
    heeded = {*settings_of(optimizer), *SCHEDULES.get(schedule, Schedule).heeds}
    of_some = {name for kind in OPTIMIZERS for name in settings_of(kind)}
    of_some |= {name for kind in SCHEDULES.values() for name in kind.heeds}
    params: dict[str, Param] = {}
    for name in Training.__dataclass_fields__:
        if name in heeded or name not in of_some | {"goal", "extra", *STOPPING}:
            params[name] = _named_param(name)
    return params


def stopping(training: Training) -> dict[str, Param]:
    """The settings that say when training ends; what counts as better, only where that matters."""
    if not _stopping:
        _stopping.update({name: _named_param(name) for name in STOPPING})
    matters = training.stop_patience or training.keep_best or training.save_best
    return {n: param for n, param in _stopping.items() if matters or n not in ("stop_on", "min_delta")}


_stopping: dict[str, Param] = {}


def _named_param(name: str) -> Param:
    param = _param(name)
    param.name = _WORDS.get(name, name)
    return param


def _param(name: str) -> Param:
    words = _HELP.get(name, "")
    if name in _CHOICES:
        return Param(getattr(Training(), name), choices=_CHOICES[name], help=words)
    if name in SWITCHES:
        return Param(bool(getattr(Training(), name)), help=words)
    kind, low, high, low_open = RANGES[name]
    most = high if high < _NO_LIMIT else None  # "from 0 to 1e+06" helps nobody
    start = getattr(Training(), name) if name in STOPPING else 1 if kind is int else 0.1
    return Param(start, low=low, high=most, low_open=low_open, log=name in _LOG, help=words)


class DocumentPage(QWidget):
    """Counts, goal and faults of the session's document, and its training settings as a form."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._goal: tuple[tuple[str, ...], Param] = ((), Param(AUTOMATIC, choices=(AUTOMATIC,)))
        self.title, self.counts = QLabel(), quiet(mono=True)
        self.title.setProperty("role", "title")
        self.counts.setFont(mono_font(11))
        self.problems = Problems(session.remedies)
        self.goal_form = ParamForm(self._commit_goal)
        self.form, self.stop_form = ParamForm(self._commit), ParamForm(self._commit)
        for form in (self.form, self.stop_form):
            form.search_asked.connect(lambda name, at: searching.ask(session, at, [("", name)]))
            form.unsearched.connect(lambda name: session.attempt(searching.forget, session, [("", name)]))
        self.rows = RowsPart(session)
        self.warning = QLabel()
        self.warning.setProperty("role", "warning")
        self.warning.setWordWrap(True)
        outer = column(self, spacing=10)
        for widget in (self.title, self.counts, self.problems):
            outer.addWidget(widget)
        outer.addSpacing(4)
        outer.addWidget(heading("Training"))
        fields = column(spacing=6)
        fields.addWidget(self.goal_form)
        fields.addWidget(self.form)
        fields.addWidget(self.rows)
        fields.addWidget(self.warning)
        outer.addLayout(fields)
        outer.addWidget(heading("When to stop"))
        outer.addWidget(self.stop_form)
        outer.addStretch(1)

    def show_document(self) -> None:
        """Show the document as it is now."""
        document, inference = self._session.whole, self._session.seen.whole
        path = self._session.path
        self.title.setText(path.stem if path else document.name)
        self.counts.setText(summary(document, inference))
        self.problems.set_problems(inference.problems, with_name=True)
        training = document.training
        params = settings(training.optimizer, training.schedule)
        if not has_data(document):
            params = {name: param for name, param in params.items() if name not in _OF_DATA}
        values = {name: getattr(training, name) for name in params}
        self.form.show_params("Training", params, values, searches=searching.told(self._session, "", params))
        self.warning.setText(warning_of(training, self._session.loaded))
        self.warning.setVisible(bool(self.warning.text()))
        ends = stopping(training)
        values = {name: getattr(training, name) for name in ends}
        self.stop_form.show_params("Stopping", ends, values, searches=searching.told(self._session, "", ends))
        self.rows.show_rows(has_data(document))
        self._show_goal(document, inference)

    def _show_goal(self, document: Document, inference: Inference) -> None:
        numbers = set(inference.scalars)
        names = tuple(document.nodes[i].name for i in filter(numbers.__contains__, document.nodes))
        chosen = (
            document.nodes[document.training.goal].name
            if document.training.goal in document.nodes
            else AUTOMATIC
        )
        names = tuple(dict.fromkeys((*names, chosen))) if chosen != AUTOMATIC else names
        if names != self._goal[0] or not self._goal[1].name:
            param = Param(
                AUTOMATIC, choices=(AUTOMATIC, *names), help="The number that training makes small."
            )
            param.name = "goal"
            self._goal = (names, param)
        self.goal_form.show_params("Training", {"goal": self._goal[1]}, {"goal": chosen})

    def _commit_goal(self, name: str, value: Any, stepped: bool) -> str:
        return self._configure("", goal="" if value == AUTOMATIC else value)

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        return self._configure(f"step training.{name}" if stepped else "", **{name: value})

    def _configure(self, key: str, **setting: Any) -> str:
        try:
            self._session.root.configure(key, **setting)
        except GraphlabError as error:
            return str(error)
        return ""


def has_data(document: Document) -> bool:
    """Whether a node brings a data set."""
    kinds = {node.op for node in document.nodes.values()}
    return any(known(op) and get(op).brings for op in kinds)


def summary(document: Document, inference: Inference) -> str:
    """ "11 nodes · 12 wires · 22 parameters", and what training makes small."""
    parts = [
        numbers.count(len(document.nodes), "node"),
        numbers.count(len(document.edges), "wire"),
        numbers.count(inference.total_parameters, "parameter"),
    ]
    goal = document.nodes.get(inference.goal)
    found = f"\ngoal {goal.name}" if goal else "\nno goal yet: add a loss" if document.nodes else ""
    return " · ".join(parts) + found
