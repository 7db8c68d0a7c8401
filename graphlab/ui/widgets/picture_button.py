"""A flat button with a picture and a tip, whose beginning is its name for screen readers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSpinBox, QToolButton

from ..icons import icon

IN_TITLE = 14  # pixels of the picture, where it stands in the title of a dock


def picture_button(picture: str, tip: str, run: Callable[[], object], side: int = 0) -> QToolButton:
    """`tip` may end with its key in brackets, or with an ellipsis, which the name leaves out.

    side: pixels of the picture; 0 for as many as the style has.
    """
    made = QToolButton()
    made.setIcon(icon(picture))
    if side:
        made.setIconSize(QSize(side, side))
    made.setToolTip(tip)
    made.setAccessibleName(tip.partition(" (")[0].removesuffix(" …"))
    made.setAutoRaise(True)
    made.clicked.connect(lambda: run())
    return made


def step_buttons(field: QSpinBox) -> tuple[QToolButton, QToolButton]:
    """To the row before and to the next, for a field in which rows are counted."""
    before = picture_button(
        "chevron-left", "The row before (Page Up)", lambda: field.setValue(field.value() - 1)
    )
    after = picture_button(
        "chevron-right", "The next row (Page Down)", lambda: field.setValue(field.value() + 1)
    )
    return before, after
