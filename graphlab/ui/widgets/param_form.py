"""A form made from the params of an operation. It knows neither graph nor session: its owner says how to commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...errors import ParamError
from ...ops import Param
from .fields import Field, labelled

Commit = Callable[[str, Any, bool], str]


class ParamForm(QWidget):
    """Fields for a set of params.

    `commit(name, value, stepped)` makes the edit and gives back "" or what is wrong with it, which then stands below
    the field. `stepped` is True for steps of a number, so that several in a row can be one undo entry.
    """

    def __init__(self, commit: Commit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commit = commit
        self._shown: tuple[str, tuple[Param, ...]] = ("", ())
        self._fields: dict[str, Field] = {}
        self._rows = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._rows)

    def show_params(self, op: str, params: Mapping[str, Param], values: Mapping[str, Any]) -> None:
        """Show these params of the op named `op`. The fields stay when they are the same ones as before.

        A value may be `fields.MIXED`. What a person is typing at the moment is not overwritten.
        """
        params = {name: param for name, param in params.items() if param.shown}
        wanted = (op, tuple(params.values()))
        if wanted != self._shown:
            self._shown = wanted
            self._rebuild(op, params)
        for name, field in self._fields.items():
            if not field.is_being_edited() and (field.error() == "" or values[name] != field.value()):
                field.set_value(values[name])

    def field(self, name: str) -> Field:
        """The field of a param."""
        return self._fields[name]

    def names(self) -> list[str]:
        """The params shown, from top to bottom."""
        return list(self._fields)

    def _rebuild(self, op: str, params: Mapping[str, Param]) -> None:
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._fields = {}
        for name, param in params.items():
            field = Field(param, op)
            field.entered.connect(lambda value, stepped, n=name: self._enter(n, value, stepped))
            column.addLayout(labelled(_label(param), field))
            self._fields[name] = field
        self.layout().replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows

    def _enter(self, name: str, value: Any, stepped: bool) -> None:
        field = self._fields[name]
        try:
            checked = field.param.check(value, self._shown[0])
        except ParamError as error:
            field.set_error(error.hint or error.message)
            return
        problem = self._commit(name, checked, stepped)
        if problem:
            field.set_error(problem)
        else:
            field.set_value(checked)


def _label(param: Param) -> QLabel:
    words = param.name.replace("_", " ") + (f" ({param.symbol})" if param.symbol else "")
    label = QLabel(words)
    label.setProperty("role", "secondary")
    label.setToolTip(f"{param.help}\n{param.range_text().capitalize()}.".strip())
    label.setMinimumHeight(28)
    label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
    label.setWordWrap(True)
    return label
