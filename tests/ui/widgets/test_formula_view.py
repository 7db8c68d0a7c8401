"""Two formulas side by side or one below the other, by the width alone."""

from typing import Any

from PySide6.QtWidgets import QBoxLayout

from graphlab.ui.widgets.formula_view import FormulaPair


def test_how_a_pair_stands_depends_on_its_width_alone(qtbot: Any) -> None:
    """Did it depend on how it stood before, both ways would give way to the other until the stack ends."""
    pair = FormulaPair()
    qtbot.addWidget(pair)
    pair.show()
    pair.set_formulas("y = max(x, 0)", "dy/dx = 1")
    needed = pair.first.sizeHint().width() + pair.second.sizeHint().width()
    for width in range(needed - 2, needed + 30):
        stands = set()
        for before in (needed - 100, needed + 200):
            pair.resize(before, 60)
            pair.resize(width, 60)
            pair.resize(width, 61)  # the layout settles
            stands.add(pair.layout().direction())
        assert len(stands) == 1, width
    assert stands == {QBoxLayout.Direction.LeftToRight}
