"""Formulas typeset one at a time, later."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject

from graphlab.ui.widgets import typesetter as module
from graphlab.ui.widgets.typesetter import Typesetter

PATIENCE = 20_000


def test_a_formula_comes_later_and_stays(qtbot: Any) -> None:
    parent = QObject()
    setter = Typesetter(parent, 16)
    assert setter.picture("y = x^2", "#102030", 40, 1.0) is None
    with qtbot.waitSignal(setter.ready, timeout=PATIENCE):
        pass
    picture = setter.picture("y = x^2", "#102030", 40, 1.0)
    assert picture is not None
    assert setter.picture("y = x^2", "#102030", 40, 1.0) is picture
    qtbot.waitUntil(lambda: setter.is_idle, timeout=PATIENCE)


def test_it_is_drawn_in_the_colour_asked_for_and_no_higher_than_the_room(qtbot: Any) -> None:
    parent = QObject()
    setter = Typesetter(parent, 30)
    formula = r"\frac{a}{b}"
    setter.picture(formula, "#ff0000", 20, 1.0)
    qtbot.waitUntil(lambda: setter.picture(formula, "#ff0000", 20, 1.0) is not None, timeout=PATIENCE)
    image = setter.picture(formula, "#ff0000", 20, 1.0).toImage()
    assert image.height() <= 22
    inked = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    assert {(c.red() > 200, c.green(), c.blue()) for c in inked if c.alpha() > 200} == {(True, 0, 0)}
    double = setter.picture(formula, "#ff0000", 20, 2.0)
    assert double.width() > 1.8 * image.width() - 3


@pytest.mark.parametrize("fault", [None, RuntimeError("no")])
def test_what_cannot_be_typeset_ends_nothing(qtbot: Any, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    parent = QObject()
    setter = Typesetter(parent, 16)
    if fault is not None:
        real = module.drawing

        def drawing(latex: str, size: int) -> str:
            if latex == "bad":
                raise fault
            return real(latex, size)

        monkeypatch.setattr(module, "drawing", drawing)
    bad = "bad" if fault else r"\frac{"
    setter.picture(bad, "#000000", 40, 1.0)
    qtbot.waitUntil(lambda: setter.is_idle, timeout=PATIENCE)
    assert setter.picture(bad, "#000000", 40, 1.0) is None
    setter.picture("x", "#000000", 40, 1.0)
    qtbot.waitUntil(lambda: setter.picture("x", "#000000", 40, 1.0) is not None, timeout=PATIENCE)
