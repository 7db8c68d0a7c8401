"""Formulas of every operation can be typeset, from plain text and from LaTeX."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from graphlab import ops
from graphlab.ui.formula import latex, typeset
from graphlab.ui.widgets.formula_view import FormulaPair, FormulaView

OPS = [op for family in ops.by_category().values() for op in family]


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_every_formula_is_typeset(op: type[ops.Op], qapp: QApplication) -> None:
    for text in filter(None, (op.formula, op.latex, op.derivative)):
        picture = typeset(text, "#ffffff", 16)
        assert picture is not None, text
        assert picture.defaultSize().width() > 10
        assert picture.defaultSize().height() < 80, "a bracket around a sum grows without end"


def test_latex_is_left_alone() -> None:
    assert latex(r"y = \tanh(x)") == r"y = \tanh(x)"


def test_plain_text_becomes_latex_with_upright_words() -> None:
    assert latex("y = max(x, 0) + a·b") == r"y = \max (x, 0) + a\cdot b"
    assert latex("softmax(x)") == r"\mathrm{softmax}(x)"
    assert latex("x_i²") == "x_{i}^{2}"


def test_an_impossible_formula_is_shown_as_text(qtbot) -> None:
    view = FormulaView()
    qtbot.addWidget(view)
    view.set_formula(r"\frac{")
    assert typeset(r"\frac{", "#ffffff", 18) is None
    assert not view.grab().isNull()


def test_an_empty_formula_takes_no_room(qtbot) -> None:
    view = FormulaView()
    qtbot.addWidget(view)
    assert view.sizeHint().height() == 0


def test_two_formulas_stand_below_each_other_where_the_room_is_narrow(qtbot) -> None:
    pair = FormulaPair()
    qtbot.addWidget(pair)
    pair.resize(600, 60)
    pair.set_formulas("y = tanh(x)", "y = 1 - x")
    pair.show()
    qtbot.waitUntil(lambda: pair.second.x() > pair.first.x())
    pair.resize(90, 90)
    qtbot.waitUntil(lambda: pair.second.y() > pair.first.y())
