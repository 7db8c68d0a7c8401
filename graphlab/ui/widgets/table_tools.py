"""What stands in the title of a panel with a table: the line that filters it, the button for its columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QToolButton

from .fields import TextBox


def dress_filter(filter: TextBox, narrowest: int, widest: int) -> None:
    """As high as a title has room for, so many pixels wide, and to be cleared with a click."""
    filter.setClearButtonEnabled(True)
    filter.setFixedHeight(22)
    filter.setMinimumWidth(narrowest)
    filter.setMaximumWidth(widest)
    filter.setStyleSheet("min-height: 16px; padding: 0 6px; font-size: 11px;")


def columns_button(fill: Callable[[QMenu], object]) -> QToolButton:
    """A button whose menu is filled each time that it opens."""
    columns = QToolButton()
    columns.setText("Columns")
    columns.setToolTip("Which columns the table has")
    columns.setFixedHeight(20)
    columns.setStyleSheet("font-size: 11px; padding: 0 6px; font-weight: normal;")
    columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(columns)
    menu.aboutToShow.connect(partial(fill, menu))
    columns.setMenu(menu)
    return columns
