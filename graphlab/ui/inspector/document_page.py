"""The inspector's page for the document as a whole: what is in it, its faults, how it is trained."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from ...engine.inference import Inference
from ...errors import GraphlabError
from ...graph import Document
from ...graph.document import RANGES
from ...ops import Param
from .. import numbers
from ..session import Session
from ..theme import mono_font
from ..widgets.param_form import ParamForm
from .parts import Problems, column, heading, quiet

AUTOMATIC = "automatic"
_HELP = {
    "lr": "How far each update goes; the arrows go 1, 2, 5, 10.",
    "momentum": "How much of the last update is carried on (SGD).",
    "beta1": "Memory of the mean gradient (Adam).",
    "beta2": "Memory of the squared gradient (Adam).",
    "weight_decay": "How strongly weights are pulled to zero.",
    "batch_size": "Examples for each update.",
    "epochs": "How often all examples are gone through.",
    "seed": "Start values, order of batches and dropout follow from it.",
    "validation": "Share of the examples kept apart to measure on while training.",
    "test": "Share of the examples kept apart until the end.",
}
_WORDS = {
    "lr": "learning rate",
    "beta1": "β₁",
    "beta2": "β₂",
    "validation": "validation share",
    "test": "test share",
}
_NO_LIMIT = 1e6
_OF_DATA = ("validation", "test")  # without data of its own, a graph has nothing to keep apart
_NOT_FOR = {"SGD": ("beta1", "beta2"), "Adam": ("momentum",)}


def settings(optimizer: str) -> dict[str, Param]:
    """The training settings that a form shows for this optimizer, with their ranges."""
    if optimizer not in _forms:
        _forms[optimizer] = _settings(optimizer)
    return _forms[optimizer]


_forms: dict[str, dict[str, Param]] = {}


def _settings(optimizer: str) -> dict[str, Param]:
    params = {"optimizer": Param("Adam", choices=("SGD", "Adam"), help="How weights follow the gradient.")}
    for name, (kind, low, high, low_open) in RANGES.items():
        if name not in _NOT_FOR.get(optimizer, ()):
            start, log = (1, False) if kind is int else (0.1, name in ("lr", "weight_decay"))
            most = high if high < _NO_LIMIT else None  # "from 0 to 1e+06" helps nobody
            params[name] = Param(
                start, low=low, high=most, low_open=low_open, log=log, help=_HELP.get(name, "")
            )
    for name, param in params.items():
        param.name = _WORDS.get(name, name)
    return params


class DocumentPage(QWidget):
    """Counts, goal and faults of the session's document, and its training settings as a form."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._goal: tuple[tuple[str, ...], Param] = ((), Param(AUTOMATIC, choices=(AUTOMATIC,)))
        self.title, self.counts = QLabel(), quiet(mono=True)
        self.title.setProperty("role", "title")
        self.counts.setFont(mono_font(11))
        self.problems = Problems()
        self.goal_form = ParamForm(self._commit_goal)
        self.form = ParamForm(self._commit)
        outer = column(self, spacing=10)
        for widget in (self.title, self.counts, self.problems):
            outer.addWidget(widget)
        outer.addSpacing(4)
        outer.addWidget(heading("Training"))
        fields = column(spacing=6)
        fields.addWidget(self.goal_form)
        fields.addWidget(self.form)
        outer.addLayout(fields)
        outer.addStretch(1)

    def show_document(self) -> None:
        """Show the document as it is now."""
        document, inference = self._session.document, self._session.inference
        path = self._session.path
        self.title.setText(path.stem if path else document.name)
        self.counts.setText(summary(document, inference))
        self.problems.set_problems(inference.problems, with_name=True)
        training = document.training
        params = settings(training.optimizer)
        if not has_data(document):
            params = {name: param for name, param in params.items() if name not in _OF_DATA}
        self.form.show_params("Training", params, {name: getattr(training, name) for name in params})
        self._show_goal(document, inference)

    def _show_goal(self, document: Document, inference: Inference) -> None:
        names = tuple(document.nodes[i].name for i in document.nodes if _is_number(inference, i))
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
            self._session.graph.configure(key, **setting)
        except GraphlabError as error:
            return str(error)
        return ""


def has_data(document: Document) -> bool:
    """Whether a node brings a data set."""
    known = (node.make() for node in document.nodes.values() if node.is_known)
    return any(op.source and "dataset" in op.params for op in known)


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


def _is_number(inference: Inference, id: str) -> bool:
    flat = inference.nodes.get(id)
    if flat is None or flat.op is None or not flat.op.results():
        return False
    spec = inference.specs.get((id, flat.op.results()[0]))
    return spec is not None and spec.shape == () and spec.kind == "float"
