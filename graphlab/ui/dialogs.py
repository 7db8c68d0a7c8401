"""The few windows of their own: the sheet of shortcuts, and what program this is."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from . import icons, settings
from .actions.action_set import shown
from .actions.registry import MENUS, Action, actions
from .theme import mono_font

MOST_KEYS = 3  # of an action; more are told as first … last


def _closable(dialog: QDialog, column: QVBoxLayout) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)


class ShortcutSheet(QDialog):
    """Every shortcut, by menu, generated from the actions."""

    def __init__(self, parent: QWidget, more: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        sheet = QHBoxLayout()
        sheet.setSpacing(32)
        by_menu = {menu: [a for a in actions() if a.menu == menu and a.shortcuts] for menu in MENUS}
        for menus in (
            ("File", "Edit", "View", "Help"),
            ("Graph", "Tools"),
            ("Run",),
        ):  # about as long as one another
            part = QVBoxLayout()
            part.setSpacing(6)
            for menu in menus:
                part.addLayout(self._section(menu, [_line(a) for a in by_menu[menu]]))
            if menus == ("Run",):
                part.addLayout(self._section("By hand", list(more)))
            part.addStretch(1)
            sheet.addLayout(part)
        column.addLayout(sheet)
        _closable(self, column)

    def _section(self, title: str, lines: list[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(3)
        head = QLabel(title.upper(), self)
        head.setProperty("role", "heading")
        head.setContentsMargins(0, 8, 0, 2)
        grid.addWidget(head, 0, 0, 1, 2)
        for row, (what, keys) in enumerate(lines, 1):
            grid.addWidget(QLabel(what, self), row, 0)
            label = QLabel(keys, self)
            label.setFont(mono_font(11))
            label.setProperty("role", "secondary")
            grid.addWidget(label, row, 1, Qt.AlignmentFlag.AlignRight)
        return grid


def _line(action: Action) -> tuple[str, str]:
    keys = [shown(text) for text in action.shortcuts]
    told = f"{keys[0]} … {keys[-1]}" if len(keys) > MOST_KEYS else "   ".join(keys[:2])
    return action.title.removesuffix(" …"), told


HANDS = (
    ("Add a node", "Tab, double-click"),
    ("Explain a row of a search", "F1"),
    ("Make a row a favourite", "*"),
    ("Draw a wire", "drag from a socket, W"),
    ("Move all wires of an output", "Ctrl+drag from it"),
    ("Insert into a wire", "drop on it"),
    ("Cut wires", "Ctrl+right-drag"),
    ("Lead a wire round", "double-click it"),
    ("Enter a group, go up", "double-click, Esc"),
    ("New port of a group", "drop a wire at the edge"),
    ("Explain a number on a node", "Ctrl+click it"),
    ("Plot what a node gives", "Ctrl+Shift+click"),
    ("Walk the graph", "arrows"),
    ("Along the wires", "Ctrl+arrows"),
    ("Walk onto a wire", "Shift+arrows"),
    ("Pan", "middle-drag, Space-drag"),
    ("Zoom", "wheel"),
    ("Select several", "drag, Shift+click"),
    ("Scrub the timeline", "drag, arrows, Home, End"),
    ("Fold a group there", "click its name, Space"),
    ("Back to the canvas", "Esc"),
)


class About(QDialog):
    """Version, licence, libraries, and where the program keeps its things."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About graphlab")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        head = QHBoxLayout()
        picture = QLabel(self)
        picture.setPixmap(icons.app_icon().pixmap(QSize(48, 48)))
        head.addWidget(picture)
        title = QLabel(f"graphlab {_version('graphlab')}", self)
        title.setProperty("role", "title")
        head.addWidget(title)
        head.addStretch(1)
        column.addLayout(head)
        libraries = ("PySide6-Essentials", "pyqtgraph", "numpy")
        facts = [
            "A playground for computation graphs. MIT licence.",
            f"Python {platform.python_version()} · " + " · ".join(f"{n} {_version(n)}" for n in libraries),
            f"Settings and log: {settings.folder()}",
        ]
        for fact in facts:
            label = QLabel(fact, self)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        _closable(self, column)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
