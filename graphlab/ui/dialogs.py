"""The few windows of their own: the sheet of shortcuts, the page of an operation, and what program this is."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from html import escape
from importlib import metadata

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ..ops import Op, get
from . import icons, settings
from .actions.action_set import shown
from .actions.registry import MENUS, Action, actions
from .theme import mono_font, theme


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
        left, right = ("File", "Edit", "View"), ("Graph", "Run", "Tools", "Help")
        for menus in (left, right):
            part = QVBoxLayout()
            part.setSpacing(6)
            for menu in menus:
                part.addLayout(self._section(menu, [_line(a) for a in by_menu[menu]]))
            part.addStretch(1)
            sheet.addLayout(part)
        hands = QVBoxLayout()
        hands.addLayout(self._section("On the canvas", list(more)))
        hands.addStretch(1)
        sheet.addLayout(hands)
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
    return action.title.removesuffix(" …"), "   ".join(shown(keys) for keys in action.shortcuts[:2])


HANDS = (
    ("Add a node", "Tab, double-click"),
    ("Draw a wire", "drag from a socket"),
    ("Move all wires of an output", "Ctrl+drag from it"),
    ("Insert into a wire", "drop on it"),
    ("Cut wires", "Ctrl+right-drag"),
    ("Lead a wire round", "double-click it"),
    ("Enter a group, go up", "double-click, Esc"),
    ("New port of a group", "drop a wire at the edge"),
    ("Explain a number on a node", "Ctrl+click it"),
    ("Plot what a node gives", "Ctrl+Shift+click"),
    ("Walk the graph", "arrows"),
    ("Pan", "middle-drag, Space-drag"),
    ("Zoom", "wheel"),
    ("Select several", "drag, Shift+click"),
)


class OpPage(QDialog):
    """What an operation does, its sockets and its params, from its class."""

    def __init__(self, op: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(op)
        self.resize(460, 420)
        column = QVBoxLayout(self)
        page = QTextBrowser(self)
        page.setHtml(op_page(get(op)))
        column.addWidget(page)
        _closable(self, column)


def op_page(op: type[Op]) -> str:
    """The help page of an operation as HTML."""
    now = theme()
    rows = "".join(
        f"<tr><td><b>{escape(name)}</b></td><td style='color:{now.secondary.name()}'>"
        f"&nbsp; {escape(str(param.default))}</td><td>&nbsp; {escape(param.help or param.range_text())}</td></tr>"
        for name, param in op.params_of.items()
        if param.shown
    )
    words = "".join(f"<p>{escape(part)}</p>" for part in op.help().split("\n\n"))
    sockets = ", ".join(s.name + (" (learnable)" if s.learnable else "") for s in op.inputs) or "none"
    return (
        f"<h2>{op.__name__}</h2><p style='color:{now.family(op.category).name()}'>{escape(op.category)}</p>"
        f"<p style='font-size:15px'><i>{escape(op.formula)}</i></p>{words}"
        f"<p>Inputs: {escape(sockets)}<br>Outputs: {escape(', '.join(op.outputs) or 'none')}</p>"
        + (f"<h4>Params</h4><table>{rows}</table>" if rows else "")
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
