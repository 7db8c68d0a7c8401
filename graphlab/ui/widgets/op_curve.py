"""The curve of an operation with fields for its params: every change moves the curve, computed by the operation."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ...engine.curve import Subject, curve, natural_span, subject
from ...errors import GraphlabError
from ...ops import Op, Param
from .curve_plot import CurvePlot
from .param_form import ParamForm

_KINDS = ("float", "int", "bool", "choice")
_FROM, _TO, _TARGET = "from", "to", "target"
_OWN = (_FROM, _TO, _TARGET)  # params of the picture, not of the operation


class OpCurve(QWidget):
    """One operation over a span of its input; of a loss, over a prediction."""

    @classmethod
    def of(cls, op: type[Op]) -> OpCurve | None:
        """None for an operation that has no curve."""
        try:
            made = op()
            drawn = subject(made)
        except GraphlabError:
            return None
        return None if drawn is None else cls(made, drawn)

    def __init__(self, op: Op, drawn: Subject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._op, self._drawn = op, drawn
        low, high = natural_span(op, drawn)
        self._values: dict[str, Any] = {_FROM: low, _TO: high, _TARGET: 1.0}
        self.plot = CurvePlot(self)
        self.form, self.span = ParamForm(self._commit, self), ParamForm(self._commit, self)
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 6, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self.plot)
        forms = QHBoxLayout()
        forms.setSpacing(20)
        for form in (self.form, self.span):
            forms.addWidget(form, 1, Qt.AlignmentFlag.AlignTop)
        rows.addLayout(forms)

    def _of_the_op(self) -> dict[str, Param]:
        """Its params that are a number, a switch or a choice."""
        return {
            name: param
            for name, param in type(self._op).params_of.items()
            if param.shown
            and param.kind in _KINDS
            and name not in (self._op.grows, self._drawn.variable, *_OWN)
            and not (self._drawn.is_loss and param.kind == "choice")  # how losses of several are joined
        }

    def _of_the_picture(self) -> dict[str, Param]:
        words = {
            _TARGET: "What the prediction is compared with.",
            _FROM: "Where the picture begins.",
            _TO: "Where it ends.",
        }
        found = {name: Param(self._values[name], low=-1e6, high=1e6, help=words[name]) for name in words}
        for name, param in found.items():
            param.name = name
        return found

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        """Another value of a param; what is wrong with it stands below its field."""
        values, op = dict(self._values), self._op
        if name in _OWN:
            values[name] = float(value)
            if not values[_FROM] < values[_TO] or not math.isfinite(values[_TO] - values[_FROM]):
                return "It must begin before it ends."
        else:
            try:
                op = type(op)(**{**op.params, name: value})
            except GraphlabError as error:
                return str(error)
        try:
            self._draw(op, values)
        except (GraphlabError, ValueError, TypeError) as error:
            return str(error)
        self._op, self._values = op, values
        return ""

    def _draw(self, op: Op, values: dict[str, Any]) -> None:
        span = values[_FROM], values[_TO]
        self.plot.set_curve(curve(op, self._drawn, span, values[_TARGET]), self._names())

    def _names(self) -> tuple[str, str, str]:
        if self._drawn.is_loss:
            axis = "score of the right class" if self._drawn.is_class else self._drawn.variable
            return axis, "loss", "slope"
        name = self._drawn.variable
        return name, f"f({name})", f"f′({name})"

    def _show(self) -> None:
        self._draw(self._op, self._values)
        values, name = {**self._op.params, **self._values}, type(self._op).__name__
        own, picture = self._of_the_op(), self._of_the_picture()
        target = picture.pop(_TARGET)
        if self._drawn.has_target:
            own = {_TARGET: target, **own}
        self.form.show_params(name, own, values)
        self.form.setVisible(bool(own))
        self.span.show_params(name, picture, values)
