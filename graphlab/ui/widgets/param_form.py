"""A form made from the params of an operation. It knows neither graph nor session: its owner says how to commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ...errors import ParamError
from ...ops import Param
from ..icons import icon
from .fields import Field, labelled
from .search_mark import SearchRow

Commit = Callable[[str, Any, bool], str]


class Sign(NamedTuple):
    """A small button beside a field: its drawing, what it is for, and whether it is pressed in."""

    icon: str
    tip: str
    on: bool = False


class ParamForm(QWidget):
    """Fields for a set of params. `marked` tells of a click on the sign beside one.

    What can be searched has a mark: `search_asked` tells that its space is to be edited, `unsearched` that it is to be
    searched no longer.

    `commit(name, value, stepped)` makes the edit and gives back "" or what is wrong with it, which then stands below
    the field. `stepped` is True for steps of a number, so that several in a row can be one undo entry.
    """

    marked = Signal(str)  # name of the param
    search_asked = Signal(str, object)  # name of the param, the widget beside which to ask
    unsearched = Signal(str)

    def __init__(self, commit: Commit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commit = commit
        self._shown: tuple[str, tuple[Param, ...], tuple[str, ...], tuple[str, ...]] = ("", (), (), ())
        self._fields: dict[str, Field] = {}
        self._signs: dict[str, QToolButton] = {}
        self._searches: dict[str, SearchRow] = {}
        self._rows = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._rows)

    def show_params(
        self,
        op: str,
        params: Mapping[str, Param],
        values: Mapping[str, Any],
        signs: Mapping[str, Sign] | None = None,
        searches: Mapping[str, str] | None = None,
    ) -> None:
        """Show these params of the op named `op`. The fields stay when they are the same ones as before.

        A value may be `fields.MIXED`. What a person is typing at the moment is not overwritten. `signs` are buttons
        beside the fields, by the param's name. `searches`: what can be searched, each with the text of its space, ""
        where it is not searched.
        """
        params = {name: param for name, param in params.items() if param.shown}
        signs = {name: sign for name, sign in (signs or {}).items() if name in params}
        searches = {name: text for name, text in (searches or {}).items() if name in params}
        wanted = (op, tuple(params.values()), tuple(signs), tuple(searches))
        if wanted != self._shown:
            self._shown = wanted
            self._rebuild(op, params, signs, searches)
        for name, text in searches.items():
            self._searches[name].set_space(text)
        for name, sign in signs.items():
            self._signs[name].setChecked(sign.on)
            self._signs[name].setToolTip(sign.tip)
        for name, field in self._fields.items():
            if not field.is_being_edited() and (field.error() == "" or values[name] != field.value()):
                field.set_value(values[name])

    def finish(self) -> None:
        """What is being typed counts, for what the form is about until now."""
        for field in list(self._fields.values()):
            if field.is_being_edited():
                field.editor.clearFocus()
                field.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def field(self, name: str) -> Field:
        """The field of a param."""
        return self._fields[name]

    def sign(self, name: str) -> QToolButton:
        """The button beside a field; KeyError when there is none."""
        return self._signs[name]

    def search_row(self, name: str) -> SearchRow:
        """The row of a param that can be searched; KeyError when it cannot."""
        return self._searches[name]

    def names(self) -> list[str]:
        """The params shown, from top to bottom."""
        return list(self._fields)

    def _rebuild(
        self, op: str, params: Mapping[str, Param], signs: Mapping[str, Sign], searches: Mapping[str, str]
    ) -> None:
        before = next((n for n, f in self._fields.items() if f.editor.hasFocus()), "")
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._fields, self._signs, self._searches = {}, {}, {}
        for name, param in params.items():
            field = Field(param, op)
            field.entered.connect(lambda value, stepped, n=name, f=field: self._enter(n, f, value, stepped))
            row = labelled(_label(param), field)
            if name in signs:
                row.addWidget(self._make_sign(name, signs[name]), 0, Qt.AlignmentFlag.AlignTop)
            if name in searches:
                column.addWidget(self._make_search(name, param.name, row))
            else:
                column.addLayout(row)
            self._fields[name] = field
        self.layout().replaceWidget(self._rows, rows)
        rows.show()
        if before in self._fields:  # a choice that changes the form does not throw whoever made it out of it
            self._fields[before].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows

    def _make_sign(self, name: str, sign: Sign) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(sign.icon))
        button.setIconSize(QSize(14, 14))
        button.setCheckable(True)
        button.setAccessibleName(f"{sign.tip.partition('.')[0]}: {name}")
        button.clicked.connect(lambda: self.marked.emit(name))
        self._signs[name] = button
        return button

    def _make_search(self, name: str, words: str, row: QHBoxLayout) -> SearchRow:
        found = self._searches[name] = SearchRow(words, row)
        found.asked.connect(lambda: self.search_asked.emit(name, found.mark))
        found.forgotten.connect(lambda: self.unsearched.emit(name))
        return found

    def _enter(self, name: str, field: Field, value: Any, stepped: bool) -> None:
        if self._fields.get(name) is not field:  # it was taken away while somebody was typing in it
            return
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
